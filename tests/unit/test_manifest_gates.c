/* Gates in a manifest, and on a command line. */
#include "runner/manifest/gates.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/findings/findings.h"
#include "runner/manifest/gate_checks.h"
#include "runner/manifest/manifest.h"

#define HEAD                                                                                                 \
    "version: 1\nexperiment: x\nbaseline: a\ndemos: [{name: a, exec: [x]}, {name: b, exec: [x]}]\ngates:\n " \
    " - "

/* The experiment, or NULL with what was said in *said (free it). */
static struct experiment *parse(const char *gate, char **said)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    char *text = NULL;
    size_t size = 0, length = 0;
    FILE *manifest = open_memstream(&text, &size), *out = open_memstream(said, &length);
    fprintf(manifest, HEAD "%s\n", gate);
    fclose(manifest);
    int result = manifest_parse("m.yaml", text, size, out, &experiment, &error);
    fclose(out);
    free(text);
    return result == 0 ? experiment : NULL;
}

Test(manifest_gates, each_form_comes_to_its_rule_and_threshold)
{
    static const struct {
        const char *gate, *text;
        enum gate_rule rule;
        double threshold;
        enum gate_of of;
    } rows[] = {
        {"{metric: goroutines.leaked, max: 0}", "goroutines.leaked max 0", GATE_MAX, 0, GATE_OF_ANY},
        {"{metric: cpu.time, max: 1.5s, of: median}", "cpu.time max 1.5s of median", GATE_MAX, 1.5e9,
         GATE_OF_MEDIAN},
        {"{metric: memory.peak, min: 2KiB}", "memory.peak min 2KiB", GATE_MIN, 2048, GATE_OF_ANY},
        {"{metric: cpu.throttled_periods_ratio, max: 0.25}", "cpu.throttled_periods_ratio max 0.25", GATE_MAX,
         0.25, GATE_OF_ANY},
        {"{metric: load.rate_achieved, min: 490/s}", "load.rate_achieved min 490/s", GATE_MIN, 490,
         GATE_OF_ANY},
        {"{metric: cpu.time, against: baseline, at_most: +5%}", "cpu.time against baseline at_most +5%",
         GATE_AT_MOST, 1.05, GATE_OF_ANY},
        {"{metric: cpu.time, against: baseline, at_most: -12.5%}", "cpu.time against baseline at_most -12.5%",
         GATE_AT_MOST, 0.875, GATE_OF_ANY},
        {"{metric: load.rate_achieved, against: baseline, at_least: -3%}",
         "load.rate_achieved against baseline at_least -3%", GATE_AT_LEAST, 0.97, GATE_OF_ANY},
        {"{metric: goroutines.wake_latency.p99, max: 500us}", "goroutines.wake_latency.p99 max 500us",
         GATE_MAX, 5e5, GATE_OF_ANY},
        {"{finding: timer-abuse, max: none}", "finding timer-abuse max none", GATE_MAX, 0, GATE_OF_ANY},
        {"{finding: timer-abuse, max: 2, demo: b}", "finding timer-abuse max 2", GATE_MAX, 2, GATE_OF_ANY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *said, text[200];
        struct experiment *experiment = parse(rows[i].gate, &said);
        cr_assert_not_null(experiment, "%s\n%s", rows[i].gate, said);
        const struct gate *gate = &experiment->gates[0];
        cr_assert_eq(experiment->gate_count, 1);
        gate_text(gate, text, sizeof text);
        cr_assert_str_eq(text, rows[i].text);
        cr_assert_eq(gate->rule, rows[i].rule);
        cr_assert(fabs(gate->threshold - rows[i].threshold) < 1e-12, "%s: %g", text, gate->threshold);
        cr_assert_eq(gate->of, rows[i].of);
        cr_assert_eq(gate->p99, strstr(text, ".p99") != NULL);
        if (gate->metric && !gate->p99)
            cr_assert_str_eq(metric_info(gate->id)->name, gate->metric);
        experiment_free(experiment);
        free(said);
    }
}

Test(manifest_gates, what_is_wrong_is_told_with_its_place)
{
    static const struct {
        const char *gate, *says;
    } rows[] = {
        {"{metric: cpu.tme, max: 1s}",
         "m.yaml:6:14: error: gates: unknown metric 'cpu.tme'; did you mean 'cpu.time'?"},
        {"{metric: goroutines.wake_latency.p9, max: 1s}", "did you mean 'goroutines.wake_latency.p99'?"},
        {"{metric: cpu.time.p99, max: 1s}", "cpu.time has one value a trial, so it has no p99"},
        {"{metric: nothing.like.that, max: 1s}", "`runner help metrics` lists them"},
        {"{finding: timer-abuze, max: none}", "unknown finding 'timer-abuze'; did you mean 'timer-abuse'?"},
        {"{finding: something, max: none}", "`runner help findings` lists them"},
        {"{metric: cpu.time}", "a gate has one of max, min, at_most and at_least"},
        {"{max: 3}", "the gate has neither metric nor finding"},
        {"{metric: cpu.time, finding: timer-abuse, max: 0}", "either metric or finding, not both"},
        {"{metric: cpu.time, max: 1s, min: 1ms}", "m.yaml:6:38: error: gates: a gate has one of"},
        {"{metric: cpu.time, at_most: +5%}", "say of what: against: baseline"},
        {"{metric: cpu.time, max: 5s, against: baseline}", "max is an absolute bound"},
        {"{metric: cpu.time, against: baseline, at_most: 5}",
         "'5' is no change in percent, such as +5% or -10%"},
        {"{metric: cpu.time, against: baseline, at_most: 5 %}", "is no change in percent"},
        {"{metric: cpu.time, against: baseline, at_most: inf%}", "is no change in percent"},
        {"{metric: cpu.time, against: baseline, at_most: -100%}", "it is above -100%"},
        {"{metric: cpu.time, against: baseline, at_most: [5%]}",
         "expected a change such as +5%, found a list"},
        {"{metric: cpu.time, against: base, at_most: 5%}", "gates[].against: unknown word 'base'"},
        {"{metric: cpu.time, against: baseline, at_most: 5%, of: any}", "of goes with max and min"},
        {"{metric: cpu.time, max: 5}", "'5' is no bound for cpu.time; it is a time such as 500us"},
        {"{metric: memory.peak, max: 5s}", "it is a size such as 64MiB"},
        {"{metric: gc.count, max: 5s}", "'5s' is no bound for gc.count; it is a number"},
        {"{metric: gc.count, max: -1}", "'-1' is no bound"},
        {"{metric: gc.count, max: none}", "'none' is no bound for gc.count"},
        {"{finding: timer-abuse, max: few}", "neither none nor a number of trials"},
        {"{finding: timer-abuse, max: 2, of: median}", "with of: median it is max: none"},
        {"{finding: timer-abuse, min: 2}", "of a finding there is max alone"},
        {"{metric: cpu.time, max: 1s, demo: c}", "gates: no demo is named 'c'"},
        {"{metric: cpu.time, against: baseline, at_most: 5%, demo: a}",
         "'a' is the baseline, which is not compared"},
        {"{metric: cpu.time, maximum: 1s}", "unknown key 'maximum' in gates[]"},
        {"cpu.time", "a mapping such as {metric: cpu.time, against: baseline, at_most: +5%}"},
        {"{metric: cpu.time, max: 1s, of: every}", "unknown word 'every'; it is one of any, median"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *said;
        struct experiment *experiment = parse(rows[i].gate, &said);
        cr_assert_null(experiment, "taken: %s", rows[i].gate);
        cr_assert_not_null(strstr(said, rows[i].says), "%s\ngives\n%s", rows[i].gate, said);
        free(said);
    }
}

static void assert_refused(const char *manifest, const char *says)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    cr_assert_lt(manifest_parse("m.yaml", manifest, strlen(manifest), NULL, &experiment, &error), 0);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
}

Test(manifest_gates, a_gate_that_nothing_can_answer_is_refused)
{
    assert_refused("version: 1\nexperiment: x\ntrials: {observed: 0}\ndemos: [{name: a, exec: [x]}]\n"
                   "gates: [{metric: goroutines.leaked, max: 0}]\n",
                   "goroutines.leaked comes from observed trials, and there are none");
    assert_refused("version: 1\nexperiment: x\ndemos: [{name: a, exec: [x]}]\n"
                   "gates: [{metric: cpu.time, against: baseline, at_most: +5%}]\n",
                   "there is no other demo to compare with the baseline");
    assert_refused("version: 1\nexperiment: x\ndemos: [{name: a, exec: [x]}]\ngates: {metric: cpu.time}\n",
                   "expected a list of gates, found a mapping");
}

Test(manifest_gates, a_command_line_says_the_same)
{
    static const struct {
        const char *given, *text, *demo;
    } rows[] = {
        {"cpu.time at_most +5%", "cpu.time against baseline at_most +5%", NULL},
        {" cpu.time  against baseline at_least -3% ", "cpu.time against baseline at_least -3%", NULL},
        {"metric goroutines.leaked max 0 of median demo pool", "goroutines.leaked max 0 of median", "pool"},
        {"finding timer-abuse max none", "finding timer-abuse max none", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gate gate;
        struct error error = {0};
        char text[200];
        cr_assert_eq(gate_parse(rows[i].given, &gate, &error), 0, "%s", error.text);
        gate_text(&gate, text, sizeof text);
        cr_assert_str_eq(text, rows[i].text);
        cr_assert_eq(rows[i].demo == NULL, gate.demo == NULL);
        gate_free(&gate);
    }
    static const struct {
        const char *given, *says;
    } wrong[] = {
        {"", "Write it like 'cpu.time at_most +5%'"},
        {"cpu.time", "is no list of keys and values"},
        {"cpu.time at_most", "is no list of keys and values"},
        {"cpu.tme at_most +5%", "did you mean 'cpu.time'?"},
        {"cpu.time most +5%", "unknown key 'most'"},
        {"cpu.time at_most +5% at_most +6%", "at_most"},
        {"it's' at_most +5%", "is not the name of a metric"},
        {"cpu.time at_most {}", "no change in percent"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct gate gate;
        struct error error = {0};
        cr_assert_lt(gate_parse(wrong[i].given, &gate, &error), 0, "%s", wrong[i].given);
        cr_assert_eq(error.class, ERROR_USAGE);
        cr_assert_not_null(strstr(error.text, wrong[i].says), "%s\ngives\n%s", wrong[i].given, error.text);
        gate_free(&gate);
    }
}

Test(manifest_gates, the_names_of_findings_are_those_that_there_are)
{
    size_t count = 0;
    for (; gate_findings[count]; count++)
        cr_assert_not_null(finding_by_name(gate_findings[count]), "%s", gate_findings[count]);
    cr_assert_eq(count, FINDING_COUNT);
}
