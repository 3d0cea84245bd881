/* A trial as the judges see it, written down: one second on two CPUs, GOMAXPROCS 2, every probe on. */
#ifndef TESTS_UNIT_FINDINGS_CASE_H
#define TESTS_UNIT_FINDINGS_CASE_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/findings/findings.h"
#include "runner/findings/thresholds.h"

#define MS  UINT64_C(1000000)
#define SEC UINT64_C(1000000000)

struct findings_case {
    struct metrics metrics;
    struct tallies tallies;
    struct tally_origin origins[4];
    struct tally_wait waits[4];
    struct tally_lock locks[2];
    struct findings_input input;
    struct findings findings;
};

static inline struct findings_case *case_open(void)
{
    struct findings_case *c = calloc(1, sizeof *c);
    cr_assert_not_null(c);
    c->tallies = (struct tallies){.events = 1000000,
                                  .lifetime = SEC,
                                  .cpu_clock = true,
                                  .reasons_named = true,
                                  .origins = c->origins,
                                  .origin_count = 1,
                                  .locks = c->locks};
    c->origins[0] = (struct tally_origin){.creator = "example.org/shop.Serve",
                                          .function = "example.org/shop.Serve.func1",
                                          .created = 1,
                                          .waits = c->waits};
    c->input = (struct findings_input){.observed = true,
                                       .metrics = &c->metrics,
                                       .tallies = &c->tallies,
                                       .procs = 2,
                                       .cpus = 2,
                                       .quota = INFINITY};
    metrics_set(&c->metrics, METRIC_CPU_TIME, 1e9);
    metrics_set(&c->metrics, METRIC_TIME_WALL, 1e9);
    metrics_set(&c->metrics, METRIC_SCHED_ON_CPU, 1e9);
    metrics_set(&c->metrics, METRIC_SCHED_THREADS_PEAK, 6);
    metrics_set(&c->metrics, METRIC_TIMERS_MADE, 0);
    metrics_set(&c->metrics, METRIC_TIMERS_STOPPED, 0);
    return c;
}

static inline void case_close(struct findings_case *c)
{
    metrics_free(&c->metrics);
    free(c);
}

/* How many findings of that kind there are. */
static inline size_t case_shows(struct findings_case *c, enum finding_id id)
{
    size_t count = 0;
    findings_judge(&c->input, &c->findings);
    for (size_t i = 0; i < c->findings.count; i++)
        count += c->findings.list[i].info->id == id;
    return count;
}

/* The only finding of a case that shows one. */
static inline const struct finding *case_only(struct findings_case *c, enum finding_id id)
{
    cr_assert_eq(case_shows(c, id), 1, "%s", finding_info(id)->name);
    cr_assert_eq(c->findings.count, 1);
    return &c->findings.list[0];
}

static inline double case_figure(const struct finding *finding, const char *key)
{
    for (size_t i = 0; i < finding->figure_count; i++)
        if (strcmp(finding->figures[i].key, key) == 0)
            return finding->figures[i].value;
    cr_assert_fail("no figure %s", key);
    return NAN;
}

#endif
