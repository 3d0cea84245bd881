#include "runner/replay/processors.h"

#include <errno.h>
#include <stdbool.h>

/* GOMAXPROCS has no upper limit, but no machine has more CPUs. */
#define PROCESSORS_MAX (1u << 14)
#define PROCESSES_MAX  (1u << 14)

struct process {
    struct table_key key; /* id: pid */
    uint64_t start;       /* its first bind */
    uint64_t last_stop;   /* when the world was asked to stop last; 0: never */
    double bound;         /* ns, by all its Ps so far */
    uint32_t count;       /* Ps */
};

int processors_open(struct processors *processors)
{
    *processors = (struct processors){0};
    int result = table_open(&processors->table, sizeof(struct processor), PROCESSORS_MAX);
    return result < 0 ? result : table_open(&processors->processes, sizeof(struct process), PROCESSES_MAX);
}

void processors_close(struct processors *processors)
{
    table_close(&processors->table);
    table_close(&processors->processes);
    histogram_free(&processors->bind_time);
}

struct processor *processors_find(const struct processors *processors, uint32_t proc, uint32_t pid)
{
    return table_find(&processors->table, proc, pid);
}

static struct process *process_of(const struct processors *processors, uint32_t pid)
{
    return table_find(&processors->processes, pid, 0);
}

static int unbind(struct processors *processors, struct processor *processor, uint64_t end)
{
    if (processor->tid == 0)
        return 0;
    uint64_t length = end > processor->since ? end - processor->since : 0;
    struct process *process = process_of(processors, processor->key.space);
    if (process)
        process->bound += (double)length;
    processor->tid = 0;
    return histogram_add(&processors->bind_time, length);
}

/* Nothing told when it was taken. */
static int unbind_taken(struct processors *processors, struct carriers *carriers, struct processor *processor,
                        uint64_t now)
{
    struct carrier *before = carriers_find(carriers, processor->tid);
    if (before && before->proc == processor->key.id) {
        before->proc = PROC_NONE;
        before->lost_proc = before->syscall != 0;
    }
    const struct process *process = process_of(processors, processor->key.space);
    bool stopped = process && process->last_stop > processor->since;
    return unbind(processors, processor, stopped ? process->last_stop : now);
}

static int begin(struct processors *processors, uint32_t proc, uint32_t pid, uint64_t now,
                 struct processor **processor)
{
    struct process *process = process_of(processors, pid);
    int result = process ? 0 : table_insert(&processors->processes, pid, 0, &process);
    if (result == 0)
        result = table_insert(&processors->table, proc, pid, processor);
    if (result < 0) {
        *processor = NULL;
        processors->ignored += result == -ENOSPC;
        return result == -ENOSPC ? 0 : result;
    }
    if (process->count == 0)
        process->start = now;
    if (++process->count > processors->most)
        processors->most = process->count;
    return 0;
}

static int on_bind(struct processors *processors, struct carriers *carriers,
                   const struct event_go_proc *event, uint64_t now)
{
    struct carrier *carrier = carriers_of(carriers, event->header.tid);
    uint32_t pid = event->header.pid;
    struct processor *processor = processors_find(processors, event->proc, pid);
    if (!processor) {
        int result = begin(processors, event->proc, pid, now, &processor);
        if (!processor)
            return result;
    }
    if (processor->tid == event->header.tid)
        return 0;
    int result = unbind_taken(processors, carriers, processor, now);
    if (result == 0 && carrier && carrier->proc != PROC_NONE) {
        struct processor *before = processors_find(processors, carrier->proc, pid);
        if (before && before->tid == event->header.tid)
            result = unbind_taken(processors, carriers, before, now);
    }
    processor->tid = event->header.tid;
    processor->since = now;
    if (carrier) {
        carrier->proc = event->proc;
        carrier->lost_proc = false;
    }
    return result;
}

static int on_unbind(struct processors *processors, struct carriers *carriers,
                     const struct event_go_proc *event, uint64_t now)
{
    struct carrier *carrier = carriers_find(carriers, event->header.tid);
    if (carrier)
        carrier->proc = PROC_NONE;
    struct processor *processor = processors_find(processors, event->proc, event->header.pid);
    return processor ? unbind(processors, processor, now) : 0;
}

static int on_handoff(struct processors *processors, struct carriers *carriers,
                      const struct event_go_proc *event, uint64_t now)
{
    processors->handoffs++;
    struct processor *processor = processors_find(processors, event->proc, event->header.pid);
    if (!processor || processor->tid == 0)
        return 0;
    struct carrier *carrier = carriers_find(carriers, processor->tid);
    if (carrier && carrier->proc == event->proc) {
        carrier->proc = PROC_NONE;
        carrier->lost_proc = carrier->syscall != 0;
        processors->handoffs_syscall += carrier->lost_proc;
    }
    return unbind(processors, processor, now);
}

int processors_event(struct processors *processors, struct carriers *carriers,
                     const struct event_header *event, uint64_t now)
{
    switch (event->kind) {
    case EVENT_GO_P_BIND:
        return on_bind(processors, carriers, (const struct event_go_proc *)event, now);
    case EVENT_GO_P_UNBIND:
        return on_unbind(processors, carriers, (const struct event_go_proc *)event, now);
    case EVENT_GO_P_HANDOFF:
        return on_handoff(processors, carriers, (const struct event_go_proc *)event, now);
    case EVENT_GO_STEAL: {
        uint32_t count = ((const struct event_go_steal *)event)->count;
        processors->steals += count > 0;
        processors->steals_in_vain += count == 0;
        processors->stolen += count;
        return 0;
    }
    case EVENT_GO_STW_START: {
        struct process *process = process_of(processors, event->pid);
        if (process)
            process->last_stop = now;
        return 0;
    }
    default:
        return 0;
    }
}

int processors_thread_end(struct processors *processors, const struct carrier *carrier, uint32_t pid,
                          uint64_t now)
{
    struct processor *processor = processors_find(processors, carrier->proc, pid);
    if (!processor || processor->tid != carrier->key.id)
        return 0;
    return unbind(processors, processor, now);
}

int processors_end(struct processors *processors, uint32_t pid, uint32_t procs, uint64_t now)
{
    struct process *process = process_of(processors, pid);
    if (!process)
        return 0;
    int result = 0;
    struct processor *processor = NULL;
    while (result == 0 && (processor = table_next(&processors->table, processor)))
        if (processor->key.space == pid)
            result = unbind(processors, processor, now);
    uint32_t count = process->count > procs ? process->count : procs;
    processors->bound += process->bound;
    processors->available += (double)count * (double)(now - process->start);
    table_remove_space(&processors->table, pid);
    table_remove(&processors->processes, process);
    return result;
}

int processors_finish(struct processors *processors, uint32_t procs, uint64_t now)
{
    const struct process *process;
    int result = 0;
    while (result == 0 && (process = table_next(&processors->processes, NULL)))
        result = processors_end(processors, (uint32_t)process->key.id, procs, now);
    return result;
}
