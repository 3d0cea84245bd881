#include "runner/gobin/sites.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/gobin/functions.h"
#include "runner/gobin/gobin.h"
#include "runner/gobin/image.h"
#include "runner/gobin/versions.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

/* --- the table --------------------------------------------------------------------------------------------
 */

Test(gobin_sites, every_version_has_its_sites_once)
{
    for (size_t at = 0; at < version_count(); at++) {
        uint32_t minor = version_at(at);
        uint64_t seen = 0;
        for (size_t i = 0; i < version_site_count; i++) {
            if (!version_has_site(minor, &version_sites[i]))
                continue;
            cr_assert_eq(seen & UINT64_C(1) << version_sites[i].site, 0u);
            seen |= UINT64_C(1) << version_sites[i].site;
        }
        /* all of enum go_site, but coroutines before there were any, and timers as they were or are */
        uint64_t all = (UINT64_C(2) << GO_SITE_TIMER_RUN) - 2;
        uint64_t old_timers = UINT64_C(1) << GO_SITE_TIMER_MAKE | UINT64_C(1) << GO_SITE_TIMER_RUN;
        uint64_t new_timers = UINT64_C(1) << GO_SITE_TIMER_NEW | UINT64_C(1) << GO_SITE_TIMER_FIRE;
        all &= minor < 23 ? ~new_timers : ~old_timers;
        if (minor < 22)
            all &= ~(UINT64_C(1) << GO_SITE_CORO_SWITCH);
        cr_assert_eq(seen, all, "Go 1.%u has %llx", minor, (unsigned long long)seen);
    }
}

Test(gobin_sites, every_site_that_makes_events_says_which)
{
    for (size_t i = 0; i < version_site_count; i++)
        cr_assert_neq(site_kinds(version_sites[i].site), 0u, "%s", version_sites[i].function);
    cr_assert_eq(site_kinds(GO_SITE_COUNT), 0u);
}

Test(gobin_sites, what_a_version_does_not_have_is_told)
{
    uint64_t coroutines = UINT64_C(1) << EVENT_GO_CORO_SWITCH;
    cr_assert_eq(version_absent_kinds(19, GO_FULL), coroutines);
    cr_assert_eq(version_absent_kinds(21, GO_CORE), coroutines);
    cr_assert_eq(version_absent_kinds(23, GO_FULL), 0u, "timers are made otherwise, but made");
}

/* --- real executables -------------------------------------------------------------------------------------
 */

static struct gobin *open_binary(int fd)
{
    struct gobin *binary;
    struct error error = {0};
    cr_assert_eq(gobin_open(fd, "fixture", &binary, &error), 0, "%s", error.text);
    return binary;
}

static struct probe_plan plan_of(const struct gobin *binary, enum go_level level)
{
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_eq(gobin_plan_probes(binary, level, &plan, &error), 0, "%s", error.text);
    return plan;
}

/* The bytes at a site are what the rule says: a jbe, a push, or one of the emulated instructions. */
static void check_site(int fd, const struct probe_site *site)
{
    uint8_t code[2];
    cr_assert_eq(pread(fd, code, sizeof code, (off_t)site->offset), 2);
    bool jump = (code[0] & 0xf0) == 0x70 || (code[0] == 0x0f && (code[1] & 0xf0) == 0x80);
    if (site->stack_check)
        cr_assert(code[0] == 0x76 || (code[0] == 0x0f && code[1] == 0x86));
    else if (site->site == GO_SITE_STEAL)
        cr_assert(code[0] == 0x74 || (code[0] == 0x0f && code[1] == 0x84)); /* je: nothing was taken */
    else if (site->site == GO_SITE_SYSMON_SLEEP)
        cr_assert_eq(code[0], 0xe8);
    else
        cr_assert(code[0] == 0x55 || code[0] == 0x90 || code[0] == 0xe8 || jump);
}

/* How many sites the table has for a version; the fixture uses all that is optional, but has no coroutines in
   Go 1.22, where they are an experiment. */
static size_t sites_of(uint32_t minor)
{
    size_t count = 0;
    for (size_t i = 0; i < version_site_count; i++)
        count += version_has_site(minor, &version_sites[i]);
    return count - (minor == 22);
}

