#include "runner/experiment/judge.h"

#include <errno.h>

#include "runner/compare/compare.h"
#include "runner/compare/gates.h"

static int judge(struct comparison *comparison, const struct experiment *experiment,
                 struct run_outcome *outcome, struct error *error)
{
    enum gate_verdict worst = GATE_PASS;
    outcome->comparison = compare_json(comparison);
    if (experiment->gate_count)
        outcome->gates = gates_evaluate(comparison, experiment->gates, experiment->gate_count, &worst);
    outcome->gate_failed = worst == GATE_FAIL;
    outcome->gate_undecided = worst == GATE_INCONCLUSIVE;
    return outcome->comparison && (outcome->gates || !experiment->gate_count)
               ? 0
               : error_set(error, ERROR_INTERNAL, ENOMEM, "judge the experiment");
}

int judge_experiment(const struct experiment *experiment, const char *bundle, const json_t *record,
                     const json_t *summary, struct run_outcome *outcome, struct error *error)
{
    size_t finished = json_object_size(json_object_get(summary, "demos"));
    if (!finished) { /* nothing ran: nothing can be asked, and nothing passes */
        outcome->gate_undecided = experiment->gate_count > 0;
        return 0;
    }
    struct comparison *comparison = compare_create(false);
    if (!comparison)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "judge the experiment");
    int result = compare_add_json(comparison, bundle, record, summary, error);
    if (result == 0)
        result = compare_run(comparison, error);
    if (result == 0)
        result = judge(comparison, experiment, outcome, error);
    compare_free(comparison);
    return result;
}
