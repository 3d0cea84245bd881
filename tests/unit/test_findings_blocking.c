#include "runner/findings/blocking.h"

#include "findings_case.h"

/* Ten goroutines wait to send all the time. */
static struct findings_case *sending(void)
{
    struct findings_case *c = case_open();
    c->origins[0].created = c->origins[0].exited = 64;
    c->origins[0].wait_count = 2;
    c->waits[0] = (struct tally_wait){.reason = "chan send",
                                      .count = 1000,
                                      .time = 10 * SEC,
                                      .first = 1 * MS,
                                      .last = 999 * MS,
                                      .stack = {.frames = {"runtime.chansend1", "main.clerk"}, .depth = 2}};
    c->waits[1] = (struct tally_wait){.reason = "sleep", .count = 1000, .time = 5 * SEC};
    return c;
}

Test(findings_blocking, sends_without_a_receiver_are_told_with_their_place)
{
    struct findings_case *c = sending();
    const struct finding *finding = case_only(c, FINDING_BLOCKED_SENDS);
    cr_expect_eq(case_figure(finding, "waits"), 1000);
    cr_expect_eq(case_figure(finding, "waiting_average"), 10);
    cr_expect_eq(case_figure(finding, "wait_each_ns"), 10e6);
    cr_expect_eq(finding->last, 999 * MS);
    cr_expect_not_null(strstr(finding->sentence, "in main.clerk"), "%s", finding->sentence);
    case_close(c);
}

Test(findings_blocking, a_producer_that_waits_for_its_consumer_is_none)
{
    struct findings_case *c = sending();
    c->waits[0].time = 8 * SEC;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 1, "at the threshold");
    c->waits[0].time = 8 * SEC - 1;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 0);
    c->waits[0].time = 10 * SEC;
    c->input.procs = 3;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 0, "three Ps keep twelve at work");
    case_close(c);
}

Test(findings_blocking, a_few_single_waits_are_no_blocked_sends)
{
    struct findings_case *c = sending();
    c->waits[0].count = (uint64_t)threshold(SENDS_WAITS) - 1;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 0);
    c->waits[0].count++;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 1);
    case_close(c);
}

Test(findings_blocking, sends_must_be_what_they_mainly_wait_for)
{
    struct findings_case *c = sending();
    c->waits[1].time = 10 * SEC;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 1, "half");
    c->waits[1].time++;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 0);
    case_close(c);
}

Test(findings_blocking, receives_are_no_sends)
{
    struct findings_case *c = sending();
    c->waits[0].reason = "chan receive";
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 0);
    c->waits[0].reason = NULL;
    cr_expect_eq(case_shows(c, FINDING_BLOCKED_SENDS), 0);
    case_close(c);
}

/* Nine goroutines stand at a mutex all the time. */
static struct findings_case *queueing(void)
{
    struct findings_case *c = case_open();
    c->tallies.lock_count = 1;
    c->locks[0] =
        (struct tally_lock){.reason = "sync.Mutex.Lock",
                            .creator = "main.main",
                            .function = "main.book",
                            .address = 0xc000012345,
                            .waits = 900,
                            .time = 9 * SEC,
                            .peak = 31,
                            .first = 2 * MS,
                            .last = 998 * MS,
                            .stack = {.frames = {"sync.(*Mutex).lockSlow", "main.add"}, .depth = 2}};
    return c;
}

Test(findings_blocking, a_convoy_is_told_with_its_lock)
{
    struct findings_case *c = queueing();
    const struct finding *finding = case_only(c, FINDING_LOCK_CONVOY);
    cr_expect_eq(case_figure(finding, "waiting_average"), 9);
    cr_expect_eq(case_figure(finding, "waiting_most"), 31);
    cr_expect_eq(case_figure(finding, "wait_each_ns"), 10e6);
    cr_expect_str_eq(finding->reason, "sync.Mutex.Lock");
    cr_expect_str_eq(finding->creator, "main.main");
    cr_expect_str_eq(finding->function, "main.book");
    cr_expect_not_null(strstr(finding->sentence, "sync.Mutex.Lock in main.add"), "%s", finding->sentence);
    case_close(c);
}

/* Its threads wanted a CPU for longer than they had one: the holder of the lock may have waited, too. */
Test(findings_blocking, a_convoy_that_the_machine_may_have_made_is_none)
{
    struct findings_case *c = queueing();
    metrics_set(&c->metrics, METRIC_SCHED_ON_CPU, 400e6);
    c->tallies.crowd.time[1] = 500 * MS;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 1, "a tenth of the time");
    c->tallies.crowd.time[2] = 100 * MS;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0, "a third");
    c->locks[0].time = 90 * SEC;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 1, "more than the machine can explain");
    c->tallies.crowd.time[2] = 2 * SEC;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0, "all of it");
    case_close(c);
}

Test(findings_blocking, two_or_three_at_a_lock_are_no_convoy)
{
    struct findings_case *c = queueing();
    c->locks[0].time = 8 * SEC;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 1, "at the threshold");
    c->locks[0].time--;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0);
    c->locks[0].time = 9 * SEC;
    c->locks[0].waits = (uint64_t)threshold(CONVOY_WAITS) - 1;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0, "a few that wait once");
    case_close(c);
}

Test(findings_blocking, the_runtimes_own_semaphores_are_no_mutexes)
{
    struct findings_case *c = queueing();
    c->locks[0].reason = "semacquire";
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 1, "Go 1.19: the stack tells");
    c->locks[0].stack = (struct tally_stack){.frames = {"runtime.gcStart", "runtime.mallocgc"}, .depth = 2};
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0);
    c->locks[0].stack.depth = 0;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0, "not known");
    case_close(c);
}

Test(findings_blocking, every_lock_with_a_line_is_one)
{
    struct findings_case *c = queueing();
    c->locks[1] = c->locks[0];
    c->tallies.lock_count = 2;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 2);
    case_close(c);
}

Test(findings_blocking, without_gomaxprocs_nothing_is_claimed)
{
    struct findings_case *c = queueing();
    c->input.procs = NAN;
    cr_expect_eq(case_shows(c, FINDING_LOCK_CONVOY), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_LOCK_CONVOY], "GOMAXPROCS is not known");
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_BLOCKED_SENDS], "GOMAXPROCS is not known");
    case_close(c);
}
