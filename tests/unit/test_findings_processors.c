#include "runner/findings/processors.h"

#include "findings_case.h"

/* Five threads want to run all the time. */
static struct findings_case *crowded(void)
{
    struct findings_case *c = case_open();
    c->tallies.crowd.time[0] = 500 * MS;
    c->tallies.crowd.time[5] = 500 * MS;
    return c;
}

Test(findings_processors, more_threads_than_cpus_are_told)
{
    struct findings_case *c = crowded();
    const struct finding *finding = case_only(c, FINDING_OVERSUBSCRIBED);
    cr_expect_eq(case_figure(finding, "threads_beyond_cpus_average"), 3, "idle time does not count");
    cr_expect_eq(case_figure(finding, "gomaxprocs"), 2);
    case_close(c);
}

Test(findings_processors, one_or_two_threads_more_are_no_crowd)
{
    struct findings_case *c = crowded();
    c->tallies.crowd.time[4] = 1 * MS;
    cr_expect_eq(case_shows(c, FINDING_OVERSUBSCRIBED), 0);
    case_close(c);
}

Test(findings_processors, many_cpus_hold_many_threads)
{
    struct findings_case *c = crowded();
    c->tallies.crowd.time[5] = 0;
    c->tallies.crowd.time[16] = 100 * MS;
    c->input.cpus = 8;
    cr_expect_eq(case_shows(c, FINDING_OVERSUBSCRIBED), 1, "as many that wait as run");
    c->tallies.crowd.time[15] = 1 * MS;
    cr_expect_eq(case_shows(c, FINDING_OVERSUBSCRIBED), 0);
    case_close(c);
}

Test(findings_processors, a_program_that_never_ran_has_no_crowd)
{
    struct findings_case *c = case_open();
    cr_expect_eq(case_shows(c, FINDING_OVERSUBSCRIBED), 0);
    cr_expect(c->findings.looked_for[FINDING_OVERSUBSCRIBED]);
    c->input.cpus = NAN;
    cr_expect_eq(case_shows(c, FINDING_OVERSUBSCRIBED), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_OVERSUBSCRIBED], "the number of CPUs is not known");
    case_close(c);
}

static struct findings_case *handing_off(void)
{
    struct findings_case *c = case_open();
    c->tallies.handoffs = 400;
    c->origins[0].syscalls_blocked = 800;
    c->origins[0].syscall_time = 8 * SEC;
    metrics_set(&c->metrics, METRIC_SCHED_THREADS_PEAK, 20);
    return c;
}

Test(findings_processors, blocking_calls_are_told_with_their_caller)
{
    struct findings_case *c = handing_off();
    const struct finding *finding = case_only(c, FINDING_SYSCALL_HANDOFF);
    cr_expect_eq(case_figure(finding, "handoffs_per_s"), 400);
    cr_expect_eq(case_figure(finding, "blocked_each_ns"), 10e6);
    cr_expect_str_eq(finding->function, "example.org/shop.Serve.func1");
    case_close(c);
}

Test(findings_processors, threads_must_grow)
{
    struct findings_case *c = handing_off();
    double least = threshold(HANDOFF_THREADS) + 2 * threshold(HANDOFF_THREADS_PER_P);
    metrics_set(&c->metrics, METRIC_SCHED_THREADS_PEAK, least);
    cr_expect_eq(case_shows(c, FINDING_SYSCALL_HANDOFF), 1, "at the threshold");
    metrics_set(&c->metrics, METRIC_SCHED_THREADS_PEAK, least - 1);
    cr_expect_eq(case_shows(c, FINDING_SYSCALL_HANDOFF), 0);
    case_close(c);
}

Test(findings_processors, a_few_calls_that_block_are_fine)
{
    struct findings_case *c = handing_off();
    c->tallies.handoffs = (uint64_t)threshold(HANDOFF_COUNT) - 1;
    cr_expect_eq(case_shows(c, FINDING_SYSCALL_HANDOFF), 0);
    c->tallies.handoffs = 400;
    c->origins[0].syscall_time = 0;
    cr_expect_eq(case_shows(c, FINDING_SYSCALL_HANDOFF), 0, "Ps go from hand to hand for other reasons, too");
    case_close(c);
}

Test(findings_processors, handoffs_are_not_judged_without_threads)
{
    struct findings_case *c = handing_off();
    metrics_unknown(&c->metrics, METRIC_SCHED_THREADS_PEAK, "the kernel probes saw no thread");
    cr_expect_eq(case_shows(c, FINDING_SYSCALL_HANDOFF), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_SYSCALL_HANDOFF], "threads were not counted");
    case_close(c);
}

Test(findings_processors, looking_in_vain_is_told_with_its_cost)
{
    struct findings_case *c = case_open();
    c->tallies.looks = 5000;
    c->tallies.runs = 10000;
    c->tallies.looked = 250 * MS;
    const struct finding *finding = case_only(c, FINDING_SPINNING);
    cr_expect_eq(case_figure(finding, "looks_per_s"), 5000);
    cr_expect_eq(case_figure(finding, "looked_cpu_ratio"), 0.25);
    c->tallies.looked = (uint64_t)(threshold(SPINNING_CPU_SHARE) * 1e9);
    cr_expect_eq(case_shows(c, FINDING_SPINNING), 1, "at the threshold");
    c->tallies.looked--;
    cr_expect_eq(case_shows(c, FINDING_SPINNING), 0);
    c->tallies.looked = 250 * MS;
    c->tallies.runs = 20000;
    cr_expect_eq(case_shows(c, FINDING_SPINNING), 1, "for every fourth run");
    c->tallies.runs++;
    cr_expect_eq(case_shows(c, FINDING_SPINNING), 0);
    c->tallies.runs = 500;
    c->tallies.looks = (uint64_t)threshold(SPINNING_LOOKS) - 1;
    cr_expect_eq(case_shows(c, FINDING_SPINNING), 0, "now and then every program does");
    case_close(c);
}

Test(findings_processors, looking_is_not_judged_by_a_wall_clock)
{
    struct findings_case *c = case_open();
    c->tallies.looks = 5000;
    c->tallies.looked = 900 * MS;
    c->tallies.cpu_clock = false;
    cr_expect_eq(case_shows(c, FINDING_SPINNING), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_SPINNING], "CPU time is not known");
    case_close(c);
}
