#include <string.h>

#include "runner/trace/layout.h"

#define AS(record, member, name, type)                                                                       \
    {                                                                                                        \
        name, offsetof(struct record, member), sizeof(((struct record *)0)->member), type                    \
    }
#define FIELD(record, member, type) AS(record, member, #member, type)

static const struct event_field switch_fields[] = {
    FIELD(event_sched_switch, next_tid, FIELD_UNSIGNED),
    FIELD(event_sched_switch, next_pid, FIELD_UNSIGNED),
    FIELD(event_sched_switch, prev_state, FIELD_UNSIGNED),
};
static const struct event_field wake_fields[] = {
    FIELD(event_sched_wake, waker_tid, FIELD_UNSIGNED),
    FIELD(event_sched_wake, target_cpu, FIELD_UNSIGNED),
};
static const struct event_field migrate_fields[] = {
    FIELD(event_sched_migrate, from_cpu, FIELD_UNSIGNED),
    FIELD(event_sched_migrate, to_cpu, FIELD_UNSIGNED),
};
static const struct event_field fork_fields[] = {
    FIELD(event_process, child_tid, FIELD_UNSIGNED),
    FIELD(event_process, child_pid, FIELD_UNSIGNED),
};
static const struct event_field create_fields[] = {
    FIELD(event_go_create, g, FIELD_HEX),
    FIELD(event_go_create, parent, FIELD_UNSIGNED),
    FIELD(event_go_create, start_pc, FIELD_HEX),
    FIELD(event_go_create, creator_pc, FIELD_HEX),
};
static const struct event_field go_fields[] = {
    FIELD(event_go, g, FIELD_HEX),
};
static const struct event_field coro_fields[] = {
    FIELD(event_go_coro, g, FIELD_HEX),
    FIELD(event_go_coro, next_g, FIELD_HEX),
    FIELD(event_go_coro, next, FIELD_UNSIGNED),
};
static const struct event_field park_fields[] = {
    FIELD(event_go_park, g, FIELD_HEX),
    FIELD(event_go_park, reason, FIELD_WAIT_REASON),
};
static const struct event_field gc_end_fields[] = {
    FIELD(event_go_gc_end, heap_goal, FIELD_UNSIGNED),
    FIELD(event_go_gc_end, assist_time, FIELD_UNSIGNED),
    FIELD(event_go_gc_end, mark_time, FIELD_UNSIGNED),
    FIELD(event_go_gc_end, idle_time, FIELD_UNSIGNED),
};
static const struct event_field stw_fields[] = {
    AS(event_go_value, value, "reason", FIELD_STW_REASON),
};
static const struct event_field timer_fields[] = {
    AS(event_go_value, value, "timer", FIELD_HEX),
};
static const struct event_field fire_fields[] = {
    FIELD(event_go_timer_fire, timer, FIELD_HEX),
    FIELD(event_go_timer_fire, when, FIELD_UNSIGNED),
    FIELD(event_go_timer_fire, period, FIELD_UNSIGNED),
};
static const struct event_field proc_fields[] = {
    FIELD(event_go_proc, proc, FIELD_UNSIGNED),
    FIELD(event_go_proc, spinning, FIELD_UNSIGNED),
};
static const struct event_field m_fields[] = {
    AS(event_go_value, value, "m", FIELD_HEX),
};
static const struct event_field steal_fields[] = {
    FIELD(event_go_steal, thief, FIELD_UNSIGNED),
    FIELD(event_go_steal, victim, FIELD_UNSIGNED),
    FIELD(event_go_steal, count, FIELD_UNSIGNED),
};
static const struct event_field sleep_fields[] = {
    AS(event_go_value, value, "asked", FIELD_UNSIGNED),
};
static const struct event_field netpoll_fields[] = {
    AS(event_go_value, value, "delay", FIELD_HEX),
};
static const struct event_field netpoll_ready_fields[] = {
    FIELD(event_go_netpoll_ready, g, FIELD_HEX),
    FIELD(event_go_netpoll_ready, mode, FIELD_UNSIGNED),
};
static const struct event_field stack_fields[] = {
    FIELD(event_go_stack, g, FIELD_HEX),          AS(event_go_stack, pcs[0], "pc0", FIELD_HEX),
    AS(event_go_stack, pcs[1], "pc1", FIELD_HEX), AS(event_go_stack, pcs[2], "pc2", FIELD_HEX),
    AS(event_go_stack, pcs[3], "pc3", FIELD_HEX), AS(event_go_stack, pcs[4], "pc4", FIELD_HEX),
    AS(event_go_stack, pcs[5], "pc5", FIELD_HEX), AS(event_go_stack, pcs[6], "pc6", FIELD_HEX),
    AS(event_go_stack, pcs[7], "pc7", FIELD_HEX),
};
static const struct event_field wake_split_fields[] = {
    FIELD(event_go_wake, go_queue, FIELD_UNSIGNED),
    FIELD(event_go_wake, run_queue, FIELD_UNSIGNED),
    FIELD(event_go_wake, throttled, FIELD_UNSIGNED),
};
static const struct event_field lock_wait_fields[] = {
    FIELD(event_go_lock_wait, address, FIELD_HEX),
};
static const struct event_field mark_fields[] = {
    FIELD(event_mark, mark, FIELD_MARK),
};

