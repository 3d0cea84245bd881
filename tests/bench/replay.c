/*
 * A long trace at level full: CPU time an event of the replay alone, and the memory that it takes, over 50
 * million events as a busy server with 2 Ps has them. Goroutines come and go, timers are made and stopped at
 * addresses that the heap gives again after a collection, locks are many and few are hot.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "runner/replay/replay.h"

enum { EVENTS = 50 * 1000 * 1000, THREADS = 8, STEPS = 40, WANTED_MIB = 64 };

union record {
    struct event_header header;
    struct event_sched_switch sched_switch;
    struct event_sched_wake wake;
    struct event_go_create create;
    struct event_go go;
    struct event_go_park park;
    struct event_go_value value;
    struct event_go_gc_end gc_end;
    struct event_go_proc proc;
    struct event_go_steal steal;
    struct event_go_netpoll_ready netpoll_ready;
    struct event_go_timer_fire timer_fire;
    struct event_go_lock_wait lock_wait;
    unsigned char bytes[EVENT_SIZE_MAX];
};

struct source {
    uint64_t time, count;
    uint32_t seq;
};

/* Numbers of Go 1.23. */
enum { IO_WAIT = 2, CHAN_RECEIVE = 14, MUTEX = 21, ASLEEP = 1 };

/* One request in 40 steps: what happens, and to whom. */
enum who { NOBODY, HANDLER, HELPER };
static const struct step {
    uint16_t kind;
    uint8_t who;
    uint64_t value; /* of parks the reason, of switches the flags */
} steps[STEPS] = {
    {EVENT_GO_NETPOLL, NOBODY, 0},
    {EVENT_GO_NETPOLL_READY, HANDLER, 'r'},
    {EVENT_GO_READY, HANDLER, 0},
    {EVENT_GO_M_START, NOBODY, 1},
    {EVENT_SCHED_WAKING, NOBODY, 0},
    {EVENT_SCHED_SWITCH, NOBODY, EVENT_FLAG_NEXT},
    {EVENT_GO_P_BIND, NOBODY, 0},
    {EVENT_GO_STEAL, NOBODY, 1},
    {EVENT_GO_RUN, HANDLER, 0},
    {EVENT_GO_SYSCALL_ENTER, HANDLER, 0},
    {EVENT_GO_SYSCALL_EXIT, HANDLER, 0},
    {EVENT_GO_P_BIND, NOBODY, 0},
    {EVENT_GO_TIMER_MAKE, HANDLER, 0},
    {EVENT_GO_CREATE, HELPER, 0},
    {EVENT_GO_PARK, HANDLER, CHAN_RECEIVE},
    {EVENT_GO_RUN, HELPER, 0},
    {EVENT_GO_LOCK_WAIT, HELPER, 0},
    {EVENT_GO_PARK, HELPER, MUTEX},
    {EVENT_GO_READY, HELPER, 0},
    {EVENT_GO_RUN, HELPER, 0},
    {EVENT_GO_PREEMPT_REQUEST, NOBODY, 0},
    {EVENT_GO_PREEMPT_ASYNC, HELPER, 0},
    {EVENT_GO_YIELD, HELPER, 0},
    {EVENT_GO_RUN, HELPER, 0},
    {EVENT_GO_GOSCHED, HELPER, 0},
    {EVENT_GO_YIELD, HELPER, 0},
    {EVENT_GO_RUN, HELPER, 0},
    {EVENT_GO_READY, HANDLER, 0},
    {EVENT_GO_EXIT, HELPER, 0},
    {EVENT_GO_RUN, HANDLER, 0},
    {EVENT_GO_TIMER_STOP, HANDLER, 0},
    {EVENT_GO_SYSCALL_ENTER, HANDLER, 0},
    {EVENT_GO_SYSCALL_EXIT, HANDLER, 0},
    {EVENT_GO_TIMER_FIRE, NOBODY, 0},
    {EVENT_GO_PARK, HANDLER, IO_WAIT},
    {EVENT_GO_STEAL, NOBODY, 0},
    {EVENT_GO_P_UNBIND, NOBODY, 0},
    {EVENT_GO_M_STOP, NOBODY, 0},
    {EVENT_SCHED_SWITCH, NOBODY, EVENT_FLAG_PREV},
    {EVENT_GO_GC_END, NOBODY, 0},
};

