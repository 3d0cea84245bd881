#include "runner/export/perfetto.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runner/export/packets.h"
#include "runner/export/tracks.h"

#define COUNTER_NS 100000 /* counters are told at most this often */

/* --- goroutines -------------------------------------------------------------------------------- */

static int64_t *count_of(struct exporter *exporter, uint8_t state)
{
    static const enum counter counters[] = {
        [RUNNABLE] = COUNT_RUNNABLE, [RUNNING] = COUNT_RUNNING, [WAITING] = COUNT_WAITING};
    return state == NO_STATE ? NULL : &exporter->counts[counters[state]];
}

static void leave_state(struct exporter *exporter, struct goroutine *goroutine, uint64_t now)
{
    if (goroutine->state == NO_STATE)
        return;
    if (goroutine->track && goroutine->in_syscall)
        packets_end(exporter->packets, now, goroutine->track);
    if (goroutine->track)
        packets_end(exporter->packets, now, goroutine->track);
    --*count_of(exporter, goroutine->state);
    goroutine->in_syscall = false;
    goroutine->state = NO_STATE;
}

static void enter_state(struct exporter *exporter, struct goroutine *goroutine, enum goroutine_state state,
                        uint64_t now, const char *name)
{
    leave_state(exporter, goroutine, now);
    goroutine->state = (uint8_t)state;
    ++*count_of(exporter, goroutine->state);
    if (!goroutine->track)
        return;
    uint64_t flow = state == RUNNING ? goroutine->flow : 0;
    packets_begin(exporter->packets, now, goroutine->track, packets_name(exporter->packets, name), flow);
    if (flow)
        goroutine->flow = 0;
}

static void close_thread(struct exporter *exporter, struct thread *thread, uint64_t now)
{
    if (thread && thread->open)
        packets_end(exporter->packets, now, thread->track);
    if (thread)
        thread->open = false;
}

static uint64_t name_of(const struct exporter *exporter, const struct goroutine *goroutine, const char *verb)
{
    char name[TRACK_NAME_SIZE], text[TRACK_NAME_SIZE + 16];
    track_goroutine_name(exporter, goroutine, name);
    snprintf(text, sizeof text, "%s%s", verb, name);
    return packets_name(exporter->packets, text);
}

static void open_thread(struct exporter *exporter, struct thread *thread, struct goroutine *goroutine,
                        uint64_t now)
{
    close_thread(exporter, thread, now);
    if (!thread)
        return;
    if (!goroutine->label)
        goroutine->label = name_of(exporter, goroutine, "");
    packets_begin(exporter->packets, now, thread->track, goroutine->label, 0);
    thread->open = true;
}

/* An arrow from the thread that makes a goroutine runnable. */
static void start_flow(struct exporter *exporter, struct goroutine *goroutine, const struct thread *thread,
                       uint64_t now, uint64_t label)
{
    if (!thread || !goroutine->track)
        return;
    goroutine->flow = ++exporter->flows;
    packets_instant(exporter->packets, now, thread->track, label, goroutine->flow);
}

/* Before Go 1.24 a goroutine is created before it has its number: then its function waits under its address.
 */
static void on_create(struct exporter *exporter, const struct event_go_create *event, struct thread *thread)
{
    bool added;
    const struct event_header *header = &event->header;
    struct table *table = header->goid ? &exporter->goroutines : &exporter->unnamed;
    struct goroutine *goroutine =
        track_entry(exporter, table, header->goid ? header->goid : event->g, header->pid, &added);
    if (!goroutine)
        return;
    goroutine->start_pc = event->start_pc;
    if (!header->goid)
        return;
    track_declare(exporter, goroutine, header->pid);
    start_flow(exporter, goroutine, thread, header->time, name_of(exporter, goroutine, "go "));
    enter_state(exporter, goroutine, RUNNABLE, header->time, "runnable");
}

static void wait_name(const struct exporter *exporter, uint32_t reason, char name[TRACK_NAME_SIZE])
{
    const char *known = trace_reader_name(exporter->reader, FIELD_WAIT_REASON, reason);
    snprintf(name, TRACK_NAME_SIZE, known ? "waiting: %s" : "waiting: reason %s%" PRIu32, known ? known : "",
             reason);
}