static void check_sites(uint32_t minor, const char *kind)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan = plan_of(binary, GO_FULL);
    size_t all = sites_of(minor);
    cr_assert_eq(plan.wanted, all);
    cr_assert_eq(plan.found, all, "%s-1.%u lacks %s", kind, minor, plan.missing);
    cr_assert_str_empty(plan.missing);
    cr_assert_eq(plan.absent_kinds, version_absent_kinds(minor, GO_FULL));
    for (size_t i = 0; i < plan.site_count; i++)
        check_site(fd, &plan.sites[i]);
    struct version version;
    cr_assert(version_find(minor, &version));
    cr_assert_eq(memcmp(&plan.layout, &version.layout, sizeof plan.layout), 0);
    gobin_plan_free(&plan);
    plan = plan_of(binary, GO_CORE);
    cr_assert_eq(plan.found, plan.wanted);
    cr_assert(plan.found > 0 && plan.found < all);
    gobin_plan_free(&plan);
    plan = plan_of(binary, GO_COUNTERS);
    cr_assert_eq(plan.site_count, 0u);
    gobin_plan_free(&plan);
    gobin_close(binary);
}

static void check_sites_of(const char *kind)
{
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        check_sites(minors[i], kind);
}

Test(gobin_sites, every_site_is_found, .timeout = 120)
{
    check_sites_of("plain");
}

Test(gobin_sites, every_site_is_found_in_a_position_independent_program, .timeout = 120)
{
    check_sites_of("pie");
    check_sites_of("pie-stripped");
}

Test(gobin_sites, every_site_is_found_in_a_program_with_c, .timeout = 120)
{
    check_sites_of("cgo");
    check_sites_of("cgo-stripped");
    check_sites_of("cgo-pie");
    check_sites_of("cgo-pie-stripped");
}

Test(gobin_sites, every_site_is_found_in_a_program_with_the_race_detector, .timeout = 120)
{
    check_sites_of("race");
}

/* Stripping and trimming change no code: the same functions have the same sites. */
static void check_same_sites(const char *kind, const char *other_kind)
{
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t at = 0; at < count; at++) {
        AUTO_FD plain_fd = go_fixture(minors[at], kind);
        AUTO_FD other_fd = go_fixture(minors[at], other_kind);
        struct gobin *plain = open_binary(plain_fd);
        struct gobin *other = open_binary(other_fd);
        struct probe_plan expected = plan_of(plain, GO_FULL);
        struct probe_plan found = plan_of(other, GO_FULL);
        cr_assert_eq(found.site_count, expected.site_count);
        for (size_t i = 0; i < found.site_count; i++) {
            cr_assert_eq(found.sites[i].site, expected.sites[i].site);
            cr_assert_eq(found.sites[i].offset, expected.sites[i].offset, "%s-1.%u: site %d", other_kind,
                         minors[at], (int)found.sites[i].site);
            cr_assert_eq(found.sites[i].stack_check, expected.sites[i].stack_check);
            cr_assert_eq(found.sites[i].use, expected.sites[i].use);
        }
        gobin_plan_free(&expected);
        gobin_plan_free(&found);
        gobin_close(plain);
        gobin_close(other);
    }
}

Test(gobin_sites, a_stripped_program_has_the_same_sites, .timeout = 120)
{
    check_same_sites("plain", "stripped");
    check_same_sites("plain", "symbols");
    check_same_sites("cgo", "cgo-stripped");
}

Test(gobin_sites, a_trimmed_program_has_the_same_sites, .timeout = 120)
{
    check_same_sites("plain", "trimmed");
}

static uint64_t code_offset(const struct image *image, uint64_t address)
{
    uint64_t offset = 0;
    cr_assert(image_code_offset(image, address, &offset));
    return offset;
}

/* The same executable with one function's name written over, wherever it stands. */
static void hide_function(int fd, const char *name)
{
    AUTO_FREE char *bytes = malloc(16 << 20);
    ssize_t size = pread(fd, bytes, 16 << 20, 0);
    cr_assert(size > 0 && size < 16 << 20);
    for (char *at = bytes; (at = memmem(at, (size_t)(bytes + size - at), name, strlen(name) + 1)); at++)
        cr_assert_eq(pwrite(fd, "X", 1, at - bytes), 1);
}

