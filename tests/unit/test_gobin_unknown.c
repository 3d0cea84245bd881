/* Executables of a Go that the tables don't know, or know otherwise: real ones with another version written
 * in. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/gobin/buildinfo.h"
#include "runner/gobin/gobin.h"
#include "runner/gobin/image.h"
#include "runner/gobin/versions.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

/* The file offset of the version string: the build info has it from byte 33 on, behind its length. */
static uint64_t version_offset(int fd)
{
    struct image image;
    struct image_section section;
    uint64_t offset = 0;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert(image_section(&image, ".go.buildinfo", &section));
    for (size_t i = 0; i < image.segment_count; i++)
        if (section.address >= image.segments[i].address &&
            section.address - image.segments[i].address < image.segments[i].file_size)
            offset = section.address - image.segments[i].address + image.segments[i].offset;
    image_close(&image);
    return offset + 33;
}

static struct gobin *open_labelled(int fd, const char *version)
{
    struct gobin *binary;
    struct error error = {0};
    cr_assert_eq(pwrite(fd, version, strlen(version), (off_t)version_offset(fd)), (ssize_t)strlen(version));
    cr_assert_eq(gobin_open(fd, "fixture", &binary, &error), 0, "%s", error.text);
    return binary;
}

static uint32_t newest_fixture(void)
{
    uint32_t minors[FIXTURE_MINORS_MAX];
    return minors[go_fixture_minors(minors) - 1];
}

/* Another version is pretended: what is known of it comes out of the file alone, and must be what the tables
   have for the Go that made it. */
static void expect_known_by_dwarf(uint32_t minor, const char *kind, const char *version)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct gobin *binary = open_labelled(fd, version);
    struct probe_plan plan;
    struct error error = {0};
    struct version expected;
    version_find(minor, &expected);
    expected.layout.goid_stale = 0; /* that is not in DWARF: it is what the newest do */
    cr_assert_eq(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0, "%s", error.text);
    cr_assert_str_empty(plan.missing);
    cr_assert_eq(plan.found, plan.wanted);
    cr_assert_eq(memcmp(&plan.layout, &expected.layout, sizeof plan.layout), 0);
    cr_assert_eq(memcmp(gobin_offsets(binary), &expected.offsets, sizeof expected.offsets), 0);
    cr_assert(reasons_equal(gobin_wait_reasons(binary), expected.wait_reasons));
    cr_assert(reasons_equal(gobin_stw_reasons(binary), expected.stw_reasons));
    cr_assert_eq(gobin_ways(binary), version_minor(version) ? version_minor(version) : VERSION_NEWEST);
    gobin_plan_free(&plan);
    gobin_close(binary);
}

Test(gobin_unknown, a_newer_version_is_read_out_of_its_dwarf, .timeout = 60)
{
    expect_known_by_dwarf(newest_fixture(), "plain", "go1.99");
}

Test(gobin_unknown, a_development_version_is_read_out_of_its_dwarf, .timeout = 60)
{
    expect_known_by_dwarf(newest_fixture(), "plain", "devel go");
    expect_known_by_dwarf(newest_fixture(), "plain", "go1.99-d");
}

/* Names are numbered anew in most versions: none may be given by the table of another one. */
static void expect_own_names(uint32_t minor, const char *kind, const char *version)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct gobin *binary = open_labelled(fd, version);
    const struct reason_names *names = gobin_wait_reasons(binary);
    struct version own;
    version_find(minor, &own);
    if (names)
        cr_expect(reasons_equal(names, own.wait_reasons), "%s-1.%u as %s", kind, minor, version);
    else
        cr_expect_null(gobin_offsets(binary), "%s-1.%u as %s is read, but without names", kind, minor,
                       version);
    gobin_close(binary);
}

Test(gobin_unknown, wait_reasons_have_the_names_of_the_executable, .timeout = 120)
{
    static const char *const kinds[] = {"plain", "pie", "cgo", "cgo-pie", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
            expect_own_names(minors[i], kinds[kind], "go1.99");
            expect_own_names(minors[i], kinds[kind], minors[i] == 19 ? "go1.27" : "go1.19");
        }
}

/* The symbol is renamed, and with it the only way to the names. */
static void hide_names(int fd, const char *symbol)
{
    off_t size = lseek(fd, 0, SEEK_END);
    AUTO_FREE uint8_t *file = malloc((size_t)size);
    cr_assert_eq(pread(fd, file, (size_t)size, 0), size);
    const uint8_t *name = memmem(file, (size_t)size, symbol, strlen(symbol) + 1);
    cr_assert_not_null(name);
    for (; name; name = memmem(name + 1, (size_t)(file + size - name - 1), symbol, strlen(symbol) + 1))
        cr_assert_eq(pwrite(fd, "R", 1, name - file), 1);
}

Test(gobin_unknown, without_names_reasons_are_numbers_and_the_probes_go_on, .timeout = 60)
{
    AUTO_FD fd = go_fixture(newest_fixture(), "plain");
    hide_names(fd, "runtime.waitReasonStrings");
    struct gobin *binary = open_labelled(fd, "go1.99");
    struct probe_plan plan;
    cr_assert_eq(gobin_plan_probes(binary, GO_CORE, &plan, NULL), 0);
    cr_assert_null(gobin_wait_reasons(binary));
    cr_assert_eq(plan.layout.preempted_reason, UINT32_MAX, "no number of a name");
    gobin_plan_free(&plan);
    gobin_close(binary);
}

