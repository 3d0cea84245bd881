#include "runner/sandbox/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNALS 64

/* The kernel's struct sigaction (arch/x86/include/uapi/asm/signal.h; aarch64 has the same members). */
struct action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

uint64_t signals_ignored(void)
{
    uint64_t set = 0;
    for (int number = 1; number <= SIGNALS; number++) {
        struct action action = {0};
        if (syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask) == 0 &&
            action.handler == SIG_IGN)
            set |= 1ULL << (number - 1);
    }
    return set;
}

void signals_reset(uint64_t set)
{
    const struct action action = {.handler = SIG_DFL};
    for (int number = 1; number <= SIGNALS; number++)
        if (set >> (number - 1) & 1)
            syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}
