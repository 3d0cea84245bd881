#include "runner/trial/crash.h"

#include <criterion/criterion.h>
#include <string.h>

static struct crash_scan scan(const char *text, size_t step)
{
    struct crash_scan crash = {0};
    for (size_t at = 0, size = strlen(text); at < size; at += step)
        crash_scan(&crash, text + at, step < size - at ? step : size - at);
    return crash;
}

Test(crash, the_runtimes_words_are_told_apart)
{
    static const struct {
        const char *text;
        enum crash_kind kind;
    } cases[] = {
        {"panic: oops\n\ngoroutine 1 [running]:\nmain.main()\n", CRASH_PANIC},
        {"fatal error: concurrent map writes\n\ngoroutine 7 [running]:\n", CRASH_FATAL},
        {"fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\n",
         CRASH_DEADLOCK},
        {"2026/01/01 http: panic serving 127.0.0.1\n", CRASH_NONE},
        {"don't panic: all is well\n", CRASH_NONE},
        {"", CRASH_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct crash_scan crash = scan(cases[i].text, strlen(cases[i].text) + 1);
        cr_expect_eq(crash.kind, cases[i].kind, "%s", cases[i].text);
        cr_expect_eq(crash.traced, cases[i].kind != CRASH_NONE, "%s", cases[i].text);
    }
}

Test(crash, pieces_of_any_size_give_the_same)
{
    const char *text = "log line\npanic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\n";
    for (size_t step = 1; step < 40; step++) {
        struct crash_scan crash = scan(text, step);
        cr_expect_eq(crash.kind, CRASH_PANIC);
        cr_expect(crash.traced);
        cr_expect_str_eq(crash.line, "panic: runtime error: index out of range [5]");
    }
}

Test(crash, a_line_without_end_is_cut)
{
    struct crash_scan crash = {0};
    char flood[4096];
    memset(flood, 'x', sizeof flood);
    for (int i = 0; i < 100; i++)
        crash_scan(&crash, flood, sizeof flood);
    crash_scan(&crash, "\npanic: after the flood\n", 24);
    cr_assert_str_eq(crash.line, "panic: after the flood");
}
