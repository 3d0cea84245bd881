/* Events for the tests of the replay: one call an event. */
#ifndef TESTS_UNIT_REPLAY_EVENTS_H
#define TESTS_UNIT_REPLAY_EVENTS_H

#include "bpf/events.h"

union any_event {
    struct event_header header;
    struct event_sched_switch sched_switch;
    struct event_sched_wake wake;
    struct event_process process;
    struct event_go_create create;
    struct event_go go;
    struct event_go_coro coro;
    struct event_go_park park;
    struct event_go_value value;
    struct event_go_gc_end gc_end;
    struct event_go_proc proc;
    struct event_go_steal steal;
    struct event_go_netpoll_ready netpoll_ready;
    struct event_go_timer_fire timer_fire;
    struct event_go_stack stack;
    struct event_go_wake go_wake;
    struct event_go_lock_wait lock_wait;
    struct event_mark mark;
};

static inline union any_event event_of(uint16_t kind, uint64_t time, uint32_t tid, uint32_t pid)
{
    return (union any_event){.header = {.time = time, .kind = kind, .tid = tid, .pid = pid}};
}

static inline union any_event switch_event(uint64_t time, uint8_t cpu, uint32_t prev, uint32_t next,
                                           uint32_t prev_state, unsigned flags)
{
    union any_event event = event_of(EVENT_SCHED_SWITCH, time, prev, 10);
    event.header.cpu = cpu;
    event.header.flags = (uint8_t)flags;
    event.sched_switch.next_tid = next;
    event.sched_switch.next_pid = 10;
    event.sched_switch.prev_state = prev_state;
    return event;
}

static inline union any_event go_event(uint16_t kind, uint64_t time, uint64_t goid)
{
    union any_event event = event_of(kind, time, 10, 10);
    event.header.goid = goid;
    event.go.g = 0xc000000000 + goid * 0x200;
    return event;
}

/* `next` 0: the event does not tell who takes the thread. */
static inline union any_event coro_event(uint64_t time, uint64_t goid, uint64_t next)
{
    union any_event event = go_event(EVENT_GO_CORO_SWITCH, time, goid);
    event.coro.next = next;
    event.coro.next_g = next ? go_event(EVENT_GO_RUN, time, next).go.g : 0;
    return event;
}

static inline union any_event create_event(uint64_t time, uint64_t goid, uint64_t start_pc)
{
    union any_event event = go_event(EVENT_GO_CREATE, time, goid);
    event.create.parent = 1;
    event.create.start_pc = start_pc;
    event.create.creator_pc = 0x400100;
    return event;
}

static inline union any_event park_event(uint64_t time, uint64_t goid, uint32_t reason)
{
    union any_event event = go_event(EVENT_GO_PARK, time, goid);
    event.park.reason = reason;
    return event;
}

static inline union any_event value_event(uint16_t kind, uint64_t time, uint64_t value)
{
    union any_event event = event_of(kind, time, 10, 10);
    event.value.value = value;
    return event;
}

/* p_bind, p_unbind: of the thread's M; p_handoff, preempt_request: from another thread. */
static inline union any_event proc_event(uint16_t kind, uint64_t time, uint32_t tid, uint32_t proc)
{
    union any_event event = event_of(kind, time, tid, 10);
    event.proc.proc = proc;
    return event;
}

static inline union any_event steal_event(uint64_t time, uint32_t thief, uint32_t victim, uint32_t count)
{
    union any_event event = event_of(EVENT_GO_STEAL, time, 10, 10);
    event.steal.thief = thief;
    event.steal.victim = victim;
    event.steal.count = count;
    return event;
}

static inline union any_event netpoll_ready_event(uint64_t time, uint64_t goid)
{
    union any_event event = go_event(EVENT_GO_NETPOLL_READY, time, goid);
    event.netpoll_ready.mode = 'r';
    return event;
}

static inline union any_event timer_fire_event(uint64_t time, uint64_t timer, uint64_t when, uint64_t period)
{
    union any_event event = event_of(EVENT_GO_TIMER_FIRE, time, 10, 10);
    event.timer_fire.timer = timer;
    event.timer_fire.when = when;
    event.timer_fire.period = period;
    return event;
}

static inline union any_event lock_wait_event(uint64_t time, uint64_t goid, uint64_t address)
{
    union any_event event = event_of(EVENT_GO_LOCK_WAIT, time, 10, 10);
    event.header.goid = goid;
    event.lock_wait.address = address;
    return event;
}

static inline union any_event gc_end_event(uint64_t time, uint64_t assist, uint64_t mark, uint64_t idle)
{
    union any_event event = event_of(EVENT_GO_GC_END, time, 10, 10);
    event.gc_end.assist_time = assist;
    event.gc_end.mark_time = mark;
    event.gc_end.idle_time = idle;
    return event;
}

/* The event happens on that thread. */
static inline union any_event on(uint32_t tid, union any_event event)
{
    event.header.tid = tid;
    return event;
}

/* The event happens in that process. */
static inline union any_event in(uint32_t pid, union any_event event)
{
    event.header.pid = pid;
    return event;
}

static inline union any_event mark_event(uint64_t time, uint64_t mark)
{
    union any_event event = event_of(EVENT_MARK, time, 0, 0);
    event.header.cpu = EVENT_CPU_USER;
    event.mark.mark = mark;
    return event;
}

#endif
