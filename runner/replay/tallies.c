#include "runner/replay/tallies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/replay/state.h"

#define LOCKS_TOLD 16

static const char *function_at(const struct replay *replay, uint64_t pc)
{
    const struct replay_settings *settings = &replay->settings;
    return pc && settings->function_at ? settings->function_at(settings->context, pc) : NULL;
}

static uint64_t since_start(const struct replay *replay, uint64_t time)
{
    uint64_t start = replay->started ? replay->start : replay->first;
    return time > start ? time - start : 0;
}

static struct tally_stack stack_of(const struct replay *replay, uint32_t number)
{
    struct tally_stack stack = {0};
    const uint64_t *pcs = stacks_frames(&replay->stacks, number);
    /* Return addresses: the call stands before them, and may be the last instruction of its function. */
    for (; pcs && stack.depth < EVENT_STACK_DEPTH && pcs[stack.depth]; stack.depth++)
        stack.frames[stack.depth] = function_at(replay, pcs[stack.depth] - 1);
    return stack;
}

static int longest_wait_first(const void *a, const void *b)
{
    const struct tally_wait *x = a;
    const struct tally_wait *y = b;
    return (x->time < y->time) - (x->time > y->time);
}

static int most_created_first(const void *a, const void *b)
{
    const struct tally_origin *x = a;
    const struct tally_origin *y = b;
    return (x->created < y->created) - (x->created > y->created);
}

static int longest_lock_first(const void *a, const void *b)
{
    const struct tally_lock *x = a;
    const struct tally_lock *y = b;
    return (x->time < y->time) - (x->time > y->time);
}

static struct tally_wait wait_of(const struct replay *replay, const struct place_wait *wait, unsigned reason)
{
    return (struct tally_wait){
        .reason = reason_name(replay->settings.wait_reasons, reason),
        .count = wait->ended + wait->stuck,
        .time = wait->time + wait->stuck_time,
        .first = since_start(replay, wait->first),
        .last = since_start(replay, wait->last),
        .stack = stack_of(replay, wait->stack),
        .stuck = wait->stuck,
        .stuck_late = wait->stuck_late,
        .stuck_first = since_start(replay, wait->stuck_first),
        .stuck_last = since_start(replay, wait->stuck_last),
        .stuck_stack = stack_of(replay, wait->stuck_stack),
    };
}

static int fill_waits(const struct replay *replay, const struct place *place, struct tally_origin *tally)
{
    size_t count = 0;
    for (unsigned reason = 0; reason < WAIT_REASONS; reason++)
        count += place->waits[reason].ended + place->waits[reason].stuck > 0;
    if (count == 0)
        return 0;
    tally->waits = calloc(count, sizeof *tally->waits);
    if (!tally->waits)
        return -ENOMEM;
    for (unsigned reason = 0; reason < WAIT_REASONS; reason++)
        if (place->waits[reason].ended + place->waits[reason].stuck > 0)
            tally->waits[tally->wait_count++] = wait_of(replay, &place->waits[reason], reason);
    qsort(tally->waits, tally->wait_count, sizeof *tally->waits, longest_wait_first);
    return 0;
}

static bool is_main(const char *function)
{
    return function && strcmp(function, "runtime.main") == 0;
}

static int fill_origin(const struct replay *replay, const struct place *place, struct tally_origin *tally)
{
    *tally = (struct tally_origin){
        .creator = function_at(replay, place->creator_pc),
        .function = function_at(replay, place->start_pc),
        .runtime = place->runtime,
        .created = place->created,
        .exited = place->exited,
        .first_created = since_start(replay, place->first_created),
        .last_created = since_start(replay, place->last_created),
        .lived = place->lived,
        .ran = place->ran,
        .timers_made = place->timers_made,
        .syscalls_blocked = place->syscalls_blocked,
        .syscall_time = place->syscall_time,
        .late = place->late,
        .holds = place->holds,
        .held = place->held,
        .longest_hold = place->longest_hold,
        .first_held = since_start(replay, place->first_held),
        .last_held = since_start(replay, place->last_held),
    };
    tally->main = is_main(tally->function);
    return fill_waits(replay, place, tally);
}

static int fill_origins(const struct replay *replay, struct tallies *tallies)
{
    const struct places *places = &replay->goroutines.places;
    tallies->origins = calloc(places->count, sizeof *tallies->origins);
    if (!tallies->origins)
        return -ENOMEM;
    for (uint32_t row = 0; row < places->count; row++) {
        if (places->rows[row].created == 0)
            continue;
        int result = fill_origin(replay, &places->rows[row], &tallies->origins[tallies->origin_count++]);
        if (result < 0)
            return result;
    }
    qsort(tallies->origins, tallies->origin_count, sizeof *tallies->origins, most_created_first);
    return 0;
}

static int fill_locks(const struct replay *replay, struct tallies *tallies)
{
    const struct locks *locks = &replay->goroutines.locks;
    tallies->locks = calloc(locks->count, sizeof *tallies->locks);
    if (!tallies->locks)
        return -ENOMEM;
    for (uint32_t row = 1; row < locks->count; row++) {
        const struct lock *lock = &locks->rows[row];
        const struct place *place = &replay->goroutines.places.rows[lock->place];
        const char *function = function_at(replay, place->start_pc);
        if (lock->waits == 0)
            continue;
        tallies->locks[tallies->lock_count++] = (struct tally_lock){
            .reason = reason_name(replay->settings.wait_reasons, lock->reason),
            .creator = is_main(function) ? NULL : function_at(replay, place->creator_pc),
            .function = function,
            .address = lock->address,
            .waits = lock->waits,
            .time = lock->time,
            .peak = lock->peak,
            .first = since_start(replay, lock->first),
            .last = since_start(replay, lock->last),
            .stack = stack_of(replay, lock->stack),
        };
    }
    qsort(tallies->locks, tallies->lock_count, sizeof *tallies->locks, longest_lock_first);
    if (tallies->lock_count > LOCKS_TOLD)
        tallies->lock_count = LOCKS_TOLD;
    return 0;
}

int tallies_fill(struct replay *replay, uint64_t end)
{
    struct tallies *tallies = &replay->tallies;
    const struct carriers *carriers = &replay->carriers;
    const struct collector *collector = &replay->collector;
    const struct starvation *starvation = &replay->full.netpoll.starvation;
    tallies_free(tallies);
    *tallies = (struct tallies){
        .events = replay->events,
        .lifetime = since_start(replay, end),
        .cpu_clock = replay->settings.sched,
        .reasons_named = replay->settings.wait_reasons != NULL,
        .crowd = replay->threads.crowd,
        .gc = {collector->cycles, collector->accounted, collector->assist, collector->mark, collector->idle},
        .starvation = {starvation->waits, starvation->late, starvation->late_time, starvation->time},
        .runs = replay->sequences.seen[EVENT_GO_RUN],
        .timers_fired = replay->full.timers.fired_once,
        .looks = carriers->looks,
        .looked = carriers->looked,
        .handoffs = replay->full.processors.handoffs,
        .threads_created = replay->remarks.threads_created,
    };
    int result = fill_origins(replay, tallies);
    return result < 0 ? result : fill_locks(replay, tallies);
}

void tallies_free(struct tallies *tallies)
{
    for (size_t i = 0; i < tallies->origin_count; i++)
        free(tallies->origins[i].waits);
    free(tallies->origins);
    free(tallies->locks);
    *tallies = (struct tallies){0};
}
