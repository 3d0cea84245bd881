#include "runner/findings/thresholds.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct threshold table[] = {
    {LEAK_BLOCKED, FINDING_GOROUTINE_LEAK, 10, UNIT_COUNT,
     "goroutines of one go statement that are blocked for one reason at the end",
     "fewer may be a few workers, or the last that was under way"},
    {LEAK_SPAN, FINDING_GOROUTINE_LEAK, 20e6, UNIT_NS, "from the first to the last creation there",
     "what is started at once is a pool, however large; growth takes time to be seen"},
    {LEAK_SPAN_SHARE, FINDING_GOROUTINE_LEAK, 0.25, UNIT_RATIO,
     "of the time from the first creation to the end; or as many of them ended as are blocked",
     "a pool is filled at the start, a leak grows while the program works; where most end, the rest should"},
    {LEAK_HALF_SHARE, FINDING_GOROUTINE_LEAK, 0.15, UNIT_RATIO,
     "of the blocked ones that each half of that time left behind",
     "workers that are idle at the end all began to wait at the end, a leak's goroutines all the time"},

    {CHURN_CREATED, FINDING_GOROUTINE_CHURN, 20000, UNIT_COUNT, "goroutines that one go statement started",
     "each costs about 1 us: below that a pool would save less than 20 ms"},
    {CHURN_RAN, FINDING_GOROUTINE_CHURN, 20e3, UNIT_NS, "CPU time of each, at most",
     "with more work in it than that, starting and ending it is below a twentieth; probes are part of it"},
    {CHURN_CPU_SHARE, FINDING_GOROUTINE_CHURN, 0.05, UNIT_RATIO, "of all CPU time, at 1 us a goroutine",
     "below that, something else is worth looking at first"},

    {TIMERS_MADE, FINDING_TIMER_ABUSE, 10000, UNIT_COUNT, "timers that were made",
     "each costs about 1 us and 100 bytes: below that it cannot be felt"},
    {TIMERS_PER_CPU_S, FINDING_TIMER_ABUSE, 10000, UNIT_PER_S, "timers made for a second of CPU time",
     "a time-out a request stays below, a server spends more than 100 us on one; a timer a message does not"},
    {TIMERS_UNFIRED_SHARE, FINDING_TIMER_ABUSE, 0.9, UNIT_RATIO, "of them that never fired",
     "timers that fire have done what they were made for"},

    {STARVING_LATE, FINDING_NETPOLL_STARVATION, 50, UNIT_COUNT,
     "waits for a P of more than 1 ms of goroutines whose descriptor was ready",
     "a few late answers are the start, or the machine's doing"},
    {STARVING_TIME_SHARE, FINDING_NETPOLL_STARVATION, 0.1, UNIT_RATIO,
     "of the program's life in which one waited so", "below that, something else is worth looking at first"},
    {STARVING_FREE, FINDING_NETPOLL_STARVATION, 0.5, UNIT_COUNT,
     "Ps that goroutines which ran for more than 1 ms of CPU time without a break left at most, on average",
     "with a whole P left, what waits does so for the machine, not for the program"},
    {STARVING_HOLDER_SHARE, FINDING_NETPOLL_STARVATION, 0.2, UNIT_RATIO,
     "of the time that Ps were held so, of a go statement that is told for it",
     "a small part in it is not what is to be changed first"},

    {SENDS_WAITS, FINDING_BLOCKED_SENDS, 200, UNIT_COUNT,
     "waits of one go statement's goroutines to send on a channel",
     "a few that wait once (for a start, for an end) are no pattern"},
    {SENDS_WAITING, FINDING_BLOCKED_SENDS, 8, UNIT_COUNT, "of them that wait at once, on average",
     "a few producers that wait for the consumer are what a channel is for"},
    {SENDS_WAITING_PER_P, FINDING_BLOCKED_SENDS, 4, UNIT_COUNT, "the same for each P",
     "more Ps keep more producers at work"},
    {SENDS_SHARE, FINDING_BLOCKED_SENDS, 0.5, UNIT_RATIO, "of all time that these goroutines waited",
     "sends must be what they mainly wait for"},

    {CONVOY_WAITS, FINDING_LOCK_CONVOY, 200, UNIT_COUNT, "waits for one lock",
     "a few that wait once (for a start) are no pattern"},
    {CONVOY_WAITING, FINDING_LOCK_CONVOY, 8, UNIT_COUNT,
     "goroutines that wait for it at once, on average; less the share in which the machine kept threads off",
     "two or three at a lock are what it is for"},
    {CONVOY_WAITING_PER_P, FINDING_LOCK_CONVOY, 4, UNIT_COUNT, "the same for each P",
     "more Ps keep more goroutines at the lock at work"},

    {HANDOFF_COUNT, FINDING_SYSCALL_HANDOFF, 100, UNIT_COUNT,
     "times that a P was taken from a system call or from a goroutine that was about to block",
     "sysmon takes a P whenever a machine is busy enough; a few say nothing"},
    {HANDOFF_THREADS, FINDING_SYSCALL_HANDOFF, 12, UNIT_COUNT,
     "threads at once, and so many more as the next row says",
     "sysmon, the template thread and the runtime's spare ones are always there"},
    {HANDOFF_THREADS_PER_P, FINDING_SYSCALL_HANDOFF, 2, UNIT_COUNT, "the same for each P",
     "one that runs and one that comes back from a system call"},

    {THROTTLED_SHARE, FINDING_THROTTLED, 0.1, UNIT_RATIO,
     "of the wall time that cpu.max kept the program off", "below that the spread between trials hides it"},

    {GC_CYCLES, FINDING_GC_PRESSURE, 50, UNIT_COUNT, "collections",
     "below that a program has hardly begun, or asked for them itself"},
    {GC_PER_CPU_S, FINDING_GC_PRESSURE, 50, UNIT_PER_S, "collections for a second of CPU time",
     "each stops the world twice and wakes a worker on every P, whatever the heap's size"},
    {GC_CPU_SHARE, FINDING_GC_PRESSURE, 0.25, UNIT_RATIO,
     "of all CPU time that workers and assists took; this or the one above",
     "the runtime plans for 25% while a cycle lasts (runtime/mgcpacer.go): so it never rests"},

    {SPINNING_LOOKS, FINDING_SPINNING, 1000, UNIT_COUNT, "times that a thread looked for work in vain",
     "every program looks in vain now and then"},
    {SPINNING_PER_RUN, FINDING_SPINNING, 0.25, UNIT_RATIO, "of them for each run of a goroutine",
     "a thread that is woken for every fourth run and finds nothing is not needed"},
    {SPINNING_CPU_SHARE, FINDING_SPINNING, 0.1, UNIT_RATIO, "of all CPU time that looking took",
     "below that, something else is worth looking at first"},

    {CROWD_THREADS, FINDING_OVERSUBSCRIBED, 3, UNIT_COUNT,
     "threads that wanted to run beyond the number of CPUs, on average over the time in which any did",
     "one or two come and go with system calls, the collector and sysmon"},
    {CROWD_PER_CPU, FINDING_OVERSUBSCRIBED, 1, UNIT_COUNT, "the same for each CPU",
     "as many that wait as run: everything takes twice as long"},
};
_Static_assert(COUNT_OF(table) == THRESHOLD_COUNT, "every threshold has its row");

const struct threshold *threshold_info(enum threshold_id id)
{
    return (unsigned)id < THRESHOLD_COUNT ? &table[id] : NULL;
}

double threshold(enum threshold_id id)
{
    return table[id].value;
}
