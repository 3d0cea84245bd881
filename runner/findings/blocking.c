#include "runner/findings/blocking.h"

#include <math.h>
#include <string.h>

#include "runner/findings/thresholds.h"
#include "runner/findings/words.h"

static const char no_procs[] = "GOMAXPROCS is not known";

/* So many waited at once, on average over the demo's life. */
static double waiting(const struct tallies *tallies, uint64_t time)
{
    return tallies->lifetime ? (double)time / (double)tallies->lifetime : 0;
}

static bool is_send(const char *reason)
{
    return reason && strncmp(reason, "chan send", strlen("chan send")) == 0;
}

static double all_waits(const struct tally_origin *origin)
{
    double sum = 0;
    for (size_t i = 0; i < origin->wait_count; i++)
        sum += (double)origin->waits[i].time;
    return sum;
}

static bool are_blocked_sends(const struct findings_input *input, const struct tally_origin *origin,
                              const struct tally_wait *wait)
{
    double most = fmax(threshold(SENDS_WAITING), threshold(SENDS_WAITING_PER_P) * input->procs);
    return is_send(wait->reason) && (double)wait->count >= threshold(SENDS_WAITS) &&
           waiting(input->tallies, wait->time) >= most &&
           (double)wait->time >= threshold(SENDS_SHARE) * all_waits(origin);
}

static void add_sends(const struct findings_input *input, const struct tally_origin *origin,
                      const struct tally_wait *wait, struct findings *findings)
{
    struct finding *finding = findings_add(findings, FINDING_BLOCKED_SENDS);
    if (!finding)
        return;
    double each = (double)wait->time / (double)wait->count;
    double share = (double)wait->time / all_waits(origin);
    finding->creator = origin->creator;
    finding->function = origin->function;
    finding->reason = wait->reason;
    finding->stack = wait->stack;
    finding->has_span = true;
    finding->first = wait->first;
    finding->last = wait->last;
    finding_figure(finding, "waits", (double)wait->count);
    finding_figure(finding, "waiting_average", waiting(input->tallies, wait->time));
    finding_figure(finding, "wait_each_ns", each);
    finding_figure(finding, "share_of_waits_ratio", share);
    finding_figure(finding, "never_received", (double)wait->stuck);
    words_number many;
    words_number count;
    words_number time;
    words_number stuck;
    finding_says(
        finding,
        "On average %s goroutines at once (%s) waited to send on a channel%s%s and nobody was there to "
        "receive: %s waits of %s each, %s of them to the end.",
        words_count(many, round(waiting(input->tallies, wait->time))), words_function(origin->function),
        words_in(&wait->stack), words_place(&wait->stack), words_count(count, (double)wait->count),
        words_time(time, each), words_count(stuck, (double)wait->stuck));
}

void blocking_judge_sends(const struct findings_input *input, struct findings *findings)
{
    const struct tallies *tallies = input->tallies;
    if (isnan(input->procs)) {
        findings_cannot(findings, FINDING_BLOCKED_SENDS, no_procs);
        return;
    }
    if (!findings_know_reasons(input, findings, FINDING_BLOCKED_SENDS))
        return;
    for (size_t i = 0; i < tallies->origin_count; i++) {
        const struct tally_origin *origin = &tallies->origins[i];
        for (size_t j = 0; j < origin->wait_count && !origin->runtime; j++)
            if (are_blocked_sends(input, origin, &origin->waits[j]))
                add_sends(input, origin, &origin->waits[j], findings);
    }
}

/* A mutex of the program, not a semaphore of the runtime's own (for the start of a collection). Before
   Go 1.20 only the stack tells them apart: both wait with the reason "semacquire". */
static bool is_mutex(const struct tally_lock *lock)
{
    if (lock->reason && strncmp(lock->reason, "sync.", strlen("sync.")) == 0)
        return true;
    for (size_t i = 0; i < lock->stack.depth; i++)
        if (lock->stack.frames[i] && strstr(lock->stack.frames[i], "Mutex"))
            return true;
    return false;
}

/* The part of the demo's life in which other programs may have kept the lock's holder from its CPU: time in
   which its threads wanted one and got none; 0 where that is not known, 1 at most. */
static double kept_off(const struct findings_input *input)
{
    const struct tallies *tallies = input->tallies;
    double ran = findings_metric(input, METRIC_SCHED_ON_CPU);
    double wanted = 0;
    for (unsigned threads = 1; threads <= CROWD_MAX; threads++)
        wanted += threads * (double)tallies->crowd.time[threads];
    if (isnan(ran) || wanted <= ran || !tallies->lifetime)
        return 0;
    return fmin(1, (wanted - ran) / (double)tallies->lifetime);
}

static bool is_convoy(const struct findings_input *input, const struct tally_lock *lock)
{
    double most = fmax(threshold(CONVOY_WAITING), threshold(CONVOY_WAITING_PER_P) * input->procs);
    double own = waiting(input->tallies, lock->time) * (1 - kept_off(input));
    return is_mutex(lock) && (double)lock->waits >= threshold(CONVOY_WAITS) && own >= most;
}

static void add_convoy(const struct findings_input *input, const struct tally_lock *lock,
                       struct findings *findings)
{
    struct finding *finding = findings_add(findings, FINDING_LOCK_CONVOY);
    if (!finding)
        return;
    double average = waiting(input->tallies, lock->time);
    double each = (double)lock->time / (double)lock->waits;
    finding->creator = lock->creator;
    finding->function = lock->function;
    finding->reason = lock->reason;
    finding->stack = lock->stack;
    finding->has_span = true;
    finding->first = lock->first;
    finding->last = lock->last;
    finding_figure(finding, "waits", (double)lock->waits);
    finding_figure(finding, "waiting_average", average);
    finding_figure(finding, "waiting_most", (double)lock->peak);
    finding_figure(finding, "wait_each_ns", each);
    words_number many;
    words_number most;
    words_number count;
    words_number time;
    finding_says(
        finding,
        "On average %s goroutines (at most %s) stood in line for one lock (%s%s%s, in goroutines of %s): "
        "%s waits of %s each.",
        words_count(many, round(average)), words_count(most, (double)lock->peak),
        lock->reason ? lock->reason : "a semaphore", words_in(&lock->stack), words_place(&lock->stack),
        words_function(lock->function), words_count(count, (double)lock->waits), words_time(time, each));
}

void blocking_judge_convoy(const struct findings_input *input, struct findings *findings)
{
    if (isnan(input->procs)) {
        findings_cannot(findings, FINDING_LOCK_CONVOY, no_procs);
        return;
    }
    if (!findings_know_reasons(input, findings, FINDING_LOCK_CONVOY))
        return;
    for (size_t i = 0; i < input->tallies->lock_count; i++)
        if (is_convoy(input, &input->tallies->locks[i]))
            add_convoy(input, &input->tallies->locks[i], findings);
}