static void expect_refusal(const char *kind, const char *version, const char *lacks)
{
    AUTO_FD fd = go_fixture(newest_fixture(), kind);
    struct gobin *binary = open_labelled(fd, version);
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_lt(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "the Go probes of fixture are off, because its Go version (go1."));
    cr_assert_not_null(strstr(error.text, "is not in the table (Go 1.19, 1.21, "), "%s", error.text);
    cr_assert_not_null(strstr(error.text, lacks), "%s", error.text);
    cr_assert_not_null(strstr(error.text, "the kernel probes go on"));
    cr_assert_null(gobin_offsets(binary));
    cr_assert_null(gobin_wait_reasons(binary));
    cr_assert_eq(gobin_plan_probes(binary, GO_COUNTERS, &plan, &error), 0);
    gobin_close(binary);
}

Test(gobin_unknown, without_dwarf_a_newer_version_is_refused, .timeout = 60)
{
    expect_refusal("symbols", "go1.99", "the file lacks DWARF");
    expect_refusal("stripped", "go1.99", "the file lacks DWARF");
    expect_refusal("pie-stripped", "go1.99-d", "the file lacks DWARF");
}

/* The tables begin with Go 1.19: what is older is not even looked for in DWARF. */
Test(gobin_unknown, an_older_version_is_refused, .timeout = 60)
{
    AUTO_FD fd = go_fixture(newest_fixture(), "plain");
    struct gobin *binary = open_labelled(fd, "go1.18");
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_lt(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0);
    cr_assert_not_null(strstr(error.text, "(go1.18"), "%s", error.text);
    cr_assert_not_null(
        strstr(error.text, "is older than 1.19, the first that is known; the kernel probes go on"));
    gobin_close(binary);
}

/* Renames the member of a structure, wherever its name stands in the debugging information. */
static void rename_member(int fd, const char *member)
{
    struct image image;
    struct image_section section;
    char name[64];
    size_t size = (size_t)snprintf(name, sizeof name, "%s", member) + 1;
    unsigned found = 0;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert(image_section(&image, ".debug_info", &section));
    off_t start = lseek(fd, 0, SEEK_END);
    AUTO_FREE uint8_t *file = malloc((size_t)start);
    cr_assert_eq(pread(fd, file, (size_t)start, 0), start);
    const uint8_t *info = memmem(file, (size_t)start, section.bytes.data, section.bytes.size);
    cr_assert_not_null(info, "a compressed section?");
    for (const uint8_t *at = info; (at = memmem(at, section.bytes.size - (size_t)(at - info), name, size));
         at++) {
        cr_assert_eq(pwrite(fd, "X", 1, at - file), 1);
        found++;
    }
    cr_assert_gt(found, 0u);
    image_close(&image);
}

Test(gobin_unknown, a_field_that_is_not_there_is_named, .timeout = 60)
{
    AUTO_FD fd = go_fixture(newest_fixture(), "unpacked");
    rename_member(fd, "waitreason");
    struct gobin *binary = open_labelled(fd, "go1.99");
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_lt(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0);
    cr_assert_not_null(strstr(error.text, "the file lacks runtime.g.waitreason;"), "%s", error.text);
    gobin_close(binary);
}

Test(gobin_unknown, of_a_known_version_the_table_fills_in_what_dwarf_lacks, .timeout = 60)
{
    AUTO_FD fd = go_fixture(22, "unpacked");
    rename_member(fd, "goid");
    struct gobin *binary = open_labelled(fd, "go1.23");
    struct probe_plan plan;
    cr_assert_eq(gobin_plan_probes(binary, GO_CORE, &plan, NULL), 0);
    cr_assert_eq(plan.layout.g_goid, 160u, "of Go 1.23 by the table");
    cr_assert_eq(plan.layout.g_startpc, 296u, "of Go 1.22 by its DWARF");
    gobin_plan_free(&plan);
    gobin_close(binary);
}

Test(gobin_unknown, a_function_that_is_not_there_is_named, .timeout = 60)
{
    AUTO_FD fd = go_fixture(newest_fixture(), "plain");
    struct image image;
    struct image_section names;
    off_t size = lseek(fd, 0, SEEK_END);
    AUTO_FREE uint8_t *file = malloc((size_t)size);
    cr_assert_eq(pread(fd, file, (size_t)size, 0), size);
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert(image_section(&image, ".strtab", &names));
    const uint8_t *table = memmem(file, (size_t)size, names.bytes.data, names.bytes.size);
    const uint8_t *name = memmem(table, names.bytes.size, "runtime.casgstatus", sizeof "runtime.casgstatus");
    cr_assert_not_null(name);
    cr_assert_eq(pwrite(fd, "R", 1, name - file), 1);
    image_close(&image);
    struct gobin *binary = open_labelled(fd, "go1.99");
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_lt(gobin_plan_probes(binary, GO_FULL, &plan, &error), 0);
    cr_assert_not_null(strstr(error.text, "the file lacks runtime.casgstatus"), "%s", error.text);
    gobin_close(binary);
}

/* Go 1.22 has the layout of 1.21: with DWARF, an executable that says 1.23 keeps it; without, it is believed.
 */
Test(gobin_unknown, dwarf_is_believed_more_than_the_table, .timeout = 60)
{
    AUTO_FD fd = go_fixture(22, "plain");
    AUTO_FD without_fd = go_fixture(22, "symbols");
    struct gobin *binary = open_labelled(fd, "go1.23");
    struct gobin *without = open_labelled(without_fd, "go1.23");
    struct probe_plan plan;
    cr_assert_eq(gobin_plan_probes(binary, GO_CORE, &plan, NULL), 0);
    cr_assert_eq(plan.layout.g_goid, 152u);
    gobin_plan_free(&plan);
    cr_assert_eq(gobin_plan_probes(without, GO_CORE, &plan, NULL), 0);
    cr_assert_eq(plan.layout.g_goid, 160u);
    gobin_plan_free(&plan);
    gobin_close(binary);
    gobin_close(without);
}