static void on_goroutine(struct exporter *exporter, const struct event_go *event, struct thread *thread)
{
    char name[TRACK_NAME_SIZE];
    uint64_t now = event->header.time;
    struct goroutine *goroutine = track_goroutine(exporter, event);
    if (!goroutine)
        return;
    switch (event->header.kind) {
    case EVENT_GO_RUN:
    case EVENT_GO_UNPARK:
        enter_state(exporter, goroutine, RUNNING, now, "running");
        open_thread(exporter, thread, goroutine, now);
        break;
    case EVENT_GO_PARK:
        wait_name(exporter, ((const struct event_go_park *)event)->reason, name);
        enter_state(exporter, goroutine, WAITING, now, name);
        close_thread(exporter, thread, now);
        break;
    case EVENT_GO_READY:
        if (!goroutine->ready_label)
            goroutine->ready_label = name_of(exporter, goroutine, "ready ");
        start_flow(exporter, goroutine, thread, now, goroutine->ready_label);
        enter_state(exporter, goroutine, RUNNABLE, now, "runnable");
        break;
    case EVENT_GO_YIELD:
        enter_state(exporter, goroutine, RUNNABLE, now, "runnable");
        close_thread(exporter, thread, now);
        break;
    case EVENT_GO_SYSCALL_ENTER:
        if (goroutine->state == RUNNING && !goroutine->in_syscall && goroutine->track)
            packets_begin(exporter->packets, now, goroutine->track,
                          packets_name(exporter->packets, "system call"), 0);
        goroutine->in_syscall = goroutine->state == RUNNING;
        break;
    case EVENT_GO_SYSCALL_EXIT:
        if (goroutine->in_syscall && goroutine->track)
            packets_end(exporter->packets, now, goroutine->track);
        goroutine->in_syscall = false;
        break;
    case EVENT_GO_EXIT:
        leave_state(exporter, goroutine, now);
        close_thread(exporter, thread, now);
        table_remove(&exporter->goroutines, goroutine);
        break;
    default:
        break;
    }
}

/* --- Ps, the collector, marks ------------------------------------------------------------------ */

static void on_proc(struct exporter *exporter, const struct event_go_proc *event)
{
    bool added;
    char name[32];
    const struct event_header *header = &event->header;
    struct proc *proc = track_process(exporter, header->pid)
                            ? track_entry(exporter, &exporter->procs, event->proc, header->pid, &added)
                            : NULL;
    if (!proc)
        return;
    if (added) {
        snprintf(name, sizeof name, "P %" PRIu32, event->proc);
        proc->track = track_uuid(TRACK_PROC, header->pid, event->proc);
        packets_track(exporter->packets, proc->track, track_uuid(TRACK_PROCS, 0, header->pid), name,
                      (int)event->proc);
    }
    if (proc->bound)
        packets_end(exporter->packets, header->time, proc->track);
    proc->bound = header->kind == EVENT_GO_P_BIND;
    if (!proc->bound)
        return;
    snprintf(name, sizeof name, "M %" PRIu32, header->tid);
    packets_begin(exporter->packets, header->time, proc->track, packets_name(exporter->packets, name), 0);
}

static void toggle(struct exporter *exporter, uint64_t time, uint64_t track, bool *open, bool begin,
                   const char *name)
{
    if (*open)
        packets_end(exporter->packets, time, track);
    *open = begin;
    if (begin)
        packets_begin(exporter->packets, time, track, packets_name(exporter->packets, name), 0);
}

static void on_collector(struct exporter *exporter, const struct event_header *event)
{
    struct process *process = track_process(exporter, event->pid);
    if (!process)
        return;
    bool start = event->kind == EVENT_GO_GC_START || event->kind == EVENT_GO_STW_START;
    if (event->kind == EVENT_GO_GC_START || event->kind == EVENT_GO_GC_END) {
        toggle(exporter, event->time, track_uuid(TRACK_GC, 0, event->pid), &process->in_gc, start, "cycle");
        if (!start)
            exporter->counts[COUNT_HEAP_GOAL] = (int64_t)((const struct event_go_gc_end *)event)->heap_goal;
        return;
    }
    const char *reason =
        trace_reader_name(exporter->reader, FIELD_STW_REASON, ((const struct event_go_value *)event)->value);
    toggle(exporter, event->time, track_uuid(TRACK_STW, 0, event->pid), &process->stopped, start,
           reason ? reason : "stopped");
}

static void on_mark(struct exporter *exporter, const struct event_mark *event)
{
    const char *name = trace_reader_name(exporter->reader, FIELD_MARK, event->mark);
    packets_instant(exporter->packets, event->header.time, exporter->trial_track,
                    packets_name(exporter->packets, name ? name : "mark"), 0);
}

static const struct {
    const char *name, *unit;
} counters[COUNTERS] = {
    [COUNT_RUNNABLE] = {"goroutines runnable", NULL}, [COUNT_RUNNING] = {"goroutines running", NULL},
    [COUNT_WAITING] = {"goroutines waiting", NULL},   [COUNT_LOST] = {"events lost", NULL},
    [COUNT_HEAP_GOAL] = {"heap goal", "bytes"},
};

static void tell_counters(struct exporter *exporter, uint64_t now)
{
    uint64_t lost = trace_reader_discarded(exporter->reader);
    if (lost != exporter->lost)
        packets_lost(exporter->packets);
    exporter->lost = lost;
    exporter->counts[COUNT_LOST] = (int64_t)lost;
    exporter->counted = now;
    for (size_t i = 0; i < COUNTERS; i++)
        packets_counter(exporter->packets, now, track_uuid(TRACK_COUNTER, 0, i), exporter->counts[i]);
}

