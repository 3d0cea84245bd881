#include "runner/replay/goroutines.h"

#include <criterion/criterion.h>

#include "replay_events.h"

enum { CHAN_RECEIVE = 14, SELECT = 9 };
#define DEMO_PC    0x480000
#define RUNTIME_PC 0x430000

static bool is_runtime(void *context, uint64_t start_pc)
{
    ++*(unsigned *)context;
    return start_pc == RUNTIME_PC;
}

static struct goroutine_change change;

static void feed(struct goroutines *goroutines, union any_event event)
{
    cr_assert_eq(goroutines_event(goroutines, &event.header, event.header.time, &change), 0);
}

static void open_all(struct goroutines *goroutines, unsigned *asked)
{
    const struct origins origins = {.is_runtime = is_runtime, .context = asked};
    *asked = 0;
    cr_assert_eq(goroutines_open(goroutines, &origins, &wait_reasons_23), 0);
}

/* Created at 100, runs 110..200, blocks until 500, is run at 530, ends at 600. */
static void live(struct goroutines *goroutines, uint64_t goid, uint64_t start_pc)
{
    feed(goroutines, create_event(100, goid, start_pc));
    feed(goroutines, go_event(EVENT_GO_RUN, 110, goid));
    feed(goroutines, park_event(200, goid, CHAN_RECEIVE));
    feed(goroutines, go_event(EVENT_GO_READY, 500, goid));
    feed(goroutines, go_event(EVENT_GO_RUN, 530, goid));
    feed(goroutines, go_event(EVENT_GO_EXIT, 600, goid));
}

Test(replay_goroutines, a_life_yields_slices_block_time_and_wake_latency)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    live(&goroutines, 7, DEMO_PC);
    cr_assert_eq(goroutines_finish(&goroutines, 10000), 0);
    cr_assert_eq(goroutines.demo.created, 1);
    cr_assert_eq(goroutines.demo.exited, 1);
    cr_assert_eq(goroutines.demo.alive, 0);
    cr_assert_eq(goroutines.table.count, 0, "the dead are not kept");
    cr_assert_eq(goroutines.parks, 1);
    cr_assert_eq(goroutines.parks_by_reason[CHAN_RECEIVE], 1);
    cr_assert_eq(goroutines.block_time.count, 1);
    cr_assert_eq(goroutines.block_time.max, 300);
    cr_assert_eq(goroutines.block_time_by_reason[CHAN_RECEIVE].max, 300);
    cr_assert_eq(goroutines.wake_latency.count, 1, "the first run after a create is no wake-up");
    cr_assert_eq(goroutines.wake_latency.max, 30);
    cr_assert_eq(goroutines.run_slice.count, 2);
    cr_assert_eq(goroutines.run_slice.min, 70);
    cr_assert_eq(goroutines.run_slice.max, 90);
    cr_assert_eq(goroutines.life.count, 1);
    cr_assert_eq(goroutines.life.max, 500);
    cr_assert_eq(goroutines.runnable, 0);
    cr_assert_eq(goroutines.impossible, 0);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, the_runtimes_own_are_counted_apart)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    for (uint64_t goid = 2; goid < 7; goid++)
        live(&goroutines, goid, RUNTIME_PC);
    for (uint64_t goid = 10; goid < 110; goid++)
        live(&goroutines, goid, DEMO_PC);
    cr_assert_eq(goroutines.runtime.created, 5);
    cr_assert_eq(goroutines.demo.created, 100);
    cr_assert_eq(goroutines.parks, 100);
    cr_assert_eq(goroutines.run_slice.count, 200);
    cr_assert_eq(asked, 2, "a function is asked for once");
    goroutines_close(&goroutines);
}

