/* A replay at level full, with its inside open to the test. */
#ifndef TESTS_UNIT_REPLAY_FULL_H
#define TESTS_UNIT_REPLAY_FULL_H

#include <criterion/criterion.h>

#include "replay_events.h"
#include "runner/replay/state.h"

/* Go 1.23 */
enum { CHAN_RECEIVE = 14, SEMACQUIRE = 18, SLEEPING = 19, MUTEX = 21, PREEMPTED = 28, STOPPING = 31 };
#define DEMO_PC    0x480000
#define RUNTIME_PC 0x430000

static inline bool full_is_runtime(void *context, uint64_t start_pc)
{
    (void)context;
    return start_pc == RUNTIME_PC;
}

static inline struct replay *full_opened(uint32_t go_minor)
{
    const struct replay_settings settings = {
        .go_minor = go_minor, .sched = true, .go = true, .full = true, .is_runtime = full_is_runtime};
    struct replay *replay = NULL;
    cr_assert_eq(replay_open(&settings, &replay), 0);
    return replay;
}

static inline void feed(struct replay *replay, union any_event event)
{
    cr_assert_eq(replay_event(replay, &event.header), 0);
}

/* A goroutine is made and runs on the thread. */
static inline void start(struct replay *replay, uint64_t time, uint32_t tid, uint64_t goid)
{
    feed(replay, on(tid, create_event(time, goid, DEMO_PC)));
    feed(replay, on(tid, go_event(EVENT_GO_RUN, time, goid)));
}

#endif
