#include "runner/manifest/gate_checks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/suggest.h"
#include "runner/manifest/units.h"
#include "runner/manifest/utf8.h"

/* runner/findings, which stands above this room, has what they are; a unit test holds the two together. */
const char *const gate_findings[] = {
    "goroutine-leak", "goroutine-churn", "timer-abuse",     "netpoll-starvation",
    "blocked-sends",  "lock-convoy",     "syscall-handoff", "throttled",
    "gc-pressure",    "spinning",        "oversubscribed",  NULL,
};

static const struct {
    const char *key;
    enum gate_rule rule;
    bool against;
} rules[] = {
    {"max", GATE_MAX, false},
    {"min", GATE_MIN, false},
    {"at_most", GATE_AT_MOST, true},
    {"at_least", GATE_AT_LEAST, true},
};
#define RULES (sizeof rules / sizeof *rules)

/* --- names ---------------------------------------------------------------------------------------------- */

static void check_metric(struct diagnostics *diagnostics, const struct tree_node *node, struct gate *gate)
{
    static const char tail[] = ".p99";
    struct quote text;
    size_t length = strlen(gate->metric);
    const struct metric_info *info = metric_by_name(gate->metric);
    if (!info && length > sizeof tail && strcmp(gate->metric + length - (sizeof tail - 1), tail) == 0) {
        char base[128];
        snprintf(base, sizeof base, "%.*s", (int)(length - (sizeof tail - 1)), gate->metric);
        info = metric_by_name(base);
        gate->p99 = true;
        if (info && !info->distribution) {
            diagnostics_add(diagnostics, node->place, "gates: %s has one value a trial, so it has no p99",
                            base);
            return;
        }
    }
    if (info) {
        gate->id = info->id;
        return;
    }
    struct suggest near = {.word = gate->metric};
    char names[METRIC_ID_COUNT][SUGGEST_LONGEST + 8];
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *row = metric_info((enum metric_id)id);
        suggest_candidate(&near, row->name);
        snprintf(names[id], sizeof names[id], "%s.p99", row->name);
        if (row->distribution)
            suggest_candidate(&near, names[id]);
    }
    const char *shown = quote(&text, gate->metric, length);
    if (near.best)
        diagnostics_add(diagnostics, node->place, "gates: unknown metric '%s'; did you mean '%s'?", shown,
                        near.best);
    else
        diagnostics_add(diagnostics, node->place,
                        "gates: unknown metric '%s'; `runner help metrics` lists them", shown);
}

static void check_finding(struct diagnostics *diagnostics, const struct tree_node *node,
                          const struct gate *gate)
{
    struct suggest near = {.word = gate->finding};
    struct quote text;
    for (size_t i = 0; gate_findings[i]; i++) {
        if (strcmp(gate_findings[i], gate->finding) == 0)
            return;
        suggest_candidate(&near, gate_findings[i]);
    }
    const char *shown = quote(&text, gate->finding, strlen(gate->finding));
    if (near.best)
        diagnostics_add(diagnostics, node->place, "gates: unknown finding '%s'; did you mean '%s'?", shown,
                        near.best);
    else
        diagnostics_add(diagnostics, node->place,
                        "gates: unknown finding '%s'; `runner help findings` lists them", shown);
}

/* --- thresholds ----------------------------------------------------------------------------------------- */

/* "+5%" -> 1.05 */
static void parse_change(struct diagnostics *diagnostics, const struct tree_node *node, const char *text,
                         struct gate *gate)
{
    struct quote shown;
    char *end;
    double percent = strtod(text, &end);
    bool digits = text[strcspn(text, "0123456789")] && text[strspn(text, "+-0123456789.%")] == 0;
    if (!digits || end == text || strcmp(end, "%") != 0)
        diagnostics_add(diagnostics, node->place,
                        "gates: '%s' is no change in percent, such as +5%% or -10%%",
                        quote(&shown, text, strlen(text)));
    else if (percent <= -100 || percent > 1e6)
        diagnostics_add(diagnostics, node->place, "gates: %s is out of range; it is above -100%%",
                        quote(&shown, text, strlen(text)));
    gate->threshold = 1 + percent / 100;
}

