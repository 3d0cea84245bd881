#include "runner/profile/maps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(profile_maps, code_is_called_by_the_last_part_of_its_path)
{
    static const char text[] =
        "00400000-004a0000 r-xp 00000000 fd:01 10957281                           /opt/demo/program\n"
        "004a0000-004b0000 r--p 000a0000 fd:01 10957281                           /opt/demo/program\n"
        "7f0000000000-7f0000001000 r-xp 00000000 00:00 0 \n"
        "7f0000001000-7f0000002000 rwxp 00000000 00:01 2049                       /memfd:code (deleted)\n"
        "7f0000002000-7f0000003000 r-xp 00000000 08:01 7                          /usr/lib/a b/libc.so.6\n"
        "7fff00000000-7fff00002000 r-xp 00000000 00:00 0                          [vdso]\n"
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";
    struct maps maps;
    cr_assert_eq(maps_parse(text, &maps), 0);
    cr_expect_eq(maps.count, 6, "what cannot run is left out");
    cr_expect_str_eq(maps_name_at(&maps, 0x400000), "[program]");
    cr_expect_null(maps_name_at(&maps, 0x4a0000));
    cr_expect_str_eq(maps_name_at(&maps, 0x7f0000000fff), "[anonymous]");
    cr_expect_str_eq(maps_name_at(&maps, 0x7f0000001000), "[memfd:code]");
    cr_expect_str_eq(maps_name_at(&maps, 0x7f0000002008), "[libc.so.6]");
    cr_expect_str_eq(maps_name_at(&maps, 0x7fff00001000), "[vdso]");
    cr_expect_str_eq(maps_name_at(&maps, 0xffffffffff600400), "[vsyscall]");
    cr_expect_null(maps_name_at(&maps, 0));
    maps_free(&maps);
}

Test(profile_maps, a_long_name_is_cut_and_stays_in_its_brackets)
{
    char text[400] = "00400000-004a0000 r-xp 00000000 fd:01 1 /";
    size_t used = strlen(text);
    memset(text + used, 'x', 200);
    strcpy(text + used + 200, "\n");
    struct maps maps;
    cr_assert_eq(maps_parse(text, &maps), 0);
    const char *name = maps_name_at(&maps, 0x400000);
    cr_assert_not_null(name);
    cr_expect_eq(strlen(name), sizeof maps.items[0].name - 1);
    cr_expect_eq(name[strlen(name) - 1], ']');
    maps_free(&maps);
}

Test(profile_maps, what_is_no_line_of_it_is_left_out)
{
    static const char *const texts[] = {
        "", "\n\n", "nonsense\n", "1-2 r-x", "1-2 r-xp 0 0:0 0", "- r-xp 0 0 0 /x\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct maps maps;
        cr_assert_eq(maps_parse(texts[i], &maps), 0);
        cr_expect_leq(maps.count, 1, "%s", texts[i]);
        maps_free(&maps);
    }
}
