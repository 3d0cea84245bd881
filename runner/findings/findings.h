/*
 * Anti-patterns of a Go program, each with its evidence and a sentence that a student understands.
 *
 * In: a trial's metrics and, of an observed trial, what its replay has gathered (runner/replay/tallies.h).
 * Out: the findings that the trial shows, and those that nobody could look for, with the reason. A finding is
 * claimed only where every figure that it rests on is known; where lost events could have made it, it is not
 * claimed.
 *
 * Three tables hold all of this: what can be found and by which probes (findings.c), from which value on
 * (thresholds.c), and one module a group of them that judges (lives, blocking, starving, processors, budget,
 * timers). `throttled` is of bare trials, for what observing costs is throttled, too; all others are of
 * observed ones. Thresholds rest on the program's own doings (counts, CPU time, its own threads), not on how
 * long a busy machine lets it wait.
 */
#ifndef RUNNER_FINDINGS_FINDINGS_H
#define RUNNER_FINDINGS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runner/metrics/metrics.h"
#include "runner/replay/tallies.h"

enum finding_id {
    FINDING_GOROUTINE_LEAK,
    FINDING_GOROUTINE_CHURN,
    FINDING_TIMER_ABUSE,
    FINDING_NETPOLL_STARVATION,
    FINDING_BLOCKED_SENDS,
    FINDING_LOCK_CONVOY,
    FINDING_SYSCALL_HANDOFF,
    FINDING_THROTTLED,
    FINDING_GC_PRESSURE,
    FINDING_SPINNING,
    FINDING_OVERSUBSCRIBED,
    FINDING_COUNT,
};

/* Ascending; SEVERITY_NONE is below every finding, as a gate's `max: none`. */
enum severity { SEVERITY_NONE, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_SERIOUS, SEVERITY_COUNT };

/* What has to be on for it. */
enum finding_need {
    NEED_BARE = 1,  /* a bare trial; nothing is attached */
    NEED_SCHED = 2, /* probes.sched */
    NEED_GO = 4,    /* probes.go: core */
    NEED_FULL = 8,  /* probes.go: full */
};

struct findings_input;
struct findings;

struct finding_info {
    enum finding_id id;
    const char *name; /* "goroutine-leak" */
    enum severity severity;
    unsigned needs;      /* enum finding_need */
    const char *meaning; /* what it is, one line */
    const char *advice;  /* what to change */
    /* Metrics that it rests on: where events are missing in one of them, it is doubtful. */
    enum metric_id rests_on[4];
    size_t rests_on_count;
    void (*judge)(const struct findings_input *input, struct findings *findings);
};
const struct finding_info *finding_info(enum finding_id id);
const struct finding_info *finding_by_name(const char *name);
const char *severity_name(enum severity severity);
/* SEVERITY_COUNT: there is none of that name. */
enum severity severity_by_name(const char *name);
/* "bare trials", "go: core, sched", ... */
void finding_needs(const struct finding_info *info, char *text, size_t size);
/* Both tables for `runner help findings`. */
void findings_print_reference(FILE *out);

/* Figures that are not known are NAN. */
struct findings_input {
    bool observed;
    const char *no_sched, *no_go, *no_full; /* why those probes saw nothing; NULL: they did. Static */
    const struct metrics *metrics;
    const struct tallies *tallies; /* NULL in a bare trial */
    double procs;                  /* GOMAXPROCS */
    double cpus;                   /* that the demo may run on */
    double quota;                  /* CPUs of cpu.max; INFINITY: none */
};

#define FINDING_FIGURES_MAX 10
#define FINDING_SENTENCE    512
#define FINDING_REASON      128

struct finding {
    const struct finding_info *info;
    struct {
        const char *key; /* static; ends with the unit, but for counts: "lived_ns" */
        double value;
    } figures[FINDING_FIGURES_MAX];
    size_t figure_count;
    const char *creator, *function, *reason; /* names as in tallies.h; NULL: none */
    struct tally_stack stack;                /* where it blocks */
    bool has_span;
    uint64_t first, last; /* ns since the demo's start */
    char sentence[FINDING_SENTENCE];
    uint64_t lost; /* events that are missing in what it rests on */
};

#define FINDINGS_MAX       24 /* of one trial; a kind has several where several places of the program show it */
#define FINDINGS_OF_A_KIND 3

struct findings {
    struct finding list[FINDINGS_MAX];
    size_t count;
    /* By id: why nobody could look for it; empty: it was looked for, or is of the other kind of trial. */
    char not_looked_for[FINDING_COUNT][FINDING_REASON];
    bool looked_for[FINDING_COUNT];
};

void findings_judge(const struct findings_input *input, struct findings *findings);
/* --- for the modules that judge ------------------------------------------------------------------------- */

/* NULL: there are enough of that kind. Evidence that is a time span is set by the caller. */
struct finding *findings_add(struct findings *findings, enum finding_id id);
void finding_figure(struct finding *finding, const char *key, double value);
void finding_says(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* False where it cannot be judged because no name of a wait reason is known. */
bool findings_know_reasons(const struct findings_input *input, struct findings *findings, enum finding_id id);
/* It cannot be judged after all. */
void findings_cannot(struct findings *findings, enum finding_id id, const char *reason);
/* Value of a metric; NAN where it is not known. */
double findings_metric(const struct findings_input *input, enum metric_id id);
/* Events that could be missing in what the finding rests on. */
uint64_t findings_lost(const struct findings_input *input, enum finding_id id);

#endif
