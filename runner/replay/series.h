/*
 * Figures over time in bounded memory: SERIES_BINS bins at most, whose width doubles whenever the time goes
 * beyond the last one. Counts say how many happened in each bin, levels their mean and their most in it.
 */
#ifndef RUNNER_REPLAY_SERIES_H
#define RUNNER_REPLAY_SERIES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define SERIES_BINS 200

enum series_count { SERIES_CREATED, SERIES_PARKED, SERIES_READIED, SERIES_EXITED, SERIES_COUNTS };
enum series_level { SERIES_ALIVE, SERIES_RUNNABLE, SERIES_RUNNING_THREADS, SERIES_LEVELS };

struct series_value {
    uint64_t now, since, most; /* most: in this bin so far */
    unsigned __int128 sum;     /* of value x ns, in this bin so far */
};

struct series {
    uint64_t start, width, bin_end; /* ns; start 0: nothing has begun */
    unsigned bin;                   /* that is being filled */
    struct series_value levels[SERIES_LEVELS];
    uint64_t counts[SERIES_COUNTS][SERIES_BINS]; /* totals at each bin's end */
    double sums[SERIES_LEVELS][SERIES_BINS];
    uint64_t mosts[SERIES_LEVELS][SERIES_BINS];
};

/* Time begins here; what came before is forgotten, but the levels. */
void series_start(struct series *series, uint64_t now);
/* Time goes on: before anything that happens at `now`. `totals`: of all that happened before. */
void series_advance(struct series *series, uint64_t now, const uint64_t totals[SERIES_COUNTS]);
static inline bool series_is_due(const struct series *series, uint64_t now)
{
    return now >= series->bin_end;
}
static inline void series_level(struct series *series, enum series_level which, uint64_t value, uint64_t now)
{
    struct series_value *level = &series->levels[which];
    if (value == level->now)
        return;
    level->sum += (unsigned __int128)level->now * (now - level->since);
    level->since = now;
    level->now = value;
    if (value > level->most)
        level->most = value;
}
/* {"bin_ns", "length_ns", "created": [...], ..., "alive": {"mean": [...], "most": [...]}, ...}; what was not
   observed is null. Times count from series_start(). */
json_t *series_json(const struct series *series, uint64_t end, const uint64_t totals[SERIES_COUNTS],
                    bool goroutines, bool threads);

#endif
