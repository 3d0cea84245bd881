#include "runner/trial/judgement.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>

#include "runner/findings/record.h"
#include "runner/load/cpus.h"

/* CPUs that the demo may run on: those of its cpuset, else runner's own. */
static double cpus_of(const struct controls *controls)
{
    cpu_set_t all;
    CPU_ZERO(&all);
    if (sched_getaffinity(0, sizeof all, &all) < 0)
        return NAN;
    cpu_set_t rest = all;
    return CPU_COUNT(&all) - (double)cpus_avoid(controls->limits.cpuset, &rest);
}

static double quota_of(const struct controls *controls)
{
    const struct cgroup_limits *limits = &controls->limits;
    if (limits->cpu_quota_us == LIMIT_UNSET || limits->cpu_quota_us == LIMIT_MAX)
        return INFINITY;
    return (double)limits->cpu_quota_us / (double)limits->cpu_period_us;
}

/* As the demo had it at last, else as the manifest asks. */
static double procs_of(const struct judgement_input *input)
{
    if (input->readback->samples)
        return input->readback->gomaxprocs;
    return input->experiment->controls.gomaxprocs ? input->experiment->controls.gomaxprocs : NAN;
}

static const char *why_unknown(const struct metrics *metrics, enum metric_id id)
{
    return metrics->values[id].known ? NULL : metrics->values[id].reason;
}

void judgement_record(const struct judgement_input *input, json_t *record)
{
    const struct experiment *experiment = input->experiment;
    const struct observation *observation = input->observation;
    struct findings *findings = calloc(1, sizeof *findings);
    if (!findings)
        return;
    struct findings_input given = {
        .observed = observation != NULL,
        .metrics = input->metrics,
        .procs = procs_of(input),
        .cpus = cpus_of(&experiment->controls),
        .quota = quota_of(&experiment->controls),
    };
    if (observation) {
        given.tallies = replay_tallies(observation->replay);
        given.no_sched = why_unknown(input->metrics, METRIC_SCHED_ON_CPU);
        given.no_go = why_unknown(input->metrics, METRIC_GOROUTINES_CREATED);
        given.no_full = experiment->probes.go == GO_FULL ? NULL : "recorded with `go: full` only";
    }
    findings_judge(&given, findings);
    json_object_set_new(record, "findings", findings_json(findings));
    json_object_set_new(record, "findings_not_looked_for", findings_not_looked_for_json(findings));
    free(findings);
}
