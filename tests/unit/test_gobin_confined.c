#include "runner/gobin/confined.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct job {
    int answer, other;
};

static bool answers(void *context)
{
    struct job *job = context;
    job->answer = 42;
    job->other = 1;
    return true;
}

static bool refuses(void *context)
{
    answers(context);
    return false;
}

static bool crashes(void *context)
{
    answers(context);
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

static bool never_ends(void *context)
{
    answers(context);
    for (volatile unsigned turns = 0;; turns = turns + 1)
        if (getppid() == 1)
            return true;
}

Test(gobin_confined, what_was_asked_for_comes_back_and_nothing_else)
{
    struct job job = {0, 0};
    cr_assert(confined_run(answers, &job, &job.answer, sizeof job.answer, 10));
    cr_expect_eq(job.answer, 42);
    cr_expect_eq(job.other, 0);
}

Test(gobin_confined, where_it_fails_nothing_is_changed)
{
    struct job job = {7, 7};
    cr_expect_not(confined_run(refuses, &job, &job, sizeof job, 10));
    cr_expect_not(confined_run(crashes, &job, &job, sizeof job, 10));
    cr_expect_eq(job.answer, 7);
    cr_expect_eq(job.other, 7);
}

Test(gobin_confined, work_without_an_end_is_ended, .timeout = 120)
{
    struct job job = {7, 7};
    cr_expect_not(confined_run(never_ends, &job, &job, sizeof job, 1));
    cr_expect_eq(job.answer, 7);
}

Test(gobin_confined, a_result_beyond_one_write_is_refused)
{
    static char result[CONFINED_SIZE_MAX + 1];
    struct job job = {7, 7};
    cr_expect_not(confined_run(answers, &job, result, sizeof result, 10));
}
