#include "runner/tracks/tracks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/tracks/known.h"

static void begin(struct tracks *tracks, uint64_t now, uint64_t track, enum track_state state, uint64_t name,
                  uint64_t flow)
{
    tracks->settings.sink.begin(tracks->settings.sink.context, now, track, state, name, flow);
}

static void end(struct tracks *tracks, uint64_t now, uint64_t track)
{
    tracks->settings.sink.end(tracks->settings.sink.context, now, track);
}

static uint64_t number_of(struct tracks *tracks, const char *name)
{
    return tracks->settings.sink.name(tracks->settings.sink.context, name);
}

/* --- goroutines -------------------------------------------------------------------------------- */

static int64_t *count_of(struct tracks *tracks, uint8_t state)
{
    static const enum track_count counters[] = {
        [RUNNABLE] = COUNT_RUNNABLE, [RUNNING] = COUNT_RUNNING, [WAITING] = COUNT_WAITING};
    return state == NO_STATE ? NULL : &tracks->counts[counters[state]];
}

static void leave_state(struct tracks *tracks, struct goroutine *goroutine, uint64_t now)
{
    if (goroutine->state == NO_STATE)
        return;
    if (goroutine->track && goroutine->in_syscall)
        end(tracks, now, goroutine->track);
    if (goroutine->track)
        end(tracks, now, goroutine->track);
    --*count_of(tracks, goroutine->state);
    goroutine->in_syscall = false;
    goroutine->state = NO_STATE;
}

static void enter_state(struct tracks *tracks, struct goroutine *goroutine, enum track_state state,
                        uint64_t now, const char *name)
{
    leave_state(tracks, goroutine, now);
    goroutine->state = (uint8_t)state;
    ++*count_of(tracks, goroutine->state);
    if (!goroutine->track)
        return;
    uint64_t flow = state == RUNNING ? goroutine->flow : 0;
    begin(tracks, now, goroutine->track, state, number_of(tracks, name), flow);
    if (flow)
        goroutine->flow = 0;
}

static void close_thread(struct tracks *tracks, struct thread *thread, uint64_t now)
{
    if (thread && thread->open)
        end(tracks, now, thread->track);
    if (thread)
        thread->open = false;
}

/* 0 where the sink does not want labels. */
static uint64_t label_of(struct tracks *tracks, const struct goroutine *goroutine, const char *verb)
{
    if (!tracks->settings.labels)
        return 0;
    char name[TRACK_NAME_SIZE], text[TRACK_NAME_SIZE + 16];
    known_goroutine_name(tracks, goroutine, name);
    snprintf(text, sizeof text, "%s%s", verb, name);
    return number_of(tracks, text);
}

static void open_thread(struct tracks *tracks, struct thread *thread, struct goroutine *goroutine,
                        uint64_t now)
{
    close_thread(tracks, thread, now);
    if (!thread)
        return;
    if (!goroutine->label)
        goroutine->label = label_of(tracks, goroutine, "");
    begin(tracks, now, thread->track, RUNNING, goroutine->label, 0);
    thread->open = true;
}

/* An arrow from the thread that makes a goroutine runnable. */
static void start_flow(struct tracks *tracks, struct goroutine *goroutine, const struct thread *thread,
                       uint64_t now, uint64_t label)
{
    if (!thread || !goroutine->track)
        return;
    goroutine->flow = ++tracks->flows;
    tracks->settings.sink.instant(tracks->settings.sink.context, now, thread->track, label, goroutine->flow);
}

/* Before Go 1.24 a goroutine is created before it has its number: then its function waits under its address.
 */
static void on_create(struct tracks *tracks, const struct event_go_create *event, struct thread *thread)
{
    bool added;
    const struct event_header *header = &event->header;
    struct table *table = header->goid ? &tracks->goroutines : &tracks->unnamed;
    struct goroutine *goroutine =
        known_entry(tracks, table, header->goid ? header->goid : event->g, header->pid, &added);
    if (!goroutine)
        return;
    goroutine->start_pc = event->start_pc;
    if (!header->goid)
        return;
    known_declare(tracks, goroutine, header->pid);
    start_flow(tracks, goroutine, thread, header->time, label_of(tracks, goroutine, "go "));
    enter_state(tracks, goroutine, RUNNABLE, header->time, "runnable");
}

static void wait_name(const struct tracks *tracks, uint32_t reason, char name[TRACK_NAME_SIZE])
{
    const char *known = trace_reader_name(tracks->settings.reader, FIELD_WAIT_REASON, reason);
    snprintf(name, TRACK_NAME_SIZE, known ? "waiting: %s" : "waiting: reason %s%" PRIu32, known ? known : "",
             reason);
}

