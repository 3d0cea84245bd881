#include "runner/load/arrivals.h"

#include <math.h>

#define SECOND_NS UINT64_C(1000000000)

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* By inversion, from a number in (0, 1]. */
static double exponential_gap(struct arrivals *arrivals)
{
    double uniform = (double)((next_random(&arrivals->random) >> 11) + 1) * 0x1p-53;
    return -log(uniform) * ((double)SECOND_NS / (double)arrivals->phase.rate);
}

void arrivals_start(struct arrivals *arrivals, enum load_arrivals kind, const struct phase *phase,
                    uint64_t seed)
{
    *arrivals = (struct arrivals){.phase = *phase, .kind = kind, .random = seed};
    if (kind == ARRIVALS_POISSON && phase->rate)
        arrivals->offset = exponential_gap(arrivals);
}

bool arrivals_peek(const struct arrivals *arrivals, uint64_t *due_ns)
{
    const struct phase *phase = &arrivals->phase;
    if (phase->rate == 0)
        return false;
    if (arrivals->kind == ARRIVALS_POISSON) {
        if (arrivals->offset >= (double)phase->duration_ns)
            return false;
        *due_ns = phase->start_ns + (uint64_t)arrivals->offset;
        return true;
    }
    unsigned __int128 offset = (unsigned __int128)arrivals->index * SECOND_NS / phase->rate;
    if (offset >= phase->duration_ns)
        return false;
    *due_ns = phase->start_ns + (uint64_t)offset;
    return true;
}

void arrivals_advance(struct arrivals *arrivals)
{
    arrivals->index++;
    if (arrivals->kind == ARRIVALS_POISSON)
        arrivals->offset += exponential_gap(arrivals);
}

void schedule_make(struct schedule *schedule, const struct load_http *http, uint64_t seed, uint64_t start_ns)
{
    *schedule = (struct schedule){.kind = http->arrivals, .seed = seed};
    schedule->phases[schedule->phase_count++] = (struct phase){
        .rate = http->step_count ? http->rates[0] : 0,
        .start_ns = start_ns,
        .duration_ns = http->warmup_ns,
    };
    schedule->end_ns = schedule->window_start_ns = start_ns + http->warmup_ns;
    for (size_t i = 0; i < http->step_count; i++) {
        schedule->phases[schedule->phase_count++] = (struct phase){
            .rate = http->rates[i],
            .start_ns = schedule->end_ns,
            .duration_ns = http->duration_ns,
        };
        schedule->end_ns += http->duration_ns;
    }
}

static void enter_phase(struct cursor *cursor, size_t phase)
{
    const struct schedule *schedule = cursor->schedule;
    uint64_t state = schedule->seed ^ (UINT64_C(0xd1342543de82ef95) * (phase + 1));
    cursor->phase = phase;
    arrivals_start(&cursor->arrivals, schedule->kind, &schedule->phases[phase], next_random(&state));
}

void cursor_start(struct cursor *cursor, const struct schedule *schedule)
{
    *cursor = (struct cursor){.schedule = schedule};
    enter_phase(cursor, 0);
}

bool cursor_peek(struct cursor *cursor, uint64_t *due_ns, int *step)
{
    while (!arrivals_peek(&cursor->arrivals, due_ns)) {
        if (cursor->phase + 1 >= cursor->schedule->phase_count)
            return false;
        enter_phase(cursor, cursor->phase + 1);
    }
    *step = (int)cursor->phase - 1;
    return true;
}

void cursor_advance(struct cursor *cursor)
{
    arrivals_advance(&cursor->arrivals);
    cursor->taken++;
}
