/*
 * What happened in a trial: a pure decision over the facts, in the order of precedence of enum verdict, and
 * whether that is what the manifest expects.
 */
#ifndef RUNNER_TRIAL_VERDICT_H
#define RUNNER_TRIAL_VERDICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/manifest/experiment.h"
#include "runner/sandbox/sandbox.h"
#include "runner/trial/crash.h"

struct load_facts {
    bool present;
    bool not_ready;
    bool cut_short; /* nobody stopped the demo: it ended before its load */
    bool invalid, errors, overloaded;
    json_t *evidence; /* owned by the trial's record */
};

struct trial_facts {
    struct sandbox_status status;  /* START_FAILED, ENDED or LOST */
    bool timed_out;                /* controls.timeout passed */
    bool stopped;                  /* the stop policy sent its signal */
    int stop_signal;               /* what was sent, also at the time-out */
    bool killed;                   /* SIGKILL after the grace time */
    uint64_t stop_to_end_ns;       /* from that signal to the end; 0: none was sent */
    uint64_t oom_kills, pids_hits; /* changes of the group's counters */
    uint64_t memory_max, pids_max; /* limits, LIMIT_UNSET where none */
    uint64_t memory_peak;          /* bytes, UINT64_MAX: not known */
    struct crash_scan crash;       /* of stderr */
    struct load_facts load;
    int stdout_match; /* 1: expect.stdout was found, 0: it was not, -1: nothing asked */
};

/* {"code": N} or {"signal": "SIGKILL"} of what wait(2) says. */
void verdict_add_status(json_t *evidence, int status);
enum verdict verdict_decide(const struct trial_facts *facts);
bool verdict_expected(const struct trial_facts *facts, const struct expectation *expect);
/* {"name", "expected", "evidence": {...}}: the counters, the limit, the line of stderr that prove it. */
json_t *verdict_json(const struct trial_facts *facts, const struct expectation *expect);

#endif
