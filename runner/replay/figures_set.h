/*
 * How the figures of a replay are set, and why one may be unknown; for figures*.c alone.
 */
#ifndef RUNNER_REPLAY_FIGURES_SET_H
#define RUNNER_REPLAY_FIGURES_SET_H

#include <stddef.h>
#include <stdint.h>

#include "runner/metrics/metrics.h"
#include "runner/replay/reasons.h"

struct replay;

extern const char figures_no_sched[];    /* the kernel probes were off */
extern const char figures_no_sample[];   /* it did not happen */
extern const char figures_no_lifetime[]; /* too short to tell a rate */

struct figure {
    enum metric_id id;
    uint64_t value;
};
void figures_set_all(struct metrics *metrics, const struct figure *figures, size_t count);
/* Counts a second; unknown where the life has no length. */
void figures_set_rates(struct metrics *metrics, const struct figure *figures, size_t count, double seconds);

struct distribution {
    enum metric_id id;
    struct histogram *histogram;
};
void figures_set_distributions(struct metrics *metrics, const struct distribution *distributions,
                               size_t count);

void figures_unknown(struct metrics *metrics, enum metric_id first, enum metric_id last, const char *reason);
/* Takes the parts. */
void figures_set_parts(struct metrics *metrics, enum metric_id id, json_t *parts);

struct part {
    const char *name;
    double value;
};
json_t *figures_parts(const struct part *parts, size_t count);
/* Histograms by reason, those that have values. */
json_t *figures_by_reason(const struct histogram *histograms, uint32_t count,
                          const struct reason_names *names,
                          void (*name_of)(const struct reason_names *, uint32_t, char[REASON_NAME_SIZE]));

/* One file each. `seconds`: the demo's life. */
void figures_fill_threads(struct replay *replay, struct metrics *metrics);
void figures_fill_goroutines(struct replay *replay, double seconds, struct metrics *metrics);
void figures_fill_collector(struct replay *replay, struct metrics *metrics);
void figures_fill_full(struct replay *replay, double seconds, uint64_t end, struct metrics *metrics);

#endif
