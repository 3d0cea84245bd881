#include "runner/gobin/versions.h"

#include <criterion/criterion.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "runner/build/toolchain.h"
#include "runner/gobin/gobin.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

/* --- offsets against DWARF --------------------------------------------------------------------------------
 */

#define OFFSET(structure, field, row)                                                                        \
    {                                                                                                        \
        structure, field, offsetof(struct version_row, row)                                                  \
    }
static const struct {
    const char *structure, *field;
    size_t row;
} checked[] = {
    OFFSET("runtime.g", "m", layout.g_m),
    OFFSET("runtime.g", "goid", layout.g_goid),
    OFFSET("runtime.g", "waitreason", layout.g_waitreason),
    OFFSET("runtime.g", "startpc", layout.g_startpc),
    OFFSET("runtime.g", "gopc", layout.g_gopc),
    OFFSET("runtime.g", "parentGoid", layout.g_parent_goid),
    OFFSET("runtime.m", "curg", layout.m_curg),
    OFFSET("runtime.m", "p", layout.m_p),
    OFFSET("runtime.p", "goidcache", layout.p_goidcache),
    OFFSET("runtime.p", "goidcacheend", layout.p_goidcacheend),
    OFFSET("runtime.gcControllerState", "lastHeapGoal", layout.gc_heap_goal),
};
#define CHECKED (sizeof checked / sizeof checked[0])

static void read_members(Dwarf_Die *structure, uint32_t found[CHECKED])
{
    Dwarf_Die member;
    if (dwarf_child(structure, &member) != 0)
        return;
    do {
        Dwarf_Attribute attribute;
        Dwarf_Word offset;
        const char *name = dwarf_diename(&member);
        for (size_t i = 0; name && i < CHECKED; i++)
            if (strcmp(checked[i].structure, dwarf_diename(structure)) == 0 &&
                strcmp(checked[i].field, name) == 0 &&
                dwarf_formudata(dwarf_attr(&member, DW_AT_data_member_location, &attribute), &offset) == 0)
                found[i] = (uint32_t)offset;
    } while (dwarf_siblingof(&member, &member) == 0);
}

static unsigned read_dwarf(int fd, uint32_t found[CHECKED])
{
    unsigned structures = 0;
    Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
    cr_assert_not_null(dwarf, "%s", dwarf_errmsg(-1));
    Dwarf_Off next;
    size_t header;
    for (Dwarf_Off at = 0; dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0; at = next) {
        Dwarf_Die unit;
        Dwarf_Die die;
        if (!dwarf_offdie(dwarf, at + header, &unit) || dwarf_child(&unit, &die) != 0)
            continue;
        do {
            if (dwarf_tag(&die) != DW_TAG_structure_type || !dwarf_diename(&die))
                continue;
            structures++;
            read_members(&die, found);
        } while (dwarf_siblingof(&die, &die) == 0);
    }
    dwarf_end(dwarf);
    return structures;
}

static void check_layout(uint32_t minor)
{
    AUTO_FD fd = go_fixture(minor, NULL);
    const struct version_row *row = version_find(minor);
    cr_assert_not_null(row);
    uint32_t found[CHECKED] = {0}; /* 0: no such member, as for parentGoid in Go 1.19 */
    cr_assert_gt(read_dwarf(fd, found), 0u);
    for (size_t i = 0; i < CHECKED; i++) {
        uint32_t stated;
        memcpy(&stated, (const char *)row + checked[i].row, sizeof stated);
        cr_assert_eq(stated, found[i], "Go 1.%u: %s.%s is at %u, the table says %u", minor,
                     checked[i].structure, checked[i].field, found[i], stated);
    }
}

Test(gobin_versions, offsets_of_go_1_19_agree_with_dwarf, .timeout = 300)
{
    check_layout(19);
}

Test(gobin_versions, offsets_of_go_1_23_agree_with_dwarf, .timeout = 300)
{
    check_layout(23);
}

/* --- names against the runtime's source --------------------------------------------------------------------
 */

