#include "runner/findings/lives.h"

#include "findings_case.h"

/* Every tenth of 1000 goroutines of a program that works for a second does not end. */
static struct findings_case *leaking(void)
{
    struct findings_case *c = case_open();
    c->origins[0].created = 1000;
    c->origins[0].exited = 900;
    c->origins[0].first_created = 10 * MS;
    c->origins[0].last_created = 990 * MS;
    c->origins[0].wait_count = 1;
    c->waits[0] = (struct tally_wait){.reason = "chan send",
                                      .count = 100,
                                      .time = 50 * SEC,
                                      .first = 11 * MS,
                                      .last = 989 * MS,
                                      .stuck = 100,
                                      .stuck_late = 50,
                                      .stuck_first = 11 * MS,
                                      .stuck_last = 989 * MS};
    return c;
}

Test(findings_lives, a_leak_tells_who_started_what_and_where_it_waits)
{
    struct findings_case *c = leaking();
    c->waits[0].stuck_stack =
        (struct tally_stack){.frames = {"runtime.chansend1", "example.org/shop.answer"}, .depth = 2};
    const struct finding *finding = case_only(c, FINDING_GOROUTINE_LEAK);
    cr_expect_str_eq(finding->creator, "example.org/shop.Serve");
    cr_expect_str_eq(finding->function, "example.org/shop.Serve.func1");
    cr_expect_str_eq(finding->reason, "chan send");
    cr_expect_eq(finding->stack.depth, 2);
    cr_expect(finding->has_span);
    cr_expect_eq(finding->first, 11 * MS);
    cr_expect_eq(finding->last, 989 * MS);
    cr_expect_eq(case_figure(finding, "blocked_at_end"), 100);
    cr_expect_eq(case_figure(finding, "created"), 1000);
    cr_expect_not_null(strstr(finding->sentence, "100 of the 1,000 goroutines that shop.Serve started"), "%s",
                       finding->sentence);
    cr_expect_not_null(strstr(finding->sentence, "in shop.answer"), "%s", finding->sentence);
    case_close(c);
}

Test(findings_lives, the_place_of_any_wait_there_is_told_where_that_of_the_blocked_is_not_known)
{
    struct findings_case *c = leaking();
    c->waits[0].stack = (struct tally_stack){.frames = {"example.org/shop.answer"}, .depth = 1};
    cr_expect_eq(case_only(c, FINDING_GOROUTINE_LEAK)->stack.depth, 1);
    case_close(c);
}

Test(findings_lives, a_few_blocked_ones_are_no_leak)
{
    struct findings_case *c = leaking();
    c->waits[0].stuck = 10;
    c->waits[0].stuck_late = 5;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 1, "at the threshold");
    c->waits[0].stuck = 9;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0);
    case_close(c);
}

/* Workers of a server that is stopped: as many as you like, started at once. */
Test(findings_lives, a_pool_is_no_leak)
{
    struct findings_case *c = leaking();
    c->origins[0] = (struct tally_origin){.creator = "main.main",
                                          .function = "main.worker",
                                          .created = 1000,
                                          .first_created = 10 * MS,
                                          .last_created = 12 * MS,
                                          .waits = c->waits,
                                          .wait_count = 1};
    c->waits[0].stuck = 1000;
    c->waits[0].stuck_late = 500;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "started at once, never had work");
    c->origins[0].last_created = 200 * MS;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "started in the first part of the life");
    c->origins[0].last_created = 900 * MS;
    c->waits[0].stuck_late = 900;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "all idle since the end: they had work before");
    c->waits[0].stuck_late = 850;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 1, "at the threshold");
    c->waits[0].stuck_late = 140;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "hardly any more in the second half");
    case_close(c);
}

/* It leaked for a tenth of its life, and rested then. */
Test(findings_lives, a_short_growth_is_a_leak_where_the_others_ended)
{
    struct findings_case *c = leaking();
    c->origins[0].last_created = 110 * MS;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 1);
    c->origins[0].exited = 99;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0);
    c->origins[0].exited = 900;
    c->origins[0].last_created = 29 * MS;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "no growth can be seen in 19 ms");
    case_close(c);
}

