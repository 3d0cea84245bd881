#include "runner/replay/sysmon.h"

#include <errno.h>

/* One for each Go process. */
#define SLEEPS_MAX (1u << 14)
#define PERIOD_NS  20000000u
#define MILLION    1000000u

struct sleep {
    struct table_key key; /* id: tid */
    uint64_t start, asked;
    bool off_cpu; /* it has left its CPU to sleep */
};

int sysmon_open(struct sysmon *sysmon, bool sched)
{
    *sysmon = (struct sysmon){.sched = sched};
    return table_open(&sysmon->sleeps, sizeof(struct sleep), SLEEPS_MAX);
}

void sysmon_close(struct sysmon *sysmon)
{
    table_close(&sysmon->sleeps);
    histogram_free(&sysmon->asked);
    histogram_free(&sysmon->late);
    histogram_free(&sysmon->drift);
    histogram_free(&sysmon->drift_20ms);
}

static struct sleep *find(const struct sysmon *sysmon, uint32_t tid)
{
    return sysmon->tids >> tid % 64 & 1 ? table_find(&sysmon->sleeps, tid, 0) : NULL;
}

static uint64_t per_million(uint64_t part, uint64_t whole)
{
    unsigned __int128 ratio = (unsigned __int128)part * MILLION / whole;
    return ratio > UINT64_MAX ? UINT64_MAX : (uint64_t)ratio;
}

static int wake(struct sysmon *sysmon, struct sleep *sleep, uint64_t now)
{
    uint64_t asked = sleep->asked;
    uint64_t slept = now - sleep->start;
    uint64_t late = slept > asked ? slept - asked : 0;
    uint64_t off = slept > PERIOD_NS ? slept - PERIOD_NS : PERIOD_NS - slept;
    table_remove(&sysmon->sleeps, sleep);
    int result = histogram_add(&sysmon->asked, asked);
    if (result == 0)
        result = histogram_add(&sysmon->late, late);
    if (result == 0)
        result = histogram_add(&sysmon->drift, per_million(late, asked));
    return result < 0 ? result : histogram_add(&sysmon->drift_20ms, per_million(off, PERIOD_NS));
}

int sysmon_goes_on(struct sysmon *sysmon, const struct event_header *event, uint64_t now)
{
    struct sleep *sleep = find(sysmon, event->tid);
    if (!sleep)
        return 0;
    if (!sysmon->sched)
        return wake(sysmon, sleep, now);
    table_remove(&sysmon->sleeps, sleep); /* its switches were lost */
    return 0;
}

int sysmon_sleep(struct sysmon *sysmon, const struct event_go_value *event, uint64_t now)
{
    int result = sysmon_goes_on(sysmon, &event->header, now);
    if (result < 0 || event->value == 0)
        return result;
    struct sleep *sleep;
    result = table_insert(&sysmon->sleeps, event->header.tid, 0, &sleep);
    if (result < 0)
        return result == -ENOSPC ? 0 : result;
    sysmon->tids |= UINT64_C(1) << event->header.tid % 64;
    sleep->start = now;
    sleep->asked = event->value;
    return 0;
}

int sysmon_switch(struct sysmon *sysmon, const struct event_sched_switch *event, uint64_t now)
{
    const struct event_header *header = &event->header;
    struct sleep *sleep = header->flags & EVENT_FLAG_PREV ? find(sysmon, header->tid) : NULL;
    if (sleep && sleep->off_cpu) { /* it was on a CPU in between, unseen: when the sleep ended is not known */
        table_remove(&sysmon->sleeps, sleep);
        sleep = NULL;
    }
    /* One that is preempted on its way to the sleep has not slept when it goes on. */
    if (sleep)
        sleep->off_cpu =
            event->prev_state != 0 && !(header->flags & (EVENT_FLAG_PREEMPT | EVENT_FLAG_THROTTLED));
    sleep = find(sysmon, event->next_tid);
    if (!sleep || !(header->flags & EVENT_FLAG_NEXT) || !sleep->off_cpu)
        return 0;
    if (now - sleep->start >= sleep->asked)
        return wake(sysmon, sleep, now);
    sleep->off_cpu = false; /* nanosleep(2) never ends too early: the thread had to wait for something else */
    return 0;
}

void sysmon_end(struct sysmon *sysmon, uint32_t tid)
{
    struct sleep *sleep = find(sysmon, tid);
    if (sleep)
        table_remove(&sysmon->sleeps, sleep);
}
