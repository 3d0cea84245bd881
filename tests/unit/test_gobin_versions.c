#include "runner/gobin/versions.h"

#include <criterion/criterion.h>
#include <string.h>

#include "runner/gobin/gobin.h"
#include "runner/gobin/image.h"
#include "runner/gobin/names.h"
#include "runner/gobin/offsets.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

/* --- the tables against what every toolchain at hand has made
 * ------------------------------------------------
 */

static void check_offsets(uint32_t minor, const char *kind)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct image image;
    struct version stated;
    struct version derived;
    char missing[512];
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert(version_find(minor, &stated));
    version_find(VERSION_NEWEST, &derived); /* no offsets */
    derived.minor = minor;
    cr_assert(offsets_read(&image, &derived, missing, sizeof missing), "%s-1.%u lacks %s", kind, minor,
              missing);
    for (size_t i = 0; i < offset_count(); i++) {
        const struct offset *row = offset_at(i);
        cr_assert_eq(offset_stated(row, &stated), offset_stated(row, &derived),
                     "%s-1.%u: %s.%s is at %u, the table says %u", kind, minor, row->structure, row->member,
                     offset_stated(row, &derived), offset_stated(row, &stated));
    }
    image_close(&image);
}

static void check_names(uint32_t minor, const char *kind)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct image image;
    struct names wait;
    struct names stw;
    struct version version;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert(version_find(minor, &version));
    cr_assert_eq(names_read(&image, "runtime.waitReasonStrings", &wait), 0);
    cr_assert(reasons_equal(&wait.list, version.wait_reasons), "%s-1.%u", kind, minor);
    cr_assert_eq(names_read(&image, "runtime.stwReasonStrings", &stw) == 0,
                 version.layout.stw_has_reason != 0);
    cr_assert(reasons_equal(&stw.list, version.stw_reasons), "%s-1.%u", kind, minor);
    names_free(&wait);
    names_free(&stw);
    image_close(&image);
}

Test(gobin_versions, offsets_agree_with_dwarf, .timeout = 60)
{
    static const char *const kinds[] = {"plain", "pie", "cgo", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
            check_offsets(minors[i], kinds[kind]);
}

Test(gobin_versions, names_agree_with_the_runtime, .timeout = 60)
{
    static const char *const kinds[] = {"plain", "symbols", "pie", "cgo-pie"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
            check_names(minors[i], kinds[kind]);
}

/* --- the tables themselves -------------------------------------------------------------------------------
 */

Test(gobin_versions, versions_are_in_order_and_found)
{
    struct version version;
    for (size_t i = 0; i < version_count(); i++) {
        cr_assert(i == 0 || version_at(i - 1) < version_at(i));
        cr_assert(version_find(version_at(i), &version));
        cr_assert_eq(version.minor, version_at(i));
        cr_assert_str_eq(reason_name(version.wait_reasons, version.layout.preempted_reason), "preempted");
        cr_assert_eq(version.layout.stw_has_reason != 0, version.stw_reasons != NULL);
    }
    cr_assert_eq(version_at(0), (uint32_t)VERSION_OLDEST);
    cr_assert_not(version_find(20, &version));
    cr_assert_not(version_find(0, &version));
    cr_assert_not(version_find(VERSION_NEWEST, &version));
    cr_assert_eq(version.offsets.sched_goidgen, GO_ABSENT);
}

Test(gobin_versions, the_list_is_for_messages)
{
    char text[64];
    version_list(text, sizeof text);
    cr_assert_eq(strncmp(text, "1.19, 1.21, ", 12), 0);
    version_list(text, 8);
    cr_assert_str_eq(text, "1.19, 1");
}

Test(gobin_versions, offsets_change_at_the_versions_of_the_table)
{
    for (size_t i = 0; i < offset_count(); i++) {
        const struct offset *row = offset_at(i);
        for (size_t at = 1; at < OFFSET_CHANGES_MAX && row->changes[at].from; at++)
            cr_assert_lt(row->changes[at - 1].from, row->changes[at].from, "%s", row->name);
        cr_assert_eq(offset_in(row, VERSION_OLDEST - 1), GO_ABSENT);
    }
    struct version version;
    version_find(19, &version);
    cr_assert_eq(version.layout.g_parent_goid, 0u, "there was no parentGoid");
    cr_assert_eq(version.offsets.sched_gfree_nostack, GO_ABSENT);
    version_find(25, &version);
    cr_assert_eq(version.layout.g_parent_goid, 272u);
    cr_assert_eq(version.offsets.sched_gfree_nostack, 200u);
}

Test(gobin_versions, names_are_given_by_number)
{
    cr_assert_str_eq(gobin_wait_reason_of(19, 14), "chan receive");
    cr_assert_str_eq(gobin_wait_reason_of(23, 21), "sync.Mutex.Lock");
    cr_assert_str_eq(gobin_wait_reason_of(19, 21), "timer goroutine (idle)");
    cr_assert_str_eq(gobin_wait_reason_of(27, 14), "sleep");
    cr_assert_null(gobin_wait_reason_of(19, 27));
    cr_assert_null(gobin_wait_reason_of(23, 0));
    cr_assert_null(gobin_wait_reason_of(99, 1));
    cr_assert_str_eq(reason_name(gobin_stw_reasons_of(23), 7), "read mem stats");
    cr_assert_null(reason_name(gobin_stw_reasons_of(19), 1));
    cr_assert_null(reason_name(gobin_stw_reasons_of(23), UINT32_MAX));
}

Test(gobin_versions, numbers_are_found_by_name)
{
    uint32_t number = 7;
    cr_assert(reason_number(&wait_reasons_19, "sleep", &number));
    cr_assert_eq(number, 19u);
    cr_assert_not(reason_number(&wait_reasons_19, "slee", &number));
    cr_assert_not(reason_number(NULL, "sleep", &number));
    cr_assert(reasons_equal(NULL, NULL));
    cr_assert_not(reasons_equal(&wait_reasons_19, NULL));
    cr_assert_not(reasons_equal(&wait_reasons_25, &wait_reasons_26), "the same names in another order");
}

Test(gobin_versions, the_minor_version_is_read_from_released_versions_only)
{
    cr_assert_eq(version_minor("go1.23.5"), 23u);
    cr_assert_eq(version_minor("go1.19"), 19u);
    cr_assert_eq(version_minor("go1.24rc1"), 24u);
    cr_assert_eq(version_minor("go1.23.4 X:boringcrypto"), 23u);
    cr_assert_eq(version_minor("devel go1.24-abc Tue"), 0u);
    cr_assert_eq(version_minor("go1.28-devel_abc"), 0u);
    cr_assert_eq(version_minor("go2.1"), 0u);
    cr_assert_eq(version_minor("go1.23evil"), 0u);
    cr_assert_eq(version_minor("go1."), 0u);
    cr_assert_eq(version_minor(""), 0u);
}