Test(replay_goroutines, an_unpark_undoes_the_park_and_goes_on_with_the_slice)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    feed(&goroutines, create_event(100, 7, DEMO_PC));
    feed(&goroutines, go_event(EVENT_GO_RUN, 110, 7));
    feed(&goroutines, park_event(200, 7, SELECT));
    feed(&goroutines, go_event(EVENT_GO_UNPARK, 210, 7));
    feed(&goroutines, go_event(EVENT_GO_YIELD, 310, 7));
    cr_assert_eq(goroutines.parks, 0);
    cr_assert_eq(goroutines.parks_by_reason[SELECT], 0);
    cr_assert_eq(goroutines.block_time.count, 0);
    cr_assert_eq(goroutines.run_slice.count, 1);
    cr_assert_eq(goroutines.run_slice.max, 200);
    cr_assert_eq(goroutines.yields, 1);
    feed(&goroutines, go_event(EVENT_GO_RUN, 900, 7));
    cr_assert_eq(goroutines.wake_latency.count, 0, "nobody woke what yielded");
    goroutines_close(&goroutines);
}

/* Go before 1.24: the goid is not set yet at the create, the address of g is. */
Test(replay_goroutines, a_create_without_a_goid_is_named_by_the_first_later_event_of_its_g)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    union any_event create = create_event(100, 0, DEMO_PC);
    create.create.g = go_event(EVENT_GO_RUN, 0, 33).go.g;
    feed(&goroutines, create);
    cr_assert_eq(goroutines.demo.alive, 1);
    feed(&goroutines, go_event(EVENT_GO_RUN, 110, 33));
    feed(&goroutines, park_event(120, 33, CHAN_RECEIVE));
    cr_assert_eq(goroutines.unnamed.count, 0);
    cr_assert_eq(goroutines_finish(&goroutines, 10000), 0);
    cr_assert_eq(goroutines.demo.created, 1);
    cr_assert_eq(goroutines.leaked, 1);
    cr_assert_eq(goroutines.leaks[0].start_pc, DEMO_PC, "what the create said is kept");
    goroutines_close(&goroutines);
}

