#include "runner/replay/starvation.h"

#include <errno.h>
#include <stddef.h>

#define PROGRAMS_MAX (1u << 14)

struct program {
    struct table_key key; /* id: pid */
    uint64_t waiting;     /* goroutines now */
    uint64_t since;       /* the first of them waits */
    uint64_t time;        /* of the clock, up to then */
};

int starvation_open(struct starvation *starvation)
{
    *starvation = (struct starvation){0};
    return table_open(&starvation->programs, sizeof(struct program), PROGRAMS_MAX);
}

void starvation_close(struct starvation *starvation)
{
    table_close(&starvation->programs);
}

static uint64_t clock_of(const struct program *program, uint64_t now)
{
    return program->time + (program->waiting && now > program->since ? now - program->since : 0);
}

static uint64_t clock_at(const struct starvation *starvation, uint32_t pid, uint64_t now)
{
    const struct program *program = table_find(&starvation->programs, pid, 0);
    return program ? clock_of(program, now) : 0;
}

int starvation_begins(struct starvation *starvation, uint32_t pid, uint64_t now)
{
    struct program *program = table_find(&starvation->programs, pid, 0);
    if (!program) {
        int result = table_insert(&starvation->programs, pid, 0, &program);
        if (result < 0)
            return result == -ENOSPC ? 0 : result;
    }
    if (program->waiting++ == 0)
        program->since = now;
    return 0;
}

void starvation_ends(struct starvation *starvation, uint32_t pid, uint64_t now)
{
    struct program *program = table_find(&starvation->programs, pid, 0);
    if (!program || program->waiting == 0)
        return;
    program->time = clock_of(program, now);
    program->since = now;
    program->waiting--;
}

void starvation_waited(struct starvation *starvation, struct place *place, uint64_t waited)
{
    starvation->waits++;
    if (waited < STARVATION_LATE_NS)
        return;
    starvation->late++;
    starvation->late_time += waited;
    place->late++;
}

void starvation_run(const struct starvation *starvation, struct carrier *carrier, uint32_t pid, uint64_t now)
{
    carrier->starving = clock_at(starvation, pid, now);
}

void starvation_leave(const struct starvation *starvation, const struct carrier *carrier, struct place *place,
                      uint32_t pid, uint64_t ran, uint64_t now)
{
    uint64_t clock = clock_at(starvation, pid, now);
    if (ran < STARVATION_HELD_NS || clock <= carrier->starving)
        return;
    uint64_t held = clock - carrier->starving;
    if (place->held == 0)
        place->first_held = now;
    place->last_held = now;
    place->held += held;
    place->holds++;
    if (ran > place->longest_hold)
        place->longest_hold = ran;
}

void starvation_end(struct starvation *starvation, uint32_t pid, uint64_t now)
{
    struct program *program = table_find(&starvation->programs, pid, 0);
    if (!program)
        return;
    starvation->time += clock_of(program, now);
    table_remove(&starvation->programs, program);
}

void starvation_finish(struct starvation *starvation, uint64_t now)
{
    const struct program *program;
    while ((program = table_next(&starvation->programs, NULL)))
        starvation_end(starvation, (uint32_t)program->key.id, now);
}
