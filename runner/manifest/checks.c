#include "runner/manifest/checks.h"

#include <stdlib.h>
#include <string.h>

#include "runner/manifest/gate_checks.h"
#include "runner/manifest/load_checks.h"
#include "runner/manifest/suggest.h"
#include "runner/manifest/utf8.h"

static const struct tree_node *get2(const struct tree_node *root, const char *first, const char *second)
{
    return tree_get(tree_get(root, first), second);
}

static void check_baseline(struct diagnostics *diagnostics, const struct tree_node *root,
                           struct experiment *experiment)
{
    const struct tree_node *node = tree_get(root, "baseline");
    struct suggest suggest = {.word = node && node->kind == TREE_SCALAR ? node->text : ""};
    struct quote text;
    if (!node || node->kind != TREE_SCALAR || !experiment->demo_count)
        return;
    for (size_t i = 0; i < experiment->demo_count; i++) {
        if (!experiment->demos[i].name)
            continue;
        if (strcmp(experiment->demos[i].name, node->text) == 0) {
            experiment->baseline = i;
            return;
        }
        suggest_candidate(&suggest, experiment->demos[i].name);
    }
    const char *shown = quote(&text, node->text, node->length);
    if (suggest.best)
        diagnostics_add(diagnostics, node->place, "baseline: no demo is named '%s'; did you mean '%s'?",
                        shown, suggest.best);
    else
        diagnostics_add(diagnostics, node->place, "baseline: no demo is named '%s'", shown);
}

static void check_demos(struct diagnostics *diagnostics, const struct tree_node *root,
                        const struct experiment *experiment)
{
    const struct tree_node *list = tree_get(root, "demos");
    for (size_t i = 0; i < experiment->demo_count; i++) {
        const struct tree_node *node = list->items[i];
        const char *name = experiment->demos[i].name;
        const struct tree_node *build = tree_get(node, "build");
        const struct tree_node *exec = tree_get(node, "exec");
        if (node->kind != TREE_MAPPING)
            continue;
        if (build && exec)
            diagnostics_add(diagnostics, exec->place, "a demo has either build or exec, not both");
        if (!build && !exec)
            diagnostics_add(diagnostics, node->place, "the demo has neither build nor exec");
        for (size_t j = 0; name && j < i; j++)
            if (experiment->demos[j].name && strcmp(experiment->demos[j].name, name) == 0) {
                diagnostics_add(diagnostics, tree_get(node, "name")->place,
                                "a demo named '%s' is in line %zu already", name,
                                tree_get(list->items[j], "name")->place.line);
                break;
            }
    }
}

static void check_stop(struct diagnostics *diagnostics, const struct tree_node *root,
                       const struct controls *controls)
{
    const struct tree_node *after = tree_get(get2(root, "controls", "stop"), "after");
    if (after && controls->timeout_ns && controls->stop.after_ns != LIMIT_UNSET &&
        controls->stop.after_ns >= controls->timeout_ns)
        diagnostics_add(diagnostics, after->place, "controls.stop.after is not below controls.timeout");
}

/* Whether both limits are numbers and the first is above the second. */
static bool above(uint64_t first, uint64_t second)
{
    return first < LIMIT_MAX && second < LIMIT_MAX && first > second;
}

static void check_limits(struct diagnostics *diagnostics, const struct tree_node *root,
                         const struct cgroup_limits *limits)
{
    const struct tree_node *cgroup = get2(root, "controls", "cgroup");
    if (above(limits->memory_low, limits->memory_max))
        diagnostics_add(diagnostics, tree_get(cgroup, "memory.low")->place,
                        "controls.cgroup.memory.low is above memory.max");
    if (above(limits->memory_high, limits->memory_max))
        diagnostics_add(diagnostics, tree_get(cgroup, "memory.high")->place,
                        "controls.cgroup.memory.high is above memory.max and would never act");
    for (const char *at = limits->cpuset; at && *at; at += strspn(at, ",")) {
        char *end;
        unsigned long first = strtoul(at, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
        if (first > last) {
            diagnostics_add(diagnostics, tree_get(cgroup, "cpuset.cpus")->place,
                            "controls.cgroup.cpuset.cpus: %lu-%lu runs backwards", first, last);
            return;
        }
        at = end;
    }
}

static void check_trials(struct diagnostics *diagnostics, const struct tree_node *root,
                         const struct experiment *experiment)
{
    const struct trial_counts *trials = &experiment->trials;
    const struct tree_node *node = tree_get(root, "trials");
    const struct tree_node *aa = tree_get(node, "aa");
    const struct tree_node *observed = tree_get(node, "observed");
    if (!node || node->kind != TREE_MAPPING)
        return;
    if (observed && tree_get(node, "bare") && trials->bare == 0 && trials->observed == 0)
        diagnostics_add(diagnostics, observed->place, "trials: neither bare nor observed trials are left");
    if (aa && trials->aa && tree_get(node, "bare") && trials->bare == 0)
        diagnostics_add(diagnostics, aa->place, "trials.aa repeats bare trials, and there are none");
}

static void check_probes(struct diagnostics *diagnostics, const struct tree_node *root,
                         const struct probe_settings *probes)
{
    const struct tree_node *ring = get2(root, "probes", "ring");
    if (ring && (probes->ring_bytes & (probes->ring_bytes - 1)))
        diagnostics_add(diagnostics, ring->place,
                        "probes.ring is not a power of two, as the kernel wants it");
}

static void check_user(struct diagnostics *diagnostics, const struct tree_node *root,
                       const struct sandbox_settings *sandbox)
{
    const struct tree_node *user = get2(root, "sandbox", "user");
    if (user && sandbox->user && strcmp(sandbox->user, "root") == 0)
        diagnostics_add(diagnostics, user->place, "sandbox.user: a demo never runs as root");
}

void checks_run(struct diagnostics *diagnostics, const struct tree_node *root, struct experiment *experiment)
{
    if (root->kind != TREE_MAPPING)
        return;
    check_demos(diagnostics, root, experiment);
    check_baseline(diagnostics, root, experiment);
    check_stop(diagnostics, root, &experiment->controls);
    check_limits(diagnostics, root, &experiment->controls.limits);
    check_trials(diagnostics, root, experiment);
    check_probes(diagnostics, root, &experiment->probes);
    check_user(diagnostics, root, &experiment->sandbox);
    load_checks_run(diagnostics, root, experiment);
    gate_checks_run(diagnostics, root, experiment);
}