Test(replay_goroutines, the_same_g_serves_many_goroutines)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    for (uint64_t goid = 20; goid < 1020; goid++) {
        union any_event create = create_event(goid * 10, 0, DEMO_PC);
        union any_event run = go_event(EVENT_GO_RUN, goid * 10 + 1, goid);
        union any_event exit = go_event(EVENT_GO_EXIT, goid * 10 + 2, goid);
        create.create.g = run.go.g = exit.go.g = 0xc000001000;
        feed(&goroutines, create);
        feed(&goroutines, run);
        feed(&goroutines, exit);
    }
    cr_assert_eq(goroutines.demo.created, 1000);
    cr_assert_eq(goroutines.demo.exited, 1000);
    cr_assert_eq(goroutines.demo.peak, 1);
    cr_assert_eq(goroutines.impossible, 0);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, the_blocked_at_the_end_are_grouped_and_main_is_not_among_them)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    for (uint64_t goid = 1; goid <= 61; goid++) {
        feed(&goroutines, create_event(goid, goid, goid <= 41 ? DEMO_PC : DEMO_PC + 64));
        feed(&goroutines, go_event(EVENT_GO_RUN, goid, goid));
        feed(&goroutines, park_event(goid, goid, goid <= 41 ? CHAN_RECEIVE : SELECT));
    }
    feed(&goroutines, create_event(100, 99, DEMO_PC)); /* alive, but runnable */
    feed(&goroutines, create_event(100, 98, RUNTIME_PC));
    feed(&goroutines, go_event(EVENT_GO_RUN, 101, 98));
    feed(&goroutines, park_event(102, 98, 17));
    cr_assert_eq(goroutines_finish(&goroutines, 10000), 0);
    cr_assert_eq(goroutines.demo.alive, 62);
    cr_assert_eq(goroutines.leaked, 60);
    cr_assert_eq(goroutines.leak_count, 2);
    cr_assert_eq(goroutines.leaks[0].count, 40);
    cr_assert_eq(goroutines.leaks[0].reason, CHAN_RECEIVE);
    cr_assert_eq(goroutines.leaks[1].count, 20);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, a_goroutine_without_a_create_still_counts)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    feed(&goroutines, go_event(EVENT_GO_RUN, 100, 5));
    feed(&goroutines, go_event(EVENT_GO_EXIT, 200, 5));
    feed(&goroutines, go_event(EVENT_GO_READY, 300, 6));
    cr_assert_eq(goroutines.demo.created, 2);
    cr_assert_eq(goroutines.demo.exited, 1);
    cr_assert_eq(goroutines.demo.alive, 1);
    /* The create of 6 comes late, and says that it is the runtime's. */
    feed(&goroutines, create_event(300, 6, RUNTIME_PC));
    cr_assert_eq(goroutines.demo.created, 1);
    cr_assert_eq(goroutines.runtime.alive, 1);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, processes_and_programs_number_their_own)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    feed(&goroutines, create_event(100, 1, DEMO_PC));
    union any_event other = create_event(110, 1, DEMO_PC);
    other.header.pid = other.header.tid = 20;
    feed(&goroutines, other);
    cr_assert_eq(goroutines.demo.created, 2);
    feed(&goroutines, event_of(EVENT_PROCESS_EXEC, 200, 10, 10));
    feed(&goroutines, create_event(300, 1, DEMO_PC));
    cr_assert_eq(goroutines.demo.created, 3);
    cr_assert_eq(goroutines.impossible, 0);
    feed(&goroutines, create_event(310, 1, DEMO_PC));
    cr_assert_eq(goroutines.demo.created, 3, "a create is not believed twice");
    cr_assert_eq(goroutines.impossible, 1);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, the_end_of_one_thread_ends_no_goroutine_and_is_no_loss)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    feed(&goroutines, create_event(100, 7, DEMO_PC));
    struct event_process exit = {
        .header = {.time = 200, .kind = EVENT_PROCESS_EXIT, .tid = 11, .pid = 10},
    };
    cr_assert_eq(goroutines_event(&goroutines, &exit.header, 200, &change), 0);
    cr_assert_eq(goroutines.ignored, 0);
    cr_assert_eq(goroutines.demo.alive, 1);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, what_can_run_and_does_not_is_counted_at_any_time)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    feed(&goroutines, create_event(100, 7, DEMO_PC));
    feed(&goroutines, create_event(101, 8, DEMO_PC));
    feed(&goroutines, create_event(102, 9, RUNTIME_PC));
    cr_assert_eq(goroutines.runnable, 2, "the runtime's own is not the demo's");
    feed(&goroutines, go_event(EVENT_GO_RUN, 110, 7));
    cr_assert_eq(goroutines.runnable, 1);
    feed(&goroutines, park_event(120, 7, CHAN_RECEIVE));
    feed(&goroutines, go_event(EVENT_GO_READY, 130, 7));
    feed(&goroutines, go_event(EVENT_GO_READY, 131, 7));
    cr_assert_eq(goroutines.runnable, 2);
    feed(&goroutines, go_event(EVENT_GO_EXIT, 140, 7)); /* its run was lost */
    feed(&goroutines, go_event(EVENT_GO_RUN, 141, 8));
    cr_assert_eq(goroutines.runnable, 0);
    goroutines_close(&goroutines);
}

Test(replay_goroutines, each_change_is_told)
{
    struct goroutines goroutines;
    unsigned asked;
    open_all(&goroutines, &asked);
    feed(&goroutines, create_event(100, 7, DEMO_PC));
    cr_assert_eq(change.from, GOROUTINE_NONE);
    cr_assert_eq(change.to, GOROUTINE_RUNNABLE);
    feed(&goroutines, go_event(EVENT_GO_RUN, 110, 7));
    cr_assert_eq(change.since, 100);
    feed(&goroutines, park_event(120, 7, CHAN_RECEIVE));
    cr_assert_eq(change.to, GOROUTINE_WAITING);
    cr_assert_eq(change.reason, CHAN_RECEIVE);
    feed(&goroutines, go_event(EVENT_GO_READY, 130, 7));
    cr_assert_eq(change.from, GOROUTINE_WAITING);
    cr_assert_eq(change.to, GOROUTINE_READY);
    cr_assert_eq(change.since, 120);
    cr_assert_eq(change.reason, CHAN_RECEIVE);
    feed(&goroutines, go_event(EVENT_GO_EXIT, 140, 7));
    cr_assert_eq(change.to, GOROUTINE_NONE);
    feed(&goroutines, create_event(150, 9, RUNTIME_PC));
    cr_assert(change.runtime);
    goroutines_close(&goroutines);
}
