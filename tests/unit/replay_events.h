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

static inline union any_event mark_event(uint64_t time, uint64_t mark)
{
    union any_event event = event_of(EVENT_MARK, time, 0, 0);
    event.header.cpu = EVENT_CPU_USER;
    event.mark.mark = mark;
    return event;
}

#endif