#define COUNT(array)                   (sizeof(array) / sizeof *(array))
#define KIND(id, name, record, fields) [id] = {id, name, sizeof(struct record), COUNT(fields), fields}
#define BARE_KIND(id, name, record)    [id] = {id, name, sizeof(struct record), 0, NULL}

static const struct event_type types[EVENT_KIND_COUNT] = {
    KIND(EVENT_SCHED_SWITCH, "sched_switch", event_sched_switch, switch_fields),
    KIND(EVENT_SCHED_WAKING, "sched_waking", event_sched_wake, wake_fields),
    KIND(EVENT_SCHED_WAKEUP, "sched_wakeup", event_sched_wake, wake_fields),
    KIND(EVENT_SCHED_WAKEUP_NEW, "sched_wakeup_new", event_sched_wake, wake_fields),
    KIND(EVENT_SCHED_MIGRATE, "sched_migrate", event_sched_migrate, migrate_fields),
    KIND(EVENT_PROCESS_FORK, "process_fork", event_process, fork_fields),
    BARE_KIND(EVENT_PROCESS_EXEC, "process_exec", event_process),
    BARE_KIND(EVENT_PROCESS_EXIT, "process_exit", event_process),
    KIND(EVENT_GO_CREATE, "go_create", event_go_create, create_fields),
    KIND(EVENT_GO_RUN, "go_run", event_go, go_fields),
    KIND(EVENT_GO_PARK, "go_park", event_go_park, park_fields),
    KIND(EVENT_GO_READY, "go_ready", event_go, go_fields),
    KIND(EVENT_GO_YIELD, "go_yield", event_go, go_fields),
    KIND(EVENT_GO_UNPARK, "go_unpark", event_go, go_fields),
    KIND(EVENT_GO_EXIT, "go_exit", event_go, go_fields),
    BARE_KIND(EVENT_GO_GC_START, "go_gc_start", event_go_value),
    KIND(EVENT_GO_GC_END, "go_gc_end", event_go_gc_end, gc_end_fields),
    KIND(EVENT_GO_STW_START, "go_stw_start", event_go_value, stw_fields),
    BARE_KIND(EVENT_GO_STW_END, "go_stw_end", event_go_value),
    KIND(EVENT_GO_SYSCALL_ENTER, "go_syscall_enter", event_go, go_fields),
    KIND(EVENT_GO_SYSCALL_EXIT, "go_syscall_exit", event_go, go_fields),
    KIND(EVENT_GO_TIMER_MAKE, "go_timer_make", event_go_value, timer_fields),
    KIND(EVENT_GO_TIMER_STOP, "go_timer_stop", event_go_value, timer_fields),
    KIND(EVENT_GO_TIMER_RESET, "go_timer_reset", event_go_value, timer_fields),
    KIND(EVENT_GO_PREEMPT_REQUEST, "go_preempt_request", event_go_proc, proc_fields),
    KIND(EVENT_GO_PREEMPT_ASYNC, "go_preempt_async", event_go, go_fields),
    KIND(EVENT_GO_GOSCHED, "go_gosched", event_go, go_fields),
    KIND(EVENT_GO_P_BIND, "go_p_bind", event_go_proc, proc_fields),
    KIND(EVENT_GO_P_UNBIND, "go_p_unbind", event_go_proc, proc_fields),
    KIND(EVENT_GO_P_HANDOFF, "go_p_handoff", event_go_proc, proc_fields),
    KIND(EVENT_GO_M_CREATE, "go_m_create", event_go_value, m_fields),
    KIND(EVENT_GO_M_START, "go_m_start", event_go_proc, proc_fields),
    KIND(EVENT_GO_M_STOP, "go_m_stop", event_go_value, m_fields),
    KIND(EVENT_GO_STEAL, "go_steal", event_go_steal, steal_fields),
    KIND(EVENT_GO_SYSMON_SLEEP, "go_sysmon_sleep", event_go_value, sleep_fields),
    KIND(EVENT_GO_NETPOLL, "go_netpoll", event_go_value, netpoll_fields),
    KIND(EVENT_GO_NETPOLL_READY, "go_netpoll_ready", event_go_netpoll_ready, netpoll_ready_fields),
    KIND(EVENT_GO_TIMER_FIRE, "go_timer_fire", event_go_timer_fire, fire_fields),
    KIND(EVENT_GO_CORO_SWITCH, "go_coro_switch", event_go_coro, coro_fields),
    KIND(EVENT_GO_STACK, "go_stack", event_go_stack, stack_fields),
    KIND(EVENT_MARK, "mark", event_mark, mark_fields),
    KIND(EVENT_GO_WAKE, "go_wake", event_go_wake, wake_split_fields),
    KIND(EVENT_GO_LOCK_WAIT, "go_lock_wait", event_go_lock_wait, lock_wait_fields),
};

