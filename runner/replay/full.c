#include "runner/replay/full.h"

#include "runner/replay/replay.h"

int full_open(struct full *full, const struct replay_settings *settings)
{
    *full = (struct full){.procs = settings->procs};
    int result = processors_open(&full->processors);
    if (result == 0)
        result = preemption_open(&full->preemption, settings->wait_reasons);
    if (result == 0)
        result = sysmon_open(&full->sysmon, settings->sched);
    if (result == 0)
        result = netpoll_open(&full->netpoll);
    return result < 0 ? result : timers_open(&full->timers, settings->go_minor, settings->wait_reasons);
}

void full_close(struct full *full)
{
    processors_close(&full->processors);
    preemption_close(&full->preemption);
    sysmon_close(&full->sysmon);
    netpoll_close(&full->netpoll);
    timers_close(&full->timers);
}

/* A P is bound to another M, or to none. */
static int on_proc(struct full *full, struct carriers *carriers, const struct event_go_proc *event,
                   uint64_t now)
{
    const struct event_header *header = &event->header;
    const struct processor *processor = processors_find(&full->processors, event->proc, header->pid);
    bool again = header->kind == EVENT_GO_P_BIND && processor && processor->tid == header->tid;
    int result = again ? 0 : preemption_release(&full->preemption, event->proc, header->pid);
    return result < 0 ? result : processors_event(&full->processors, carriers, header, now);
}

int full_event(struct full *full, struct carriers *carriers, const struct event_header *event, uint64_t now)
{
    if (event->kind == EVENT_GO_SYSMON_SLEEP)
        return sysmon_sleep(&full->sysmon, (const struct event_go_value *)event, now);
    int result = sysmon_goes_on(&full->sysmon, event, now);
    if (result < 0)
        return result;
    switch (event->kind) {
    case EVENT_GO_P_BIND:
    case EVENT_GO_P_UNBIND:
    case EVENT_GO_P_HANDOFF:
        return on_proc(full, carriers, (const struct event_go_proc *)event, now);
    case EVENT_GO_STEAL:
    case EVENT_GO_STW_START:
        return processors_event(&full->processors, carriers, event, now);
    case EVENT_GO_PREEMPT_REQUEST:
        return preemption_request(&full->preemption, &full->processors, carriers,
                                  (const struct event_go_proc *)event, now);
    case EVENT_GO_NETPOLL:
    case EVENT_GO_NETPOLL_READY:
        return netpoll_event(&full->netpoll, event, now);
    case EVENT_GO_TIMER_MAKE:
    case EVENT_GO_TIMER_STOP:
    case EVENT_GO_TIMER_RESET:
    case EVENT_GO_TIMER_FIRE:
    case EVENT_GO_GC_END:
        return timers_event(&full->timers, event, now);
    default:
        return 0;
    }
}

/* Who waits for a P after netpoll, and who holds one. */
static int on_run(struct full *full, struct carrier *carrier, struct goroutines *goroutines,
                  const struct event_header *event, const struct goroutine_change *change, uint64_t now)
{
    struct place *place = &goroutines->places.rows[change->place];
    const struct starvation *starvation = &full->netpoll.starvation;
    bool begins = event->kind == EVENT_GO_RUN || event->kind == EVENT_GO_UNPARK;
    if (event->kind == EVENT_GO_CREATE) /* nothing becomes of the thread's own goroutine */
        return 0;
    if (carrier && !begins)
        starvation_leave(starvation, carrier, place, event->pid, goroutines->remarks.ran, now);
    int result = netpoll_goroutine(&full->netpoll, event, place, now);
    if (carrier && (begins || event->kind == EVENT_GO_CORO_SWITCH))
        starvation_run(starvation, carrier, event->pid, now);
    return result;
}

int full_goroutine(struct full *full, struct carriers *carriers, struct goroutines *goroutines,
                   const struct event_header *event, const struct goroutine_change *change, uint64_t now)
{
    if (event->kind == EVENT_GO_READY) { /* its thread is the one that readies */
        timers_ready(&full->timers, event, change);
        return sysmon_goes_on(&full->sysmon, event, now);
    }
    struct carrier *carrier = carriers_find(carriers, event->tid);
    int result = carrier ? preemption_goroutine(&full->preemption, carrier, event, change, now) : 0;
    return result < 0 ? result : on_run(full, carrier, goroutines, event, change, now);
}

int full_switch(struct full *full, const struct event_sched_switch *event, uint64_t now)
{
    return sysmon_switch(&full->sysmon, event, now);
}

int full_process(struct full *full, const struct carriers *carriers, const struct event_header *event,
                 uint64_t now)
{
    uint32_t pid = event->pid;
    sysmon_end(&full->sysmon, event->tid);
    if (event->kind != EVENT_PROCESS_EXEC && event->tid != pid) {
        const struct carrier *carrier = carriers_find(carriers, event->tid);
        return carrier ? processors_thread_end(&full->processors, carrier, pid, now) : 0;
    }
    preemption_end(&full->preemption, pid);
    netpoll_end(&full->netpoll, pid, now);
    timers_end(&full->timers, pid, now);
    return processors_end(&full->processors, pid, full->procs, now);
}

int full_finish(struct full *full, uint64_t end)
{
    starvation_finish(&full->netpoll.starvation, end);
    int result = preemption_finish(&full->preemption);
    return result < 0 ? result : processors_finish(&full->processors, full->procs, end);
}

uint64_t full_ignored(const struct full *full)
{
    return full->processors.ignored + full->timers.untracked;
}