/* Reads the quoted names between `begin` and the closing brace; returns how many there are. */
static size_t names_in_source(const char *path, const char *begin, char names[64][48])
{
    AUTO_FREE char *text = NULL;
    size_t size;
    if (fd_read_file(AT_FDCWD, path, 1 << 24, &text, &size) < 0)
        cr_skip("the runtime's source is not installed: %s", path);
    char *at = strstr(text, begin);
    cr_assert_not_null(at, "%s has no %s", path, begin);
    at += strlen(begin);
    *strstr(at, "\n}") = 0;
    size_t count = 0;
    for (char *line; count < 64 && (line = strsep(&at, "\n"));) {
        char *open = strchr(line, '"');
        char *close = open ? strchr(open + 1, '"') : NULL;
        if (close)
            snprintf(names[count++], sizeof names[0], "%.*s", (int)(close - open - 1), open + 1);
    }
    return count;
}

static void check_names(uint32_t minor, const char *file, const char *begin, const char *const *names,
                        size_t count)
{
    struct toolchain toolchain;
    if (toolchain_find(minor, &toolchain, NULL) < 0)
        cr_skip("there is no Go 1.%u toolchain on this host", minor);
    char path[512];
    snprintf(path, sizeof path, "%s/src/runtime/%s", toolchain.root, file);
    toolchain_free(&toolchain);
    char source[64][48];
    cr_assert_eq(names_in_source(path, begin, source), count);
    for (size_t i = 0; i < count; i++)
        cr_assert_str_eq(names[i], source[i]);
}

static const uint32_t minors[] = {19, 23};

Test(gobin_versions, wait_reasons_agree_with_the_runtime)
{
    for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++) {
        const struct version_row *row = version_find(minors[i]);
        check_names(row->minor, "runtime2.go", "var waitReasonStrings = [...]string{", row->wait_reasons,
                    row->wait_reason_count);
    }
}

Test(gobin_versions, reasons_of_stopping_the_world_agree_with_the_runtime)
{
    const struct version_row *row = version_find(23);
    check_names(23, "proc.go", "var stwReasonStrings = [...]string{", row->stw_reasons,
                row->stw_reason_count);
}

Test(gobin_versions, the_layout_agrees_with_the_names)
{
    for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++) {
        const struct version_row *row = version_find(minors[i]);
        cr_assert_str_eq(gobin_wait_reason_of(row->minor, row->layout.preempted_reason), "preempted");
        cr_assert_eq(row->layout.stw_has_reason != 0, row->stw_reason_count != 0);
    }
}

Test(gobin_versions, names_are_given_by_number)
{
    cr_assert_str_eq(gobin_wait_reason_of(19, 14), "chan receive");
    cr_assert_str_eq(gobin_wait_reason_of(23, 21), "sync.Mutex.Lock");
    cr_assert_str_eq(gobin_wait_reason_of(19, 21), "timer goroutine (idle)");
    cr_assert_null(gobin_wait_reason_of(19, 27));
    cr_assert_null(gobin_wait_reason_of(23, 0));
    cr_assert_null(gobin_wait_reason_of(99, 1));
    cr_assert_str_eq(gobin_stw_reason(23, 7), "read mem stats");
    cr_assert_null(gobin_stw_reason(19, 1));
    cr_assert_null(gobin_stw_reason(23, UINT32_MAX));
}

Test(gobin_versions, the_minor_version_is_read_from_released_versions_only)
{
    cr_assert_eq(version_minor("go1.23.5"), 23u);
    cr_assert_eq(version_minor("go1.19"), 19u);
    cr_assert_eq(version_minor("go1.24rc1"), 24u);
    cr_assert_eq(version_minor("go1.23.4 X:boringcrypto"), 23u);
    cr_assert_eq(version_minor("devel go1.24-abc Tue"), 0u);
    cr_assert_eq(version_minor("go2.1"), 0u);
    cr_assert_eq(version_minor("go1.23evil"), 0u);
    cr_assert_eq(version_minor("go1."), 0u);
    cr_assert_eq(version_minor(""), 0u);
}

Test(gobin_versions, every_version_has_its_sites_once)
{
    for (uint32_t minor = 0; minor < 100; minor++) {
        unsigned seen = 0;
        for (size_t i = 0; version_find(minor) && i < version_site_count; i++) {
            if (!version_has_site(minor, &version_sites[i]))
                continue;
            cr_assert_eq(seen & 1u << version_sites[i].site, 0u);
            seen |= 1u << version_sites[i].site;
        }
        cr_assert(!version_find(minor) || (seen & 1u << GO_SITE_CASGSTATUS));
    }
}
