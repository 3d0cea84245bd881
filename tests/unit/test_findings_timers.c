#include "runner/findings/timers.h"

#include "findings_case.h"

static struct findings_case *making(double made)
{
    struct findings_case *c = case_open();
    metrics_set(&c->metrics, METRIC_TIMERS_MADE, made);
    c->origins[0].timers_made = (uint64_t)made;
    return c;
}

Test(findings_timers, timers_in_masses_are_told_with_their_maker)
{
    struct findings_case *c = making(20000);
    metrics_set(&c->metrics, METRIC_TIMERS_STOPPED, 500);
    c->tallies.timers_fired = 1000;
    const struct finding *finding = case_only(c, FINDING_TIMER_ABUSE);
    cr_expect_eq(case_figure(finding, "made_per_s"), 20000);
    cr_expect_eq(case_figure(finding, "never_fired_least"), 19000);
    cr_expect_eq(case_figure(finding, "abandoned"), 18500);
    cr_expect_str_eq(finding->function, "example.org/shop.Serve.func1");
    case_close(c);
}

Test(findings_timers, the_main_goroutine_may_be_the_maker)
{
    struct findings_case *c = making(20000);
    c->origins[0].main = true;
    c->origins[0].function = "runtime.main";
    const struct finding *finding = case_only(c, FINDING_TIMER_ABUSE);
    cr_expect_null(finding->creator, "no go statement started it");
    cr_expect_not_null(strstr(finding->sentence, "main.main"), "%s", finding->sentence);
    case_close(c);
}

Test(findings_timers, a_time_out_for_each_request_is_no_abuse)
{
    struct findings_case *c = making(10000);
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 1, "at the threshold");
    metrics_set(&c->metrics, METRIC_CPU_TIME, 1.1e9);
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 0, "more than 100 us of CPU time for each");
    metrics_set(&c->metrics, METRIC_CPU_TIME, 0.1e9);
    metrics_set(&c->metrics, METRIC_TIMERS_MADE, 9999);
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 0, "too few to be felt");
    case_close(c);
}

Test(findings_timers, timers_that_fire_are_no_abuse)
{
    struct findings_case *c = making(20000);
    c->tallies.timers_fired = 2000;
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 1, "at the threshold");
    c->tallies.timers_fired = 2001;
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 0);
    c->tallies.timers_fired = 50000;
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 0, "sleeps fire, too");
    case_close(c);
}

Test(findings_timers, timers_that_nobody_counted_are_not_judged)
{
    struct findings_case *c = making(20000);
    metrics_unknown(&c->metrics, METRIC_TIMERS_MADE, "recorded with `go: full` only");
    cr_expect_eq(case_shows(c, FINDING_TIMER_ABUSE), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_TIMER_ABUSE], "timers were not counted");
    case_close(c);
}