static const char *const marks[] = {
    [MARK_BARRIER] = "barrier",
    [MARK_START] = "start",
    [MARK_STOP] = "stop",
    [MARK_END] = "end",
    [MARK_WINDOW_START] = "window start",
    [MARK_WINDOW_END] = "window end",
    [MARK_LOAD_STEP] = "load step",
    [MARK_COUNTED] = "counted",
};

const struct event_type *event_type(unsigned kind)
{
    return kind < EVENT_KIND_COUNT && types[kind].name ? &types[kind] : NULL;
}

const struct event_type *event_type_by_name(const char *name)
{
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        if (types[kind].name && strcmp(types[kind].name, name) == 0)
            return &types[kind];
    return NULL;
}

uint64_t event_field_value(const struct event_header *event, const struct event_field *field)
{
    uint64_t value = 0; /* little endian, as the ABI is: the low bytes come first */
    memcpy(&value, (const char *)event + field->offset, field->size);
    return value;
}

size_t event_padding(const struct event_type *type)
{
    if (type->field_count == 0)
        return type->size - sizeof(struct event_header);
    const struct event_field *last = &type->fields[type->field_count - 1];
    return type->size - (size_t)last->offset - last->size;
}

void kind_layouts(uint64_t kinds, struct kind_layout layouts[EVENT_KIND_COUNT])
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        layouts[kind] = (struct kind_layout){0};
        if (!type || !(kinds >> kind & 1))
            continue;
        size_t padding = event_padding(type);
        layouts[kind].size = type->size;
        layouts[kind].padding = padding ? UINT64_MAX << (64 - 8 * padding) : 0;
    }
}

const char *event_mark_name(uint32_t mark)
{
    return mark < COUNT(marks) ? marks[mark] : NULL;
}
