#include <criterion/criterion.h>
#include <signal.h>

#include "runner/sandbox/signals.h"

#define BIT(number) (1ULL << ((number)-1))

static void handle(int number)
{
    (void)number;
}

Test(sandbox_signals, finds_what_is_ignored_and_resets_it)
{
    uint64_t before = signals_ignored();
    cr_assert(signal(SIGHUP, SIG_IGN) != SIG_ERR);
    cr_assert(signal(SIGRTMAX, SIG_IGN) != SIG_ERR);
    cr_assert(signal(SIGUSR1, handle) != SIG_ERR);
    uint64_t ignored = signals_ignored();
    cr_expect_eq(ignored, (before & ~BIT(SIGUSR1)) | BIT(SIGHUP) | BIT(64));
    signals_reset(ignored);
    cr_expect_eq(signals_ignored(), 0);
    struct sigaction action;
    cr_assert_eq(sigaction(SIGUSR1, NULL, &action), 0);
    cr_expect_eq(action.sa_handler, handle, "a handler stays");
}