/* A bound in the metric's unit. */
static void parse_bound(struct diagnostics *diagnostics, const struct tree_node *node, const char *text,
                        struct gate *gate)
{
    static const struct unit *const units[] = {
        [UNIT_NS] = units_time, [UNIT_BYTES] = units_size, [UNIT_PER_S] = units_rate};
    static const char *const examples[] = {[UNIT_NS] = "a time such as 500us",
                                           [UNIT_BYTES] = "a size such as 64MiB",
                                           [UNIT_COUNT] = "a number",
                                           [UNIT_RATIO] = "a number such as 0.25",
                                           [UNIT_PER_S] = "a rate such as 500/s"};
    const struct metric_info *info = metric_info(gate->id);
    struct quote shown;
    uint64_t value = 0;
    bool right = info->unit == UNIT_COUNT || info->unit == UNIT_RATIO
                     ? units_decimal(text, 1000000, &value) == UNITS_FINE
                     : units_parse(text, units[info->unit], &value) == UNITS_FINE;
    gate->threshold =
        info->unit == UNIT_COUNT || info->unit == UNIT_RATIO ? (double)value / 1e6 : (double)value;
    if (!right)
        diagnostics_add(diagnostics, node->place, "gates: '%s' is no bound for %s; it is %s",
                        quote(&shown, text, strlen(text)), gate->metric, examples[info->unit]);
}

static void parse_trials(struct diagnostics *diagnostics, const struct tree_node *node, const char *text,
                         struct gate *gate)
{
    struct quote shown;
    uint64_t value = 0;
    if (strcmp(text, "none") != 0 && units_decimal(text, 1, &value) != UNITS_FINE)
        diagnostics_add(diagnostics, node->place,
                        "gates: '%s' is neither none nor a number of trials that may show the finding",
                        quote(&shown, text, strlen(text)));
    else if (value > 0 && gate->of == GATE_OF_MEDIAN)
        diagnostics_add(diagnostics, node->place,
                        "gates: a number of trials is asked of all trials; with of: median it is max: none");
    gate->threshold = (double)value;
}

/* --- keys that go together ------------------------------------------------------------------------------ */

static char *const *bound_of(const struct gate *gate, size_t rule)
{
    char *const *const bounds[RULES] = {&gate->max, &gate->min, &gate->at_most, &gate->at_least};
    return bounds[rule];
}

/* The one rule of a gate; RULES with a diagnostic where there is none, or more. */
static size_t find_rule(struct diagnostics *diagnostics, const struct tree_node *node,
                        const struct gate *gate)
{
    size_t found = RULES;
    for (size_t i = 0; i < RULES; i++) {
        if (!*bound_of(gate, i))
            continue;
        if (found < RULES) {
            diagnostics_add(diagnostics, tree_get(node, rules[i].key)->place,
                            "gates: a gate has one of max, min, at_most and at_least; write two gates");
            return RULES;
        }
        found = i;
    }
    bool said = false; /* a key that stands there with a wrong value has its own message */
    for (size_t i = 0; i < RULES; i++)
        said |= tree_get(node, rules[i].key) != NULL;
    if (found == RULES && !said)
        diagnostics_add(diagnostics, node->place, "gates: a gate has one of max, min, at_most and at_least");
    return found;
}

static void check_against(struct diagnostics *diagnostics, const struct tree_node *node,
                          const struct gate *gate, size_t rule)
{
    const struct tree_node *of = tree_get(node, "of");
    if (rules[rule].against && !gate->against && !tree_get(node, "against"))
        diagnostics_add(diagnostics, tree_get(node, rules[rule].key)->place,
                        "gates: %s is a change; say of what: against: baseline", rules[rule].key);
    if (!rules[rule].against && gate->against)
        diagnostics_add(diagnostics, tree_get(node, "against")->place,
                        "gates: %s is an absolute bound; against goes with at_most and at_least",
                        rules[rule].key);
    if (rules[rule].against && of)
        diagnostics_add(diagnostics, of->place, "gates: of goes with max and min");
}

