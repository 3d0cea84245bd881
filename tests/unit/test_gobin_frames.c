/* What Go's tables tell of stacks: where a function has no frame, and where a thread keeps its g. */
#include "runner/gobin/gobin.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

/* Of each Go that is here, linked in every way that changes the tables or the storage of threads. */
static void each_build(void (*check)(const struct gobin *))
{
    static const char *const kinds[] = {"plain", "stripped", "pie", "pie-stripped", "cgo", "cgo-pie", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            AUTO_FD fd = go_fixture(minors[i], kinds[k]);
            struct gobin *binary;
            struct error error = {0};
            cr_assert_eq(gobin_open(fd, kinds[k], &binary, &error), 0, "%s", error.text);
            check(binary);
            gobin_close(binary);
        }
}

static void check_frames(const struct gobin *binary)
{
    /* With a frame that is made within the first bytes and stays to the end. */
    static const char *const framed[] = {"main.main", "runtime.main", "runtime.chansend", "runtime.schedule"};
    struct gobin_frames *frames = gobin_frames_open(binary);
    cr_assert_not_null(frames);
    for (size_t i = 0; i < sizeof framed / sizeof *framed; i++) {
        uint64_t entry = gobin_function_address(binary, framed[i]);
        cr_assert(entry, "%s", framed[i]);
        cr_expect(gobin_frames_none_at(frames, entry), "%s begins without a frame", framed[i]);
        cr_expect_not(gobin_frames_none_at(frames, entry + 48), "%s has made its frame", framed[i]);
    }
    /* In assembly, without one: runtime/memmove_amd64.s, internal/bytealg/compare_amd64.s. */
    uint64_t bare = gobin_function_address(binary, "runtime.memmove");
    for (uint64_t at = 0; at < 64; at++)
        cr_expect(gobin_frames_none_at(frames, bare + at), "runtime.memmove+%lu", at);
    uint64_t start, end;
    gobin_code(binary, &start, &end);
    cr_assert(start < bare && bare < end);
    cr_expect_not(gobin_frames_none_at(frames, start - 1), "no function is there");
    cr_expect_not(gobin_frames_none_at(frames, UINT64_MAX));
    gobin_frames_close(frames);
}

Test(gobin_frames, a_function_has_none_until_it_has_made_it, .timeout = 300)
{
    each_build(check_frames);
}

static void check_tls(const struct gobin *binary)
{
    struct go_layout layout;
    cr_assert(gobin_layout(binary, &layout));
    cr_expect_eq(layout.tls_g, -8);
    cr_expect_eq(layout.g_m, 48);
}

Test(gobin_frames, g_is_the_word_below_the_fs_base, .timeout = 300)
{
    each_build(check_tls);
}
