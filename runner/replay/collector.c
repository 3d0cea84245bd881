#include "runner/replay/collector.h"

#include <errno.h>
#include <stdbool.h>

#define PROCESSES_MAX (1u << 16)

struct process {
    struct table_key key; /* id: pid */
    uint64_t cycle_start, stw_start;
    bool in_cycle, stopped;
    uint8_t stw_reason;
};

int collector_open(struct collector *collector)
{
    *collector = (struct collector){0};
    return table_open(&collector->table, sizeof(struct process), PROCESSES_MAX);
}

void collector_close(struct collector *collector)
{
    table_close(&collector->table);
    histogram_free(&collector->cycle_time);
    histogram_free(&collector->stw_time);
    histogram_free(&collector->assist_time);
    histogram_free(&collector->mark_time);
    histogram_free(&collector->idle_time);
    for (unsigned i = 0; i < STW_REASONS; i++)
        histogram_free(&collector->stw_time_by_reason[i]);
}

static void add_costs(struct collector *collector, const struct event_go_gc_end *event)
{
    if (event->assist_time == EVENT_UNKNOWN || event->mark_time == EVENT_UNKNOWN)
        return;
    collector->accounted++;
    collector->assist += event->assist_time;
    collector->mark += event->mark_time;
    collector->idle += event->idle_time == EVENT_UNKNOWN ? 0 : event->idle_time;
}

static int add_known(struct histogram *histogram, uint64_t value)
{
    return value == EVENT_UNKNOWN ? 0 : histogram_add(histogram, value);
}

static int on_gc_end(struct collector *collector, struct process *process,
                     const struct event_go_gc_end *event, uint64_t now)
{
    collector->cycles++;
    add_costs(collector, event);
    if (event->heap_goal > collector->heap_goal)
        collector->heap_goal = event->heap_goal;
    bool paired = process->in_cycle;
    process->in_cycle = false;
    int result = paired ? histogram_add(&collector->cycle_time, now - process->cycle_start) : 0;
    if (result == 0)
        result = add_known(&collector->assist_time, event->assist_time);
    if (result == 0)
        result = add_known(&collector->mark_time, event->mark_time);
    return result < 0 ? result : add_known(&collector->idle_time, event->idle_time);
}

static int on_stw_end(struct collector *collector, struct process *process, uint64_t now)
{
    if (!process->stopped)
        return 0;
    process->stopped = false;
    uint64_t duration = now - process->stw_start;
    int result = histogram_add(&collector->stw_time, duration);
    return result < 0 ? result : histogram_add(&collector->stw_time_by_reason[process->stw_reason], duration);
}

static int collect(struct collector *collector, const struct event_go_value *event, uint64_t now)
{
    struct process *process = table_find(&collector->table, event->header.pid, 0);
    if (!process) {
        int result = table_insert(&collector->table, event->header.pid, 0, &process);
        if (result == -ENOSPC)
            collector->ignored++;
        if (result < 0)
            return result == -ENOSPC ? 0 : result;
    }
    switch (event->header.kind) {
    case EVENT_GO_GC_START:
        process->in_cycle = true;
        process->cycle_start = now;
        return 0;
    case EVENT_GO_GC_END:
        return on_gc_end(collector, process, (const struct event_go_gc_end *)event, now);
    case EVENT_GO_STW_START:
        process->stopped = true;
        process->stw_start = now;
        process->stw_reason = (uint8_t)(event->value < STW_REASONS - 1 ? event->value : STW_REASONS - 1);
        return 0;
    default:
        return on_stw_end(collector, process, now);
    }
}

int collector_event(struct collector *collector, const struct event_header *event, uint64_t now)
{
    switch (event->kind) {
    case EVENT_GO_GC_START:
    case EVENT_GO_GC_END:
    case EVENT_GO_STW_START:
    case EVENT_GO_STW_END:
        return collect(collector, (const struct event_go_value *)event, now);
    default:
        return 0;
    }
}
