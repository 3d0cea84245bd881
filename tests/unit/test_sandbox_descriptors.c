#include "runner/sandbox/descriptors.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* The exit status of a child tells, because criterion's own descriptors are among those that are closed. */
static int in_child(int (*body)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

static int close_others(void)
{
    for (int fd = 10; fd < 30; fd++)
        if (dup2(0, fd) < 0)
            return 2;
    int keep[] = {25, 12, 12, 13};
    if (descriptors_close_others(keep, 4) < 0)
        return 3;
    for (int fd = 0; fd < 100; fd++)
        if (is_open(fd) != (fd == 12 || fd == 13 || fd == 25))
            return 4;
    return 0;
}

static int lift(void)
{
    int low = 1;
    int high = 40;
    if (dup2(0, high) < 0 || descriptors_lift(&low) < 0 || descriptors_lift(&high) < 0)
        return 2;
    return low > 2 && is_open(low) && high == 40 ? 0 : 3;
}

static int close_on_exec(void)
{
    if (dup2(0, 60) < 0 || descriptors_close_on_exec(3) < 0)
        return 2;
    return fcntl(60, F_GETFD) == FD_CLOEXEC && !(fcntl(0, F_GETFD) & FD_CLOEXEC) ? 0 : 3;
}

Test(sandbox_descriptors, closes_all_but_those_to_keep)
{
    cr_assert_eq(in_child(close_others), 0);
}

Test(sandbox_descriptors, lifts_only_the_standard_ones)
{
    cr_assert_eq(in_child(lift), 0);
}

Test(sandbox_descriptors, marks_all_from_a_number_on)
{
    cr_assert_eq(in_child(close_on_exec), 0);
}