static void fill(const struct source *source, const struct step *step, uint64_t request, uint32_t tid,
                 union record *record)
{
    uint64_t hot = request % 10 ? request % 7 : request % 5000;
    switch (step->kind) {
    case EVENT_SCHED_SWITCH:
        record->header.flags = (uint8_t)step->value;
        record->header.tid = step->value == EVENT_FLAG_NEXT ? 0 : tid;
        record->sched_switch.next_tid = step->value == EVENT_FLAG_NEXT ? tid : 0;
        record->sched_switch.prev_state = step->value == EVENT_FLAG_NEXT ? 0 : ASLEEP;
        break;
    case EVENT_GO_CREATE:
        record->create.start_pc = 0x47f3a0;
        record->create.creator_pc = 0x47f2c5;
        break;
    case EVENT_GO_PARK:
        record->park.reason = (uint32_t)step->value;
        break;
    case EVENT_GO_STEAL:
        record->steal.count = (uint32_t)step->value;
        break;
    case EVENT_GO_TIMER_MAKE:
        record->value.value = 0; /* not known since Go 1.23 */
        break;
    case EVENT_GO_TIMER_STOP:
        record->value.value = 0xc000000000 + request % 30000 * 96;
        break;
    case EVENT_GO_TIMER_FIRE:
        record->timer_fire.timer = 0xc100000000 + request % 30000 * 96;
        record->timer_fire.when = source->time - 1000;
        break;
    case EVENT_GO_LOCK_WAIT:
        record->lock_wait.address = 0xc200000000 + hot * 64;
        break;
    case EVENT_GO_P_BIND:
    case EVENT_GO_P_UNBIND:
    case EVENT_GO_PREEMPT_REQUEST:
        record->proc.proc = (uint32_t)(request & 1);
        record->header.tid = step->kind == EVENT_GO_PREEMPT_REQUEST ? 4999 : tid;
        break;
    default:
        break;
    }
}

static void next(struct source *source, union record *record)
{
    uint64_t request = source->count / STEPS;
    const struct step *step = &steps[source->count % STEPS];
    uint32_t tid = 5000 + (uint32_t)(request % THREADS);
    source->time += 300 + (source->count * 2654435761u >> 22 & 255);
    source->count++;
    *record = (union record){.header = {.time = source->time,
                                        .kind = step->kind,
                                        .cpu = (uint8_t)(request & 1),
                                        .seq = source->seq++,
                                        .tid = tid,
                                        .pid = 5000,
                                        .goid = step->who == HANDLER  ? 20 + request % 1000
                                                : step->who == HELPER ? 2000 + request
                                                                      : 0}};
    if (step->kind == EVENT_GO_GC_END && request % 1000)
        record->header.kind = EVENT_GO_NETPOLL; /* a collection after a thousand requests */
    if (step->who != NOBODY)
        record->go.g = 0xc000000000 + 512 * (record->header.goid % 4096);
    fill(source, step, request, tid, record);
}

static uint64_t cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000u +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000u;
}

/* The source alone: what is taken off. */
static uint64_t generate(void)
{
    struct source source = {.time = 1000000000};
    union record record;
    uint64_t sum = 0;
    for (unsigned i = 0; i < EVENTS; i++) {
        next(&source, &record);
        sum += record.header.time ^ record.value.value;
    }
    return sum;
}

int main(void)
{
    const struct replay_settings settings = {.go_minor = 23, .sched = true, .go = true, .full = true};
    struct source source = {.time = 1000000000};
    union record record;
    static struct metrics metrics;
    struct replay *replay = NULL;
    uint64_t begin = cpu_ns();
    volatile uint64_t used = generate();
    (void)used;
    uint64_t generated = cpu_ns();
    if (replay_open(&settings, &replay) < 0)
        return 1;
    for (unsigned i = 0; i < EVENTS; i++) {
        next(&source, &record);
        if (replay_event(replay, &record.header) < 0)
            return 1;
    }
    if (replay_finish(replay, NULL, &metrics) < 0)
        return 1;
    uint64_t end = cpu_ns();
    const struct metric_value *preempted = &metrics.values[METRIC_PREEMPT_FORCED];
    const struct metric_value *wakes = &metrics.values[METRIC_GOROUTINES_WAKE_GO_QUEUE];
    if (!preempted->known || (uint64_t)preempted->value != EVENTS / STEPS || wakes->histogram.count == 0)
        return 1;
    metrics_free(&metrics);
    replay_close(replay);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double each = (double)(end - generated - (generated - begin)) / EVENTS;
    double mib = (double)usage.ru_maxrss / 1024;
    printf("%-32s %9d events  %8.1f ns an event  %7.2f million/s\n", "replay at level full", EVENTS, each,
           1e3 / each);
    printf("memory: %.1f MiB (wanted: at most %d MiB)\n", mib, WANTED_MIB);
    return mib > WANTED_MIB;
}