static void on_event(struct exporter *exporter, const struct event_header *event)
{
    exporter->last = event->time;
    if (event->time - exporter->counted >= COUNTER_NS)
        tell_counters(exporter, event->time);
    switch (event->kind) {
    case EVENT_SCHED_SWITCH:
    case EVENT_SCHED_WAKING:
    case EVENT_SCHED_WAKEUP:
    case EVENT_SCHED_WAKEUP_NEW:
    case EVENT_SCHED_MIGRATE:
        packets_sched(exporter->packets, event, exporter->demo);
        break;
    case EVENT_GO_P_BIND:
    case EVENT_GO_P_UNBIND:
    case EVENT_GO_P_HANDOFF:
        on_proc(exporter, (const struct event_go_proc *)event);
        break;
    case EVENT_GO_GC_START:
    case EVENT_GO_GC_END:
    case EVENT_GO_STW_START:
    case EVENT_GO_STW_END:
        on_collector(exporter, event);
        break;
    case EVENT_MARK:
        on_mark(exporter, (const struct event_mark *)event);
        break;
    case EVENT_GO_CREATE:
        on_create(exporter, (const struct event_go_create *)event,
                  track_thread(exporter, event->tid, event->pid));
        break;
    case EVENT_GO_RUN:
    case EVENT_GO_PARK:
    case EVENT_GO_READY:
    case EVENT_GO_YIELD:
    case EVENT_GO_UNPARK:
    case EVENT_GO_EXIT:
    case EVENT_GO_SYSCALL_ENTER:
    case EVENT_GO_SYSCALL_EXIT:
        on_goroutine(exporter, (const struct event_go *)event,
                     track_thread(exporter, event->tid, event->pid));
        break;
    default:
        break;
    }
}

/* What is open ends with the trace. */
static void end_all(struct exporter *exporter)
{
    uint64_t now = exporter->last;
    tell_counters(exporter, now);
    for (struct goroutine *g = NULL; (g = table_next(&exporter->goroutines, g));)
        leave_state(exporter, g, now);
    for (struct thread *thread = NULL; (thread = table_next(&exporter->threads, thread));)
        close_thread(exporter, thread, now);
    for (struct proc *proc = NULL; (proc = table_next(&exporter->procs, proc));)
        toggle(exporter, now, proc->track, &proc->bound, false, NULL);
    for (struct process *process = NULL; (process = table_next(&exporter->processes, process));) {
        toggle(exporter, now, track_uuid(TRACK_GC, 0, process->key.id), &process->in_gc, false, NULL);
        toggle(exporter, now, track_uuid(TRACK_STW, 0, process->key.id), &process->stopped, false, NULL);
    }
}

/* The head needs the time of the first event. */
static int begin(struct exporter *exporter, uint64_t time, FILE *out)
{
    const char *trial = trace_reader_trial(exporter->reader);
    snprintf(exporter->demo, sizeof exporter->demo, "%.*s", (int)strcspn(trial, "/"), trial);
    exporter->packets = packets_open(out, time, trace_reader_clock_offset(exporter->reader));
    if (!exporter->packets)
        return -ENOMEM;
    exporter->trial_track = track_uuid(TRACK_TRIAL, 0, 1);
    packets_track(exporter->packets, exporter->trial_track, 0, "trial", 0);
    for (size_t i = 0; i < COUNTERS; i++)
        packets_counter_track(exporter->packets, track_uuid(TRACK_COUNTER, 0, i), 0, counters[i].name,
                              counters[i].unit);
    return 0;
}

static int run(struct exporter *exporter, struct trace_reader *reader, FILE *out, struct error *error)
{
    const struct event_header *event;
    int result = tracks_open(exporter);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "export a trace");
    while ((result = trace_read(reader, &event, error)) > 0 && exporter->failed == 0) {
        if (!exporter->packets && begin(exporter, event->time, out) < 0)
            return error_set(error, ERROR_INTERNAL, ENOMEM, "export a trace");
        on_event(exporter, event);
    }
    if (!exporter->packets && begin(exporter, 0, out) < 0)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "export a trace");
    end_all(exporter);
    if (exporter->failed)
        return error_set(error, ERROR_INTERNAL, -exporter->failed, "export a trace");
    return result;
}

int perfetto_export(struct trace_reader *reader, const json_t *symbols, FILE *out, struct error *error)
{
    struct exporter exporter = {.reader = reader, .symbols = symbols};
    int result = run(&exporter, reader, out, error);
    int written = exporter.packets ? packets_close(exporter.packets) : 0;
    tracks_close(&exporter);
    if (result == 0 && written < 0)
        return error_set(error, ERROR_INTERNAL, -written, "write the export");
    return result;
}
