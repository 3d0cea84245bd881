#include "runner/findings/budget.h"

#include "findings_case.h"

static struct findings_case *throttled(double ns)
{
    struct findings_case *c = case_open();
    c->input.observed = false;
    c->input.tallies = NULL;
    c->input.quota = 0.5;
    metrics_set(&c->metrics, METRIC_CPU_THROTTLED, ns);
    return c;
}

Test(findings_budget, throttling_is_judged_in_bare_trials)
{
    struct findings_case *c = throttled(0.4e9);
    metrics_set(&c->metrics, METRIC_CPU_THROTTLED_PERIODS_RATIO, 0.9);
    const struct finding *finding = case_only(c, FINDING_THROTTLED);
    cr_expect_eq(case_figure(finding, "throttled_ratio"), 0.4);
    cr_expect_eq(case_figure(finding, "throttled_periods_ratio"), 0.9);
    cr_expect_not_null(strstr(finding->sentence, "400 ms of 1.00 s (40%)"), "%s", finding->sentence);
    c->input.observed = true;
    c->input.tallies = &c->tallies;
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 0, "what observing costs is throttled, too");
    cr_expect_not(c->findings.looked_for[FINDING_THROTTLED]);
    cr_expect_str_empty(c->findings.not_looked_for[FINDING_THROTTLED]);
    case_close(c);
}

Test(findings_budget, a_little_throttling_decides_nothing)
{
    struct findings_case *c = throttled(0.1e9);
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 1, "at the threshold");
    metrics_set(&c->metrics, METRIC_CPU_THROTTLED, 0.099e9);
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 0);
    case_close(c);
}

Test(findings_budget, a_program_with_as_many_ps_as_cpus_is_not_blamed)
{
    struct findings_case *c = throttled(0.4e9);
    c->input.quota = 2;
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 0, "GOMAXPROCS 2");
    c->input.quota = INFINITY;
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 0, "no quota");
    cr_expect(c->findings.looked_for[FINDING_THROTTLED]);
    case_close(c);
}

Test(findings_budget, throttling_that_nobody_counted_is_not_judged)
{
    struct findings_case *c = throttled(0.4e9);
    metrics_unknown(&c->metrics, METRIC_CPU_THROTTLED, "this host's control groups do not tell");
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_THROTTLED], "throttled time is not known");
    case_close(c);
    c = throttled(0.4e9);
    c->input.procs = NAN;
    cr_expect_eq(case_shows(c, FINDING_THROTTLED), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_THROTTLED], "GOMAXPROCS is not known");
    case_close(c);
}

static struct findings_case *collecting(uint64_t cycles)
{
    struct findings_case *c = case_open();
    c->tallies.gc.cycles = cycles;
    metrics_set(&c->metrics, METRIC_GC_HEAP_GOAL, 4 << 20);
    return c;
}

Test(findings_budget, many_cycles_are_pressure)
{
    struct findings_case *c = collecting(50);
    const struct finding *finding = case_only(c, FINDING_GC_PRESSURE);
    cr_expect_eq(case_figure(finding, "collections_per_cpu_s"), 50);
    cr_expect_eq(case_figure(finding, "heap_goal_bytes"), 4 << 20);
    c->tallies.gc.cycles = 49;
    cr_expect_eq(case_shows(c, FINDING_GC_PRESSURE), 0, "fewer than a program asks for itself");
    c->tallies.gc.cycles = 50;
    metrics_set(&c->metrics, METRIC_CPU_TIME, 1.1e9);
    cr_expect_eq(case_shows(c, FINDING_GC_PRESSURE), 0, "fewer for a second of CPU time");
    case_close(c);
}

Test(findings_budget, a_quarter_of_the_cpu_time_is_pressure_too)
{
    struct findings_case *c = collecting(60);
    metrics_set(&c->metrics, METRIC_CPU_TIME, 4e9);
    c->tallies.gc.accounted = 60;
    c->tallies.gc.mark = 700 * MS;
    c->tallies.gc.assist = 300 * MS;
    c->tallies.gc.idle = 2 * SEC;
    const struct finding *finding = case_only(c, FINDING_GC_PRESSURE);
    cr_expect_eq(case_figure(finding, "gc_cpu_ratio"), 0.25);
    cr_expect_eq(case_figure(finding, "assist_ns"), 300e6);
    c->tallies.gc.mark--;
    cr_expect_eq(case_shows(c, FINDING_GC_PRESSURE), 0, "what idle Ps give is no pressure");
    c->tallies.gc.accounted = 30;
    cr_expect_eq(case_shows(c, FINDING_GC_PRESSURE), 1, "half of the cycles are accounted for");
    case_close(c);
}

Test(findings_budget, the_workers_cpu_time_stands_in_for_what_is_not_accounted)
{
    struct findings_case *c = collecting(60);
    metrics_set(&c->metrics, METRIC_CPU_TIME, 4e9);
    c->origins[0].function = "runtime.gcBgMarkWorker";
    c->origins[0].runtime = true;
    c->origins[0].ran = SEC;
    cr_expect_eq(case_figure(case_only(c, FINDING_GC_PRESSURE), "gc_cpu_ratio"), 0.25);
    c->tallies.cpu_clock = false;
    cr_expect_eq(case_shows(c, FINDING_GC_PRESSURE), 0, "a wall clock tells nothing of CPU time");
    case_close(c);
}

Test(findings_budget, pressure_is_not_judged_without_cpu_time)
{
    struct findings_case *c = collecting(1000);
    metrics_unknown(&c->metrics, METRIC_CPU_TIME, "this host's control groups do not tell");
    cr_expect_eq(case_shows(c, FINDING_GC_PRESSURE), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_GC_PRESSURE], "CPU time is not known");
    case_close(c);
}
