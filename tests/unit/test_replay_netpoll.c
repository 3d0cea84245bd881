#include "runner/replay/netpoll.h"

#include "replay_full.h"

enum { IO_WAIT = 2 };

Test(replay_netpoll, calls_are_told_apart_by_their_wait)
{
    struct replay *replay = full_opened(23);
    const struct netpoll *netpoll = &replay->full.netpoll;
    for (uint64_t i = 0; i < 6; i++)
        feed(replay, value_event(EVENT_GO_NETPOLL, 100 + i, 0));
    for (uint64_t i = 0; i < 3; i++)
        feed(replay, value_event(EVENT_GO_NETPOLL, 200 + i, (uint64_t)-1));
    feed(replay, value_event(EVENT_GO_NETPOLL, 300, 5000000));
    cr_assert_eq(netpoll->looks, 6);
    cr_assert_eq(netpoll->endless, 3);
    cr_assert_eq(netpoll->waits, 1);
    replay_close(replay);
}

Test(replay_netpoll, a_descriptor_is_ready_until_its_goroutine_runs)
{
    struct replay *replay = full_opened(23);
    const struct netpoll *netpoll = &replay->full.netpoll;
    start(replay, 100, 10, 7);
    for (uint64_t time = 1000; time <= 5000; time += 1000) {
        feed(replay, park_event(time, 7, IO_WAIT));
        feed(replay, netpoll_ready_event(time + 500, 7));
        feed(replay, on(99, go_event(EVENT_GO_READY, time + 510, 7)));
        feed(replay, go_event(EVENT_GO_RUN, time + 500 + time / 100, 7));
    }
    feed(replay, netpoll_ready_event(6000, 0));
    cr_assert_eq(netpoll->descriptors, 6);
    cr_assert_eq(netpoll->nobody, 1);
    cr_assert_eq(netpoll->wake_latency.count, 5);
    cr_assert_eq(netpoll->wake_latency.min, 10);
    cr_assert_eq(netpoll->wake_latency.max, 50);
    cr_assert_eq(netpoll->ready.count, 0);
    replay_close(replay);
}

Test(replay_netpoll, the_first_of_two_counts_and_an_end_forgets)
{
    struct replay *replay = full_opened(23);
    const struct netpoll *netpoll = &replay->full.netpoll;
    feed(replay, netpoll_ready_event(1000, 7));
    feed(replay, netpoll_ready_event(1400, 7));
    feed(replay, go_event(EVENT_GO_RUN, 1500, 7));
    cr_assert_eq(netpoll->wake_latency.count, 1);
    cr_assert_eq(netpoll->wake_latency.max, 500);
    feed(replay, netpoll_ready_event(2000, 7));
    feed(replay, go_event(EVENT_GO_EXIT, 2100, 7)); /* its run was lost */
    feed(replay, netpoll_ready_event(2200, 8));
    feed(replay, event_of(EVENT_PROCESS_EXEC, 2300, 10, 10));
    feed(replay, go_event(EVENT_GO_RUN, 2400, 8));
    cr_assert_eq(netpoll->wake_latency.count, 1);
    cr_assert_eq(netpoll->ready.count, 0);
    replay_close(replay);
}
