#include "runner/compare/gates.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/questions.h"
#include "runner/compare/rows.h"
#include "runner/compare/words.h"
#include "runner/metrics/figure.h"
#include "runner/stats/inference.h"
#include "runner/store/files.h"

#define ALPHA    (1 - COMPARE_LEVEL)
#define WHY_SIZE 320

const char *gate_verdict_name(enum gate_verdict verdict)
{
    static const char *const names[] = {
        [GATE_PASS] = "pass", [GATE_INCONCLUSIVE] = "inconclusive", [GATE_FAIL] = "fail"};
    return names[verdict];
}

struct answer {
    enum gate_verdict verdict;
    double value, threshold;
    struct interval interval;
    char why[WHY_SIZE];
};

static void say(struct answer *answer, enum gate_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(struct answer *answer, enum gate_verdict verdict, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(answer->why, sizeof answer->why, format, args);
    va_end(args);
    answer->verdict = verdict;
}

/* --- against the baseline ------------------------------------------------------------------------------- */

/* "+12%", "-3.0%" */
static const char *signed_percent(double ratio, char to[24])
{
    char size[20];
    words_percent(ratio - 1, size, sizeof size);
    snprintf(to, 24, "%s%s", ratio < 1 ? "-" : "+", size);
    return to;
}

/* A difference as a ratio to the baseline's median. */
static bool make_relative(const struct sample *baseline, struct two_samples *test, double *floor)
{
    double median = stats_median(baseline->known, baseline->n);
    if (test->kind == EFFECT_RATIO)
        return true;
    if (test->constant) {
        test->effect = test->interval.low = test->interval.high = 1;
        return true;
    }
    if (!(median > 0))
        return false;
    test->effect = 1 + test->effect / median;
    test->interval.low = 1 + test->interval.low / median;
    test->interval.high = 1 + test->interval.high / median;
    *floor /= median;
    return isfinite(test->effect) && isfinite(test->interval.low) && isfinite(test->interval.high);
}

/* With at_least turned round, so that below is good. */
struct bounds {
    double low, high, threshold, floor_low, floor_high;
};

static struct bounds bounds_of(const struct interval *interval, double threshold, double floor, bool at_most)
{
    double reach = 1 + (isnan(floor) ? 0 : floor);
    if (at_most)
        return (struct bounds){interval->low, interval->high, threshold, 1 / reach, reach};
    return (struct bounds){-interval->high, -interval->low, -threshold, -reach, -1 / reach};
}

static void decide(struct answer *answer, bool at_most, double floor, const char *shown)
{
    char percent[24], limit[24];
    struct bounds b = bounds_of(&answer->interval, answer->threshold, floor, at_most);
    bool good = b.high <= b.threshold, bad = b.low > b.threshold;
    /* The threshold is a change that is larger than what the copy may be off, in its own direction. */
    bool floor_nearer =
        b.threshold >= (at_most ? 1 : -1) ? b.floor_high < b.threshold : b.floor_low > b.threshold;
    bool no_floor = isnan(floor) || floor == 0;
    signed_percent(answer->threshold, limit);
    words_percent(isnan(floor) ? 0 : floor, percent, sizeof percent);
    if (bad && (b.threshold < (at_most ? 1 : -1) || b.low > b.floor_high))
        say(answer, GATE_FAIL, "%s: all of the interval is beyond %s", shown, limit);
    else if (good && (no_floor || floor_nearer || b.high < b.floor_low))
        say(answer, GATE_PASS, "%s: all of the interval is within %s", shown, limit);
    else if (bad || good)
        say(answer, GATE_INCONCLUSIVE,
            "%s: the baseline differs from its own copy by up to %s, as much as that", shown, percent);
    else
        say(answer, GATE_INCONCLUSIVE, "%s: the interval reaches across %s; more trials make it narrower",
            shown, limit);
}

static unsigned trials_for_interval(double level)
{
    unsigned n = 2;
    while (n < 1000 && stats_smallest_p(n, n) > 1 - level)
        n++;
    return n;
}

static void ask_change(const struct comparison *comparison, const struct question *question, double level,
                       struct answer *answer)
{
    const struct gate *gate = question->gate;
    const struct row *row = pair_row(question->pair, gate->id, gate->p99 ? PART_P99 : PART_VALUE);
    struct two_samples test;
    double floor = row ? row->noise_floor : NAN;
    if (!row || !row->self->n || !row->baseline->n) {
        say(answer, GATE_INCONCLUSIVE, "%s has no value of it",
            row && row->self->n ? question->pair->base->name : question->name);
        return;
    }
    if (two_samples_compare(comparison->tables, row->self->known, row->self->n, row->baseline->known,
                            row->baseline->n, level, &test) < 0 ||
        !make_relative(row->baseline, &test, &floor)) {
        say(answer, GATE_INCONCLUSIVE, "the baseline is 0, or almost: there is no percentage of that");
        return;
    }
    answer->value = test.effect;
    answer->interval = test.interval;
    if (row->self->lossy || row->baseline->lossy) {
        say(answer, GATE_INCONCLUSIVE, "events were lost: the figure may be off");
        return;
    }
    if (!(test.interval.level > 0)) {
        say(answer, GATE_INCONCLUSIVE, "%u and %u trials give no interval at %.4g%%; %u each would",
            row->self->n, row->baseline->n, level * 100, trials_for_interval(level));
        return;
    }
    char effect[24], low[24], high[24], shown[128];
    snprintf(shown, sizeof shown, "%s (%s to %s at %.4g%%)", signed_percent(test.effect, effect),
             signed_percent(test.interval.low, low), signed_percent(test.interval.high, high), level * 100);
    decide(answer, gate->rule == GATE_AT_MOST, floor, shown);
}

/* --- absolute ------------------------------------------------------------------------------------------- */

static bool beyond(const struct gate *gate, double value)
{
    return gate->rule == GATE_MAX ? value > gate->threshold : value < gate->threshold;
}

static const char *shown_value(const struct gate *gate, double value, char to[40])
{
    figure_text(value, metric_unit_name(metric_info(gate->id)->unit), to, 40);
    return to;
}

static void ask_each(const struct question *question, const struct sample *sample, struct answer *answer)
{
    const struct gate *gate = question->gate;
    const struct measured_trials *trials = &question->demo->trials[metric_trials_of(gate->id)];
    unsigned worst = 0, count = 0;
    for (unsigned i = 0; i < sample->slots; i++) {
        if (isnan(sample->values[i]))
            continue;
        count += beyond(gate, sample->values[i]);
        if (isnan(answer->value) || (gate->rule == GATE_MAX ? sample->values[i] > answer->value
                                                            : sample->values[i] < answer->value)) {
            answer->value = sample->values[i];
            worst = i;
        }
    }
    char value[40];
    unsigned number = trials->numbers && worst < trials->number_count ? trials->numbers[worst] : 0;
    shown_value(gate, answer->value, value);
    if (count && number)
        say(answer, GATE_FAIL, "%u of %u trials are beyond it; trial %u the farthest, with %s", count,
            sample->n, number, value);
    else if (count)
        say(answer, GATE_FAIL, "%u of %u trials are beyond it, the farthest with %s", count, sample->n,
            value);
    else if (sample->n < sample->slots)
        say(answer, GATE_INCONCLUSIVE, "%u of %u trials have no value: %s", sample->slots - sample->n,
            sample->slots, sample->reason ? sample->reason : "nothing says why");
    else
        say(answer, GATE_PASS, "%s of all %u trials is %s",
            gate->rule == GATE_MAX ? "the highest" : "the lowest", sample->n, value);
}

static void ask_median(const struct question *question, const struct sample *sample, double level,
                       struct answer *answer)
{
    const struct gate *gate = question->gate;
    char value[40], low[40], high[40];
    answer->value = stats_median(sample->known, sample->n);
    answer->interval = stats_median_interval(sample->known, sample->n, level);
    if (!(answer->interval.level > 0)) {
        unsigned needed = 1;
        while (2 * exp2(-(double)needed) > 1 - level)
            needed++;
        say(answer, GATE_INCONCLUSIVE, "%u trials give no interval of the median at %.4g%%; %u would",
            sample->n, level * 100, needed);
        return;
    }
    bool low_beyond = beyond(gate, answer->interval.low), high_beyond = beyond(gate, answer->interval.high);
    enum gate_verdict verdict = low_beyond && high_beyond   ? GATE_FAIL
                                : low_beyond || high_beyond ? GATE_INCONCLUSIVE
                                                            : GATE_PASS;
    static const char *const ends[] = {[GATE_PASS] = "all of it is within",
                                       [GATE_FAIL] = "all of it is beyond",
                                       [GATE_INCONCLUSIVE] =
                                           "the interval reaches across; more trials make it narrower"};
    say(answer, verdict, "median %s (%s to %s at %.4g%%): %s", shown_value(gate, answer->value, value),
        shown_value(gate, answer->interval.low, low), shown_value(gate, answer->interval.high, high),
        level * 100, ends[verdict]);
}

static void ask_bound(const struct question *question, double level, struct answer *answer)
{
    const struct gate *gate = question->gate;
    const struct sample *sample =
        measured_sample(question->demo, gate->id, gate->p99 ? PART_P99 : PART_VALUE);
    if (!sample->n)
        say(answer, GATE_INCONCLUSIVE, "it has no value: %s",
            sample->reason ? sample->reason : "no trial speaks of it");
    else if (sample->lossy)
        say(answer, GATE_INCONCLUSIVE, "events were lost: the figure may be off");
    else if (gate->of == GATE_OF_MEDIAN)
        ask_median(question, sample, level, answer);
    else
        ask_each(question, sample, answer);
}

/* --- findings ------------------------------------------------------------------------------------------- */

static void ask_finding(const struct question *question, struct answer *answer)
{
    const struct gate *gate = question->gate;
    const struct measured_demo *demo = question->demo;
    const struct measured_finding *finding = NULL;
    for (size_t i = 0; i < demo->finding_count; i++)
        if (strcmp(demo->findings[i].name, gate->finding) == 0)
            finding = &demo->findings[i];
    if (!demo->judged) {
        say(answer, GATE_INCONCLUSIVE, "nobody looked for findings in this bundle");
        return;
    }
    if (finding && finding->reason) {
        say(answer, GATE_INCONCLUSIVE, "it could not be looked for: %s", finding->reason);
        return;
    }
    answer->value = finding ? finding->shown : 0;
    bool fail = gate->of == GATE_OF_MEDIAN ? finding && 2 * finding->shown > finding->looked
                                           : answer->value > gate->threshold;
    if (!finding)
        say(answer, GATE_PASS, "no trial shows it");
    else
        say(answer, fail ? GATE_FAIL : GATE_PASS, "%u of %u trials show it: %s", finding->shown,
            finding->looked, finding->sentence ? finding->sentence : "no trial says how");
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static bool complete(const struct question *question)
{
    const struct measured *base = question->pair ? question->pair->base_bundle : question->bundle;
    return json_is_true(json_object_get(question->bundle->facts, "complete")) &&
           json_is_true(json_object_get(base->facts, "complete"));
}

static void answer_one(const struct comparison *comparison, const struct question *question, double level,
                       struct answer *answer)
{
    *answer =
        (struct answer){.value = NAN, .threshold = question->gate->threshold, .interval = {NAN, NAN, 0}};
    if (!question->name)
        say(answer, GATE_INCONCLUSIVE, "there is no demo of which it could be asked");
    else if (!complete(question))
        say(answer, GATE_INCONCLUSIVE, "the experiment did not run to its end");
    else if (!question->demo)
        say(answer, GATE_INCONCLUSIVE, "no trial of it was finished");
    else if (question->pair)
        ask_change(comparison, question, level, answer);
    else if (question->gate->finding)
        ask_finding(question, answer);
    else
        ask_bound(question, level, answer);
}

static json_t *answer_json(const struct question *question, const struct answer *answer)
{
    const struct gate *gate = question->gate;
    char text[256];
    json_t *json = json_object();
    gate_text(gate, text, sizeof text);
    json_object_set_new(json, "gate", json_string(text));
    json_object_set_new(json, "demo", question->name ? json_string(question->name) : json_null());
    json_object_set_new(json, "bundle", json_string(question->bundle->name));
    if (gate->finding) {
        json_object_set_new(json, "finding", json_string(gate->finding));
    } else {
        json_object_set_new(json, "metric", json_string(metric_info(gate->id)->name));
        json_object_set_new(json, "quantile", gate->p99 ? json_string("p99") : json_null());
    }
    const struct interval *interval = &answer->interval;
    json_object_set_new(json, "verdict", json_string(gate_verdict_name(answer->verdict)));
    json_object_set_new(json, "value", metric_number(answer->value));
    json_object_set_new(json, "ci",
                        interval->level > 0
                            ? json_pack("[o, o, o]", metric_number(interval->low),
                                        metric_number(interval->high), metric_number(interval->level))
                            : json_null());
    json_object_set_new(json, "threshold", metric_number(answer->threshold));
    json_object_set_new(json, "why", text_json(answer->why, strlen(answer->why), sizeof answer->why));
    return json;
}

json_t *gates_evaluate(const struct comparison *comparison, const struct gate *gates, size_t count,
                       enum gate_verdict *worst)
{
    struct questions questions;
    json_t *list = json_array();
    if (worst)
        *worst = GATE_PASS;
    questions_make(&questions, comparison, gates, count);
    double level = 1 - ALPHA / (double)(questions.count ? questions.count : 1);
    for (size_t i = 0; list && i < questions.count; i++) {
        struct answer answer;
        answer_one(comparison, &questions.list[i], level, &answer);
        if (worst && answer.verdict > *worst)
            *worst = answer.verdict;
        json_array_append_new(list, answer_json(&questions.list[i], &answer));
    }
    free(questions.list);
    if (!questions.no_memory)
        return list;
    json_decref(list);
    return NULL;
}