void gate_checks_one(struct diagnostics *diagnostics, const struct tree_node *node, struct gate *gate)
{
    const struct tree_node *metric = tree_get(node, "metric"), *finding = tree_get(node, "finding");
    size_t before = diagnostics->count + diagnostics->dropped;
    if (metric && finding)
        diagnostics_add(diagnostics, finding->place, "gates: a gate has either metric or finding, not both");
    if (!metric && !finding)
        diagnostics_add(diagnostics, node->place, "gates: the gate has neither metric nor finding");
    if (metric && gate->metric)
        check_metric(diagnostics, metric, gate);
    if (finding && gate->finding)
        check_finding(diagnostics, finding, gate);
    size_t rule = find_rule(diagnostics, node, gate);
    if (rule == RULES || diagnostics->count + diagnostics->dropped != before)
        return;
    const struct tree_node *bound = tree_get(node, rules[rule].key);
    const char *text = *bound_of(gate, rule);
    gate->rule = rules[rule].rule;
    if (gate->finding && gate->rule != GATE_MAX) {
        diagnostics_add(diagnostics, bound->place, "gates: of a finding there is max alone");
        return;
    }
    check_against(diagnostics, node, gate, rule);
    if (gate->finding)
        parse_trials(diagnostics, bound, text, gate);
    else if (gate->metric && rules[rule].against)
        parse_change(diagnostics, bound, text, gate);
    else if (gate->metric)
        parse_bound(diagnostics, bound, text, gate);
}

/* --- against the rest of the manifest ------------------------------------------------------------------- */

static void check_demo(struct diagnostics *diagnostics, const struct tree_node *node,
                       const struct experiment *experiment, const struct gate *gate)
{
    struct suggest near = {.word = gate->demo};
    struct quote text;
    const struct demo *found = NULL;
    for (size_t i = 0; i < experiment->demo_count; i++) {
        const char *name = experiment->demos[i].name;
        if (name && strcmp(name, gate->demo) == 0)
            found = &experiment->demos[i];
        else if (name)
            suggest_candidate(&near, name);
    }
    const char *shown = quote(&text, gate->demo, strlen(gate->demo));
    if (!found)
        diagnostics_add(diagnostics, node->place, "gates: no demo is named '%s'%s%s%s", shown,
                        near.best ? "; did you mean '" : "", near.best ? near.best : "",
                        near.best ? "'?" : "");
    else if (gate->against && found == &experiment->demos[experiment->baseline])
        diagnostics_add(diagnostics, node->place,
                        "gates: '%s' is the baseline, which is not compared with itself", shown);
}

/* Trials of the kind that the metric comes from must be planned. */
static void check_trials(struct diagnostics *diagnostics, const struct tree_node *node,
                         const struct experiment *experiment, const struct gate *gate)
{
    bool bare = metric_info(gate->id)->trials == METRIC_BARE;
    if ((bare ? experiment->trials.bare : experiment->trials.observed) == 0)
        diagnostics_add(diagnostics, node->place, "gates: %s comes from %s trials, and there are none",
                        gate->metric, bare ? "bare" : "observed");
}

void gate_checks_run(struct diagnostics *diagnostics, const struct tree_node *root,
                     struct experiment *experiment)
{
    const struct tree_node *list = tree_get(root, "gates");
    for (size_t i = 0; i < experiment->gate_count; i++) {
        struct gate *gate = &experiment->gates[i];
        const struct tree_node *node = list->items[i];
        size_t before = diagnostics->count + diagnostics->dropped;
        if (node->kind != TREE_MAPPING)
            continue;
        gate_checks_one(diagnostics, node, gate);
        if (gate->demo)
            check_demo(diagnostics, tree_get(node, "demo"), experiment, gate);
        if (diagnostics->count + diagnostics->dropped != before)
            continue;
        if (gate->metric)
            check_trials(diagnostics, tree_get(node, "metric"), experiment, gate);
        if (gate->against && experiment->demo_count == 1)
            diagnostics_add(diagnostics, tree_get(node, "against")->place,
                            "gates: there is no other demo to compare with the baseline");
    }
}
