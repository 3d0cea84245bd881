/*
 * Are the verdicts right as often as they say? Experiments are simulated whole and go through the comparison
 * as a bundle would: two demos, every figure that an experiment at level core has, noise of 2%, some figures
 * whole numbers with ties. Targets: two copies of one program are called different, in any figure, in at most
 * 5% of experiments, and fail a gate in at most 5%; a true difference of 3% in CPU time is found in at least
 * 80% at 20 trials. The random numbers are always the same, and so is the result.
 *
 *     build/bench/statistics
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/compare.h"
#include "runner/compare/gates.h"

enum { EXPERIMENTS = 500, TRIALS_MAX = 20 };
#define NOISE 0.02
#define ALPHA 0.05
#define POWER 0.80

static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return ((double)(*state * 0x2545F4914F6CDD1DULL >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * M_PI * uniform(state));
}

struct scenario {
    const char *name;
    int trials;
    double factor; /* of CPU time, in truth */
    bool copy;     /* with A/A trials */
};

static json_t *sample(const struct metric_info *info, const struct scenario *scenario, double factor,
                      uint64_t *state)
{
    double centre = (info->unit == UNIT_COUNT ? 100 : 1e8) * factor;
    json_t *values = json_array();
    for (int i = 0; i < scenario->trials; i++) {
        double value = centre * exp(NOISE * normal(state));
        json_array_append_new(values, info->unit == UNIT_COUNT ? json_integer((json_int_t)llround(value))
                                                               : json_real(value));
    }
    return json_pack("{s:s, s:o, s:b}", "unit", metric_unit_name(info->unit), "values", values, "lossy", 0);
}

static bool planned(const struct metric_info *info)
{
    static const char *const others[] = {"load.", "window.", "work.", "net.", "timers.", "syscalls"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(info->name, others[i], strlen(others[i])) == 0)
            return false;
    return true;
}

static json_t *figures(const struct scenario *scenario, enum metric_trials role, double factor,
                       uint64_t *state)
{
    json_t *json = json_object();
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        if (info->trials != role || !planned(info))
            continue;
        json_t *figure = sample(info, scenario, info->id == METRIC_CPU_TIME ? factor : 1, state);
        if (info->distribution)
            json_object_set_new(figure, "p99", sample(info, scenario, 1, state));
        json_object_set_new(json, info->name, figure);
    }
    return json;
}

static json_t *demo(const struct scenario *scenario, double factor, bool copy, uint64_t *state)
{
    json_t *json = json_pack("{s:o, s:o}", "bare", figures(scenario, METRIC_BARE, factor, state), "observed",
                             figures(scenario, METRIC_OBSERVED, 1, state));
    if (copy)
        json_object_set_new(json, "aa", figures(scenario, METRIC_BARE, 1, state));
    return json;
}

static struct comparison *experiment(const struct scenario *scenario, uint64_t *state)
{
    struct error error = {0};
    json_t *facts = json_pack("{s:s, s:s, s:b}", "name", "x", "bundle", "x", "complete", 1);
    json_t *summary = json_pack("{s:i, s:s, s:s, s:{s:o, s:o}}", "schema", 1, "experiment", "x", "baseline",
                                "a", "demos", "a", demo(scenario, 1, scenario->copy, state), "b",
                                demo(scenario, scenario->factor, false, state));
    struct comparison *comparison = compare_create(false);
    if (!comparison || compare_add_json(comparison, "x", facts, summary, &error) < 0 ||
        compare_run(comparison, &error) < 0) {
        fprintf(stderr, "statistics: %s\n", error.text);
        exit(1);
    }
    json_decref(facts);
    json_decref(summary);
    return comparison;
}

struct counts {
    int any, cpu, failed; /* experiments */
};

/* Rows that differ, and gates that fail: of both copies none should. */
static void count(const struct comparison *comparison, const struct gate *gates, size_t gate_count,
                  struct counts *counts)
{
    enum gate_verdict worst;
    json_t *shown = compare_demo_json(comparison, 0, false);
    const json_t *row;
    size_t index;
    counts->any += json_array_size(json_object_get(shown, "metrics")) > 0;
    json_array_foreach (json_object_get(shown, "metrics"), index, row)
        counts->cpu += strcmp(json_string_value(json_object_get(row, "metric")), "cpu.time") == 0 &&
                       strcmp(json_string_value(json_object_get(row, "verdict")), "worse") == 0;
    json_decref(shown);
    json_decref(gates_evaluate(comparison, gates, gate_count, &worst));
    counts->failed += worst == GATE_FAIL;
}

static struct counts simulate(const struct scenario *scenario, uint64_t seed)
{
    /* The strictest gates that copies can be asked: not slower at all. */
    static const char *const texts[] = {"cpu.time at_most +0%", "time.wall at_most +0%",
                                        "memory.peak at_most +0%", "gc.count at_most +0%"};
    struct gate gates[sizeof texts / sizeof *texts];
    struct counts counts = {0};
    struct error error = {0};
    size_t gate_count = sizeof texts / sizeof *texts;
    uint64_t state = seed;
    for (size_t i = 0; i < gate_count; i++)
        if (gate_parse(texts[i], &gates[i], &error) < 0)
            exit(1);
    for (int i = 0; i < EXPERIMENTS; i++) {
        struct comparison *comparison = experiment(scenario, &state);
        count(comparison, gates, gate_count, &counts);
        compare_free(comparison);
    }
    for (size_t i = 0; i < gate_count; i++)
        gate_free(&gates[i]);
    return counts;
}

int main(void)
{
    static const struct scenario scenarios[] = {
        {"copies, 6 trials", 6, 1, false},
        {"copies, 10 trials", 10, 1, false},
        {"copies, 20 trials with A/A", 20, 1, true},
        {"3% more CPU time, 20 trials", 20, 1.03, false},
        {"3% more CPU time, 20 trials with A/A", 20, 1.03, true},
    };
    bool bad = false;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const struct scenario *scenario = &scenarios[i];
        struct counts counts = simulate(scenario, 0x9E3779B97F4A7C15ULL + i);
        bool copies = scenario->factor == 1;
        bool missed = copies ? counts.any > ALPHA * EXPERIMENTS || counts.failed > ALPHA * EXPERIMENTS
                             : counts.cpu < POWER * EXPERIMENTS;
        bad |= missed;
        if (copies)
            printf("statistics: %s: %.1f%% called different, %.1f%% fail a gate (at most 5%%)%s\n",
                   scenario->name, 100.0 * counts.any / EXPERIMENTS, 100.0 * counts.failed / EXPERIMENTS,
                   missed ? "  MISSED" : "");
        else
            printf("statistics: %s: found in %.1f%% (at least 80%%)%s\n", scenario->name,
                   100.0 * counts.cpu / EXPERIMENTS, missed ? "  MISSED" : "");
        fflush(stdout);
    }
    return bad;
}