Test(gobin_sites, events_of_a_function_that_is_not_there_are_absent, .timeout = 120)
{
    uint32_t minors[FIXTURE_MINORS_MAX];
    cr_assert_gt(go_fixture_minors(minors), 0u);
    AUTO_FD fd = go_fixture(minors[0], "plain");
    hide_function(fd, "runtime.handoffp");
    hide_function(fd, "time.stopTimer");
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan = plan_of(binary, GO_FULL);
    cr_assert_eq(plan.found + 1, plan.wanted);
    cr_assert_str_eq(plan.missing, "runtime.handoffp");
    uint64_t expected = version_absent_kinds(minors[0], GO_FULL) | UINT64_C(1) << EVENT_GO_P_HANDOFF;
    cr_assert_eq(plan.absent_kinds, expected, "a timer's function may be left out by the linker");
    gobin_plan_free(&plan);
    plan = plan_of(binary, GO_CORE);
    cr_assert_eq(plan.absent_kinds, version_absent_kinds(minors[0], GO_CORE));
    gobin_plan_free(&plan);
    gobin_close(binary);
}

/* The offset of a site from the start of a function. */
static uint64_t site_distance(int fd, enum go_site wanted, const char *name)
{
    struct image image;
    struct functions functions;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert_eq(functions_read(&image, &functions), 0);
    const struct function *function = functions_find(&functions, name);
    cr_assert_not_null(function);
    uint64_t start = code_offset(&image, function->address);
    functions_free(&functions);
    image_close(&image);
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan = plan_of(binary, GO_FULL);
    uint64_t offset = 0;
    for (size_t i = 0; i < plan.site_count; i++)
        if (plan.sites[i].site == wanted && plan.sites[i].use != SITE_ONE_OF_MANY)
            offset = plan.sites[i].offset;
    gobin_plan_free(&plan);
    gobin_close(binary);
    return offset - start;
}

/* Read in the disassembly of Go 1.19.8. */
Test(gobin_sites, go_1_19_has_its_sites_where_the_disassembly_shows_them, .timeout = 120)
{
    AUTO_FD fd = go_fixture(19, "plain");
    cr_assert_eq(site_distance(fd, GO_SITE_CASGSTATUS, "runtime.casgstatus"), 31u);
    cr_assert_eq(site_distance(fd, GO_SITE_STEAL, "runtime.runqsteal"), 66u);
    cr_assert_eq(site_distance(fd, GO_SITE_SYSMON_SLEEP, "runtime.sysmon"), 160u);
    cr_assert_eq(site_distance(fd, GO_SITE_NETPOLL_READY, "runtime.netpollready"), 3u);
    cr_assert_eq(site_distance(fd, GO_SITE_PREEMPT_ASYNC, "runtime.asyncPreempt2"), 35u);
}

/* --- the two tables of functions ---------------------------------------------------------------------------
 */

static void check_tables(uint32_t minor, const char *kind)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct image image;
    struct functions symbols;
    struct functions table;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert_eq(functions_read(&image, &symbols), 0);
    cr_assert_eq(functions_read_pclntab(&image, &table), 0);
    cr_assert_gt(table.count, 800u, "%s-1.%u", kind, minor);
    size_t different = 0;
    for (size_t i = 0; i < table.count; i++) {
        const char *name = functions_at(&symbols, table.items[i].address);
        const char *expected = table.names + table.items[i].name;
        /* A symbol of an assembly body or wrapper has its ABI as a suffix, .abi0. */
        different += !name || strncmp(name, expected, strlen(expected)) != 0;
    }
    cr_assert_leq(different, table.count / 200, "%s-1.%u: %zu of %zu differ", kind, minor, different,
                  table.count);
    functions_free(&symbols);
    functions_free(&table);
    image_close(&image);
}

Test(gobin_sites, symbols_and_pclntab_agree, .timeout = 120)
{
    static const char *const kinds[] = {"plain", "pie", "cgo", "cgo-pie", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
            check_tables(minors[i], kinds[kind]);
}
