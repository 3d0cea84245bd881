#include "runner/replay/threads.h"

#include <criterion/criterion.h>

#include "replay_events.h"

#define BOTH  (EVENT_FLAG_PREV | EVENT_FLAG_NEXT)
#define SLEEP 1u

static void feed(struct threads *threads, union any_event event)
{
    cr_assert_eq(threads_event(threads, &event.header, event.header.time), 0);
}

static union any_event fork_event(uint64_t time, uint32_t child)
{
    union any_event event = event_of(EVENT_PROCESS_FORK, time, 10, 10);
    event.process.child_tid = child;
    event.process.child_pid = 10;
    return event;
}

/* One thread: forked at 0, woken at 100, runs 150..400, sleeps until 1000, runs 1030..2000, dies. */
Test(replay_threads, each_instant_of_a_life_belongs_to_one_state)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    feed(&threads, fork_event(0, 11));
    feed(&threads, event_of(EVENT_SCHED_WAKEUP_NEW, 100, 11, 10));
    feed(&threads, switch_event(150, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    feed(&threads, switch_event(400, 0, 11, 0, SLEEP, EVENT_FLAG_PREV));
    feed(&threads, event_of(EVENT_SCHED_WAKING, 1000, 11, 10));
    feed(&threads, event_of(EVENT_SCHED_WAKEUP, 1010, 11, 10));
    feed(&threads, switch_event(1030, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    union any_event exit = event_of(EVENT_PROCESS_EXIT, 1990, 11, 10);
    feed(&threads, exit);
    feed(&threads, switch_event(2000, 0, 11, 0, 0x80, EVENT_FLAG_PREV));
    cr_assert_eq(threads.table.count, 0, "the dead are not kept");
    threads_finish(&threads, 5000);
    const struct thread_totals *totals = &threads.totals;
    cr_assert_eq(totals->time[THREAD_ON_CPU], 250 + 970);
    cr_assert_eq(totals->time[THREAD_RUN_QUEUE], 50 + 30);
    cr_assert_eq(totals->time[THREAD_BLOCKED], 100 + 600);
    cr_assert_eq(totals->time[THREAD_THROTTLED], 0);
    cr_assert_eq(totals->lifetime, 2000);
    cr_assert_eq(totals->switches, 2);
    cr_assert_eq(totals->voluntary, 2);
    cr_assert_eq(threads.run_queue_latency.count, 2);
    cr_assert_eq(threads.run_queue_latency.min, 30);
    cr_assert_eq(threads.run_queue_latency.max, 50);
    threads_close(&threads);
}

Test(replay_threads, a_preempted_thread_waits_in_the_run_queue_whatever_its_state_says)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    feed(&threads, switch_event(100, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    feed(&threads, switch_event(200, 0, 11, 12, SLEEP, BOTH | EVENT_FLAG_PREEMPT));
    feed(&threads, switch_event(250, 0, 12, 11, 0, BOTH));
    threads_finish(&threads, 300);
    cr_assert_eq(threads.totals.involuntary, 2);
    cr_assert_eq(threads.totals.voluntary, 0);
    cr_assert_eq(threads.run_queue_latency.count, 1);
    cr_assert_eq(threads.run_queue_latency.max, 50);
    cr_assert_eq(threads.totals.time[THREAD_RUN_QUEUE], 50 + 50, "12 waits from 250 to the end");
    threads_close(&threads);
}

Test(replay_threads, throttled_time_is_not_run_queue_time)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    feed(&threads, switch_event(100, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    feed(&threads, switch_event(150, 0, 11, 0, 0, EVENT_FLAG_PREV | EVENT_FLAG_THROTTLED));
    feed(&threads, event_of(EVENT_SCHED_WAKEUP, 160, 11, 10));
    feed(&threads, switch_event(950, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    threads_finish(&threads, 1000);
    cr_assert_eq(threads.totals.time[THREAD_THROTTLED], 800);
    cr_assert_eq(threads.totals.time[THREAD_RUN_QUEUE], 0);
    cr_assert_eq(threads.totals.involuntary, 1);
    cr_assert_eq(threads.run_queue_latency.count, 0);
    threads_close(&threads);
}

Test(replay_threads, a_bounce_between_cpus_counts_each_move_once)
{
    enum { MOVES = 40 };
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    uint64_t now = 100;
    for (unsigned i = 0; i <= MOVES; i++) {
        uint8_t cpu = i % 2;
        feed(&threads, switch_event(now, cpu, 0, 11, 0, EVENT_FLAG_NEXT));
        feed(&threads, switch_event(now + 10, cpu, 11, 0, 2, EVENT_FLAG_PREV));
        feed(&threads, event_of(EVENT_SCHED_MIGRATE, now + 12, 11, 10));
        feed(&threads, event_of(EVENT_SCHED_WAKING, now + 15, 11, 10));
        now += 20;
    }
    cr_assert_eq(threads.totals.migrations, MOVES);
    threads_close(&threads);
}

Test(replay_threads, the_peak_counts_the_living)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    for (uint32_t tid = 100; tid < 150; tid++) {
        feed(&threads, fork_event(tid, tid));
        feed(&threads, switch_event(tid, 0, 0, tid, 0, EVENT_FLAG_NEXT));
        if (tid >= 103) /* at most four at once */
            feed(&threads, switch_event(tid, 0, tid - 3, 0, 0x80, EVENT_FLAG_PREV));
    }
    cr_assert_eq(threads.totals.peak, 4);
    threads_close(&threads);
}

Test(replay_threads, a_lost_switch_out_is_repaired_by_the_next_switch_of_its_cpu)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    feed(&threads, switch_event(100, 1, 0, 11, 0, EVENT_FLAG_NEXT));
    feed(&threads, switch_event(300, 1, 77, 12, SLEEP, EVENT_FLAG_NEXT)); /* 77 is nobody of ours */
    threads_finish(&threads, 1000);
    cr_assert_eq(threads.totals.repaired, 1);
    cr_assert_eq(threads.totals.time[THREAD_ON_CPU], 200 + 700);
    cr_assert_eq(threads.totals.time[THREAD_BLOCKED], 700);
    threads_close(&threads);
}

Test(replay_threads, a_thread_that_executes_takes_the_number_of_the_first)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    feed(&threads, switch_event(100, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(&threads, fork_event(110, 11));
    feed(&threads, switch_event(120, 1, 0, 11, 0, EVENT_FLAG_NEXT));
    union any_event exit = event_of(EVENT_PROCESS_EXIT, 130, 10, 10);
    feed(&threads, exit);
    feed(&threads, switch_event(140, 0, 10, 0, 0x80, EVENT_FLAG_PREV));
    union any_event exec = event_of(EVENT_PROCESS_EXEC, 200, 10, 10);
    exec.header.cpu = 1;
    feed(&threads, exec);
    cr_assert_eq(threads.table.count, 1);
    feed(&threads, switch_event(300, 1, 10, 0, SLEEP, EVENT_FLAG_PREV));
    threads_finish(&threads, 300);
    cr_assert_eq(threads.totals.repaired, 0);
    cr_assert_eq(threads.totals.time[THREAD_ON_CPU], 40 + 80 + 100);
    threads_close(&threads);
}

/* Its switch-in was lost, and its last switch, too: it ran on the CPU of its exit, until another came. */
Test(replay_threads, a_thread_that_exits_runs_where_it_does_so)
{
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    feed(&threads, fork_event(0, 11));
    union any_event exit = event_of(EVENT_PROCESS_EXIT, 100, 11, 10);
    exit.header.cpu = 3;
    feed(&threads, exit);
    feed(&threads, switch_event(200, 3, 77, 12, SLEEP, EVENT_FLAG_NEXT));
    cr_assert_eq(threads.totals.repaired, 1);
    cr_assert_eq(threads.table.count, 1, "only 12 is left");
    threads_finish(&threads, 300);
    cr_assert_eq(threads.totals.time[THREAD_ON_CPU], 100, "12 alone, for when 11 left is not known");
    threads_close(&threads);
}

struct heard {
    struct replay_slice slices[8];
    struct replay_wait waits[8];
    size_t slice_count, wait_count;
};

static void hear_slice(void *context, const struct replay_slice *slice)
{
    struct heard *heard = context;
    heard->slices[heard->slice_count++] = *slice;
}

static void hear_wait(void *context, const struct replay_wait *wait)
{
    struct heard *heard = context;
    heard->waits[heard->wait_count++] = *wait;
}

static void expect_slice(const struct replay_slice *slice, uint32_t tid, uint8_t cpu, uint64_t start,
                         uint64_t end)
{
    cr_expect(slice->tid == tid && slice->cpu == cpu && slice->start == start && slice->end == end,
              "%u on CPU %u, %llu..%llu", slice->tid, slice->cpu, (unsigned long long)slice->start,
              (unsigned long long)slice->end);
}

/* 11 is woken at 100 and runs 150..200; is throttled until 900; runs 900..1000 on another CPU, and 12 behind
   it from 1000 to the end. */
Test(replay_threads, a_listener_hears_of_each_slice_and_each_wait)
{
    struct heard heard = {0};
    struct threads threads;
    cr_assert_eq(threads_open(&threads), 0);
    threads.listener = (struct replay_listener){&heard, hear_slice, hear_wait};
    feed(&threads, event_of(EVENT_SCHED_WAKING, 100, 11, 10));
    feed(&threads, switch_event(150, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    feed(&threads, switch_event(200, 0, 11, 0, 0, EVENT_FLAG_PREV | EVENT_FLAG_THROTTLED));
    feed(&threads, switch_event(900, 1, 0, 11, 0, EVENT_FLAG_NEXT));
    feed(&threads, event_of(EVENT_SCHED_WAKING, 1000, 12, 10));
    feed(&threads, switch_event(1000, 1, 11, 12, SLEEP, BOTH));
    threads_finish(&threads, 1300);
    cr_assert_eq(heard.slice_count, 3);
    expect_slice(&heard.slices[0], 11, 0, 150, 200);
    expect_slice(&heard.slices[1], 11, 1, 900, 1000);
    expect_slice(&heard.slices[2], 12, 1, 1000, 1300);
    cr_assert_eq(heard.wait_count, 3);
    static const struct replay_wait waits[] = {
        {.start = 100, .end = 150, .tid = 11, .cpu = 0},
        {.start = 200, .end = 900, .tid = 11, .cpu = 1, .throttled = true},
        {.start = 1000, .end = 1000, .tid = 12, .cpu = 1},
    };
    for (size_t i = 0; i < 3; i++) {
        const struct replay_wait *wait = &heard.waits[i];
        cr_expect(wait->start == waits[i].start && wait->end == waits[i].end && wait->tid == waits[i].tid &&
                      wait->cpu == waits[i].cpu && wait->throttled == waits[i].throttled,
                  "wait %zu", i);
    }
    threads_close(&threads);
}