static void on_goroutine(struct tracks *tracks, const struct event_go *event, struct thread *thread)
{
    char name[TRACK_NAME_SIZE];
    uint64_t now = event->header.time;
    struct goroutine *goroutine = known_goroutine(tracks, event);
    if (!goroutine)
        return;
    switch (event->header.kind) {
    case EVENT_GO_RUN:
    case EVENT_GO_UNPARK:
        enter_state(tracks, goroutine, RUNNING, now, "running");
        open_thread(tracks, thread, goroutine, now);
        break;
    case EVENT_GO_PARK:
        wait_name(tracks, ((const struct event_go_park *)event)->reason, name);
        enter_state(tracks, goroutine, WAITING, now, name);
        close_thread(tracks, thread, now);
        break;
    case EVENT_GO_READY:
        if (!goroutine->ready_label)
            goroutine->ready_label = label_of(tracks, goroutine, "ready ");
        start_flow(tracks, goroutine, thread, now, goroutine->ready_label);
        enter_state(tracks, goroutine, RUNNABLE, now, "runnable");
        break;
    case EVENT_GO_YIELD:
        enter_state(tracks, goroutine, RUNNABLE, now, "runnable");
        close_thread(tracks, thread, now);
        break;
    case EVENT_GO_SYSCALL_ENTER:
        if (goroutine->state == RUNNING && !goroutine->in_syscall && goroutine->track)
            begin(tracks, now, goroutine->track, IN_SYSCALL, number_of(tracks, "system call"), 0);
        goroutine->in_syscall = goroutine->state == RUNNING;
        break;
    case EVENT_GO_SYSCALL_EXIT:
        if (goroutine->in_syscall && goroutine->track)
            end(tracks, now, goroutine->track);
        goroutine->in_syscall = false;
        break;
    case EVENT_GO_EXIT:
        leave_state(tracks, goroutine, now);
        close_thread(tracks, thread, now);
        if (goroutine->track && tracks->settings.sink.forget)
            tracks->settings.sink.forget(tracks->settings.sink.context, goroutine->track);
        table_remove(&tracks->goroutines, goroutine);
        break;
    default:
        break;
    }
}

/* --- Ps, the collector, marks ------------------------------------------------------------------ */

static void on_proc(struct tracks *tracks, const struct event_go_proc *event)
{
    char name[32];
    const struct event_header *header = &event->header;
    struct proc *proc = known_proc(tracks, event->proc, header->pid);
    if (!proc)
        return;
    if (proc->bound)
        end(tracks, header->time, proc->track);
    proc->bound = header->kind == EVENT_GO_P_BIND;
    if (!proc->bound)
        return;
    snprintf(name, sizeof name, "M %" PRIu32, header->tid);
    begin(tracks, header->time, proc->track, OTHER_STATE, number_of(tracks, name), 0);
}

static void toggle(struct tracks *tracks, uint64_t time, uint64_t track, bool *open, bool opens,
                   const char *name)
{
    if (*open)
        end(tracks, time, track);
    *open = opens;
    if (opens)
        begin(tracks, time, track, OTHER_STATE, number_of(tracks, name), 0);
}

static void on_collector(struct tracks *tracks, const struct event_header *event)
{
    struct process *process = known_process(tracks, event->pid);
    if (!process)
        return;
    bool start = event->kind == EVENT_GO_GC_START || event->kind == EVENT_GO_STW_START;
    if (event->kind == EVENT_GO_GC_START || event->kind == EVENT_GO_GC_END) {
        toggle(tracks, event->time, track_uuid(TRACK_GC, 0, event->pid), &process->in_gc, start, "cycle");
        if (!start)
            tracks->counts[COUNT_HEAP_GOAL] = (int64_t)((const struct event_go_gc_end *)event)->heap_goal;
        return;
    }
    const char *reason = trace_reader_name(tracks->settings.reader, FIELD_STW_REASON,
                                           ((const struct event_go_value *)event)->value);
    toggle(tracks, event->time, track_uuid(TRACK_STW, 0, event->pid), &process->stopped, start,
           reason ? reason : "stopped");
}

int tracks_event(struct tracks *tracks, const struct event_header *event)
{
    switch (event->kind) {
    case EVENT_GO_P_BIND:
    case EVENT_GO_P_UNBIND:
    case EVENT_GO_P_HANDOFF:
        on_proc(tracks, (const struct event_go_proc *)event);
        break;
    case EVENT_GO_GC_START:
    case EVENT_GO_GC_END:
    case EVENT_GO_STW_START:
    case EVENT_GO_STW_END:
        on_collector(tracks, event);
        break;
    case EVENT_GO_CREATE:
        on_create(tracks, (const struct event_go_create *)event,
                  known_thread(tracks, event->tid, event->pid));
        break;
    case EVENT_GO_RUN:
    case EVENT_GO_PARK:
    case EVENT_GO_READY:
    case EVENT_GO_YIELD:
    case EVENT_GO_UNPARK:
    case EVENT_GO_EXIT:
    case EVENT_GO_SYSCALL_ENTER:
    case EVENT_GO_SYSCALL_EXIT:
        on_goroutine(tracks, (const struct event_go *)event, known_thread(tracks, event->tid, event->pid));
        break;
    default:
        break;
    }
    return tracks->failed;
}

void tracks_finish(struct tracks *tracks, uint64_t time)
{
    for (struct goroutine *g = NULL; (g = table_next(&tracks->goroutines, g));)
        leave_state(tracks, g, time);
    for (struct thread *thread = NULL; (thread = table_next(&tracks->threads, thread));)
        close_thread(tracks, thread, time);
    for (struct proc *proc = NULL; (proc = table_next(&tracks->procs, proc));)
        toggle(tracks, time, proc->track, &proc->bound, false, NULL);
    for (struct process *process = NULL; (process = table_next(&tracks->processes, process));) {
        toggle(tracks, time, track_uuid(TRACK_GC, 0, process->key.id), &process->in_gc, false, NULL);
        toggle(tracks, time, track_uuid(TRACK_STW, 0, process->key.id), &process->stopped, false, NULL);
    }
}

int tracks_open(const struct tracks_settings *settings, struct tracks **tracks)
{
    *tracks = calloc(1, sizeof **tracks);
    if (!*tracks)
        return -ENOMEM;
    (*tracks)->settings = *settings;
    int result = known_open(*tracks);
    if (result < 0) {
        tracks_close(*tracks);
        *tracks = NULL;
    }
    return result;
}

const int64_t *tracks_counts(const struct tracks *tracks)
{
    return tracks->counts;
}

void tracks_close(struct tracks *tracks)
{
    if (!tracks)
        return;
    known_close(tracks);
    free(tracks);
}
