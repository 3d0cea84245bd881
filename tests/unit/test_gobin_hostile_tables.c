/* Executables that lie about their functions; as test_gobin_hostile.c. */
#include <criterion/criterion.h>
#include <elf.h>
#include <string.h>

#include "runner/gobin/gobin.h"
#include "runner/gobin/image.h"
#include "runner/gobin/pclntab.h"
#include "runner/support/fd.h"
#include "tests/unit/elf_maker.h"

static int make_symbols(const Elf64_Sym *symbols, size_t count, const char *names, size_t names_size)
{
    const struct made_section sections[] = {
        {".symtab", SHT_SYMTAB, 0, symbols, count * sizeof *symbols, 2, 0, 0},
        {".strtab", SHT_STRTAB, 0, names, names_size, 0, 0, 0},
    };
    return elf_make(sections, 2);
}

Test(gobin_hostile, names_and_sizes_of_symbols_stay_within_their_tables)
{
    const Elf64_Sym symbols[] = {
        {.st_info = STT_FUNC, .st_shndx = 1, .st_name = UINT32_MAX, .st_value = 1, .st_size = 1},
        {.st_info = STT_FUNC, .st_shndx = 1, .st_name = 4, .st_value = 2, .st_size = UINT64_MAX},
        {.st_info = STT_FUNC, .st_shndx = 1, .st_name = 1, .st_value = UINT64_MAX - 1, .st_size = 100},
        {.st_info = STT_OBJECT, .st_shndx = 1, .st_name = 1, .st_value = 8, .st_size = UINT64_MAX},
    };
    AUTO_FD fd = make_symbols(symbols, 4, "\0open", 5); /* without an end */
    struct gobin *binary;
    cr_assert_eq(gobin_open(fd, "made", &binary, NULL), 0);
    cr_expect_null(gobin_function_at(binary, 1));
    cr_expect_null(gobin_function_at(binary, 2));
    cr_expect_str_eq(gobin_function_at(binary, UINT64_MAX), "open");
    gobin_close(binary);
    made_read(fd);
}

/* Of a table of functions: everything behind it is `rest`. */
static void put_table(struct made_bytes *to, uint64_t count, uint64_t names, uint64_t functions)
{
    put_u32(to, 0xfffffff1);
    put(to, "\0\0\1\10", 4);
    put_u64(to, count);
    put_u64(to, 0);
    put_u64(to, 0); /* textStart: by a relocation */
    put_u64(to, names);
    put_u64(to, names + 8);
    put_u64(to, 0);
    put_u64(to, names + 8);
    put_u64(to, functions);
}

Test(gobin_hostile, a_table_of_functions_that_lies_has_none)
{
    static const uint64_t lies[][3] = {
        {UINT64_MAX, 72, 80}, {UINT64_MAX / 8, 72, 80}, {1, UINT64_MAX - 4, 80}, {1, 72, UINT64_MAX - 2}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        static struct made_bytes table;
        table.size = 0;
        put_table(&table, lies[i][0], lies[i][1], lies[i][2]);
        put(&table, "runtime\0\377\377\377\377\377\377\377\377\377\377\377\377", 20);
        const struct made_section sections[] = {
            {".gopclntab", SHT_PROGBITS, SHF_ALLOC, table.bytes, table.size, 0, 0, 0},
            {".text", SHT_PROGBITS, SHF_ALLOC, "\xc3", 1, 0, 0, 0}};
        AUTO_FD fd = elf_make(sections, 2);
        struct gobin *binary;
        cr_assert_eq(gobin_open(fd, "made", &binary, NULL), 0);
        cr_expect_null(gobin_function_at(binary, MADE_ADDRESS + 1));
        gobin_close(binary);
        made_read(fd);
    }
}

/* Each place that looks like a table costs a search among all relocations. */
Test(gobin_hostile, places_that_look_like_a_table_are_not_looked_at_without_end, .timeout = 60)
{
    static struct made_bytes data, relocations;
    data.size = relocations.size = 0;
    while (data.size + 192 <= sizeof data.bytes) {
        put_table(&data, 0, 72, 80);
        put(&data, (uint8_t[56]){0}, 56);
    }
    while (relocations.size + 24 <= sizeof relocations.bytes)
        put(&relocations, &(Elf64_Rela){.r_offset = 1, .r_info = R_X86_64_RELATIVE}, sizeof(Elf64_Rela));
    const struct made_section sections[] = {
        {".data.rel.ro", SHT_PROGBITS, SHF_ALLOC, data.bytes, data.size, 0, 0, 0},
        {".rela", SHT_RELA, 0, relocations.bytes, relocations.size, 0, 0, 0}};
    AUTO_FD fd = elf_make(sections, 2);
    struct image image;
    struct pclntab table;
    cr_assert_eq(image_open(fd, "made", &image, NULL), 0);
    cr_expect_not(pclntab_open(&image, &table));
    image_close(&image);
    made_read(fd);
}

Test(gobin_hostile, a_function_whose_depth_never_ends_has_none)
{
    static struct made_bytes values;
    values.size = 0;
    while (values.size + 2 <= sizeof values.bytes)
        put_u16(&values, 0); /* no change, for no byte of code: as at the very begin */
    const uint32_t functions[] = {0, 12, 16, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    const struct pclntab table = {.functions = {(const uint8_t *)functions, sizeof functions},
                                  .values = {values.bytes, values.size},
                                  .count = 1,
                                  .text_start = MADE_ADDRESS};
    uint32_t depth;
    cr_expect_not(pclntab_stack_depth(&table, MADE_ADDRESS + 3, &depth));
}