Test(findings_lives, only_what_the_program_itself_could_end_leaks)
{
    static const struct {
        const char *reason;
        size_t leaks;
    } reasons[] = {
        {"chan receive", 1},   {"chan send (nil chan)", 1}, {"select (no cases)", 1},
        {"sync.Cond.Wait", 1}, {"semacquire", 1},           {"IO wait", 0},
        {"sleep", 0},          {"GC worker (idle)", 0},     {NULL, 0},
    };
    struct findings_case *c = leaking();
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        c->waits[0].reason = reasons[i].reason;
        cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), reasons[i].leaks, "%s", reasons[i].reason);
    }
    c->waits[0].reason = "chan receive";
    c->origins[0].runtime = true;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "the runtime's own");
    c->origins[0].runtime = false;
    c->origins[0].main = true;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "main");
    c->origins[0].main = false;
    c->origins[0].function = NULL;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0, "nobody saw who started them");
    case_close(c);
}

Test(findings_lives, lost_wake_ups_make_no_leak)
{
    struct findings_case *c = leaking();
    c->metrics.values[METRIC_GOROUTINES_LEAKED].lossy = true;
    c->metrics.values[METRIC_GOROUTINES_LEAKED].lost = 90;
    cr_expect_eq(case_only(c, FINDING_GOROUTINE_LEAK)->lost, 90, "ten are left that nothing explains");
    c->metrics.values[METRIC_GOROUTINES_LEAKED].lost = 91;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_LEAK), 0);
    case_close(c);
}

/* 50,000 goroutines with 5 us of work in a second of CPU time. */
static struct findings_case *churning(void)
{
    struct findings_case *c = case_open();
    c->origins[0].created = c->origins[0].exited = 50000;
    c->origins[0].ran = 50000 * UINT64_C(5000);
    c->origins[0].lived = 50000 * UINT64_C(20000);
    c->origins[0].last_created = SEC;
    return c;
}

Test(findings_lives, churn_tells_what_a_pool_would_save)
{
    struct findings_case *c = churning();
    const struct finding *finding = case_only(c, FINDING_GOROUTINE_CHURN);
    cr_expect_eq(case_figure(finding, "created_per_s"), 50000);
    cr_expect_eq(case_figure(finding, "ran_each_ns"), 5000);
    cr_expect_eq(case_figure(finding, "lived_each_ns"), 20000);
    cr_expect_eq(case_figure(finding, "starting_cpu_ns"), 50e6);
    cr_expect_not_null(strstr(finding->sentence, "5% of the program's CPU time"), "%s", finding->sentence);
    case_close(c);
}

Test(findings_lives, goroutines_with_work_in_them_are_no_churn)
{
    struct findings_case *c = churning();
    c->origins[0].ran = 50000 * (uint64_t)threshold(CHURN_RAN);
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_CHURN), 1, "at the threshold");
    c->origins[0].ran += 50000;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_CHURN), 0);
    case_close(c);
}

Test(findings_lives, what_costs_little_is_no_churn)
{
    struct findings_case *c = churning();
    metrics_set(&c->metrics, METRIC_CPU_TIME, 1.01e9);
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_CHURN), 0, "less than a twentieth of the CPU time");
    metrics_set(&c->metrics, METRIC_CPU_TIME, 1e8);
    c->origins[0].created = (uint64_t)threshold(CHURN_CREATED) - 1;
    c->origins[0].ran = 0;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_CHURN), 0, "too few");
    c->origins[0].created++;
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_CHURN), 1);
    case_close(c);
}

Test(findings_lives, churn_is_not_judged_without_cpu_time)
{
    struct findings_case *c = churning();
    metrics_unknown(&c->metrics, METRIC_CPU_TIME, "this host's control groups do not tell");
    cr_expect_eq(case_shows(c, FINDING_GOROUTINE_CHURN), 0);
    cr_expect_not(c->findings.looked_for[FINDING_GOROUTINE_CHURN]);
    cr_expect_str_not_empty(c->findings.not_looked_for[FINDING_GOROUTINE_CHURN]);
    case_close(c);
}
