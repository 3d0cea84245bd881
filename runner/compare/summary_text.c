#include "runner/compare/summary_text.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/store/files.h"
#include "runner/store/scan.h"
#include "runner/summary/summary.h"

#define VALUES_MAX 100000 /* of one figure */
#define DEMOS_MAX  1000

/* What is being read; one struct for the whole text. */
struct reader {
    struct measured *measured;
    struct measured_demo *demo;
    enum trials_of of;
    const struct metric_info *metric;
    struct figures *figures; /* where samples go */
    struct sample *sample;
    size_t room;   /* of sample->values */
    double number; /* the schema, unexpected */
    double schema;
    char text[128];
    char experiment[128], baseline[128];
    bool no_memory;
};

static bool out_of_memory(struct scan *scan, struct reader *reader)
{
    reader->no_memory = true;
    return scan_fail(scan, "out of memory");
}

/* UTF-8 whatever the file holds: names go to JSON and to terminals. */
static char *clean_copy(const char *text)
{
    json_t *json = text_json(text, strlen(text), 4096);
    char *copy = json ? strdup(json_string_value(json)) : NULL;
    json_decref(json);
    return copy;
}

static bool read_value(struct scan *scan, void *context)
{
    struct reader *reader = context;
    struct sample *sample = reader->sample;
    if (sample->slots == reader->room) {
        size_t room = reader->room ? reader->room * 2 : 16;
        double *grown = room <= VALUES_MAX ? reallocarray(sample->values, room, sizeof *grown) : NULL;
        if (!grown)
            return room > VALUES_MAX ? scan_fail(scan, "more values than an experiment has trials")
                                     : out_of_memory(scan, reader);
        sample->values = grown;
        reader->room = room;
    }
    return scan_number(scan, &sample->values[sample->slots++]);
}

static bool read_values(struct scan *scan, struct reader *reader)
{
    struct sample *sample = reader->sample;
    if (sample->values)
        return scan_fail(scan, "values of one figure stand twice");
    reader->room = 0;
    sample->values = calloc(1, sizeof *sample->values); /* an empty list is one, too */
    if (!sample->values)
        return out_of_memory(scan, reader);
    if (!scan_array(scan, read_value, reader))
        return false;
    for (unsigned i = 0; i < sample->slots; i++)
        sample->n += !isnan(sample->values[i]);
    sample->known = sample->values;
    if (sample->n == sample->slots)
        return true;
    sample->known = calloc(sample->n + 1, sizeof *sample->known);
    if (!sample->known)
        return out_of_memory(scan, reader);
    for (unsigned i = 0, used = 0; i < sample->slots; i++)
        if (!isnan(sample->values[i]))
            sample->known[used++] = sample->values[i];
    return true;
}

static bool read_sample_member(struct scan *scan, const char *key, void *context);

static bool read_p99(struct scan *scan, struct reader *reader)
{
    struct sample *value = reader->sample;
    bool inside = value != &reader->figures->samples[reader->metric->id][PART_VALUE];
    if (inside)
        return scan_fail(scan, "a p99 of a p99");
    reader->sample = &reader->figures->samples[reader->metric->id][PART_P99];
    bool read = scan_object(scan, read_sample_member, reader);
    reader->sample->present = true;
    reader->sample = value;
    return read;
}

static bool read_sample_member(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    struct sample *sample = reader->sample;
    if (strcmp(key, "values") == 0)
        return read_values(scan, reader);
    if (strcmp(key, "lossy") == 0)
        return scan_bool(scan, &sample->lossy);
    if (strcmp(key, "p99") == 0)
        return read_p99(scan, reader);
    if (strcmp(key, "unit") == 0)
        return !scan_string(scan, reader->text, sizeof reader->text) ? false
               : strcmp(reader->text, metric_unit_name(reader->metric->unit)) == 0
                   ? true
                   : scan_fail(scan, "a metric with another unit than this runner knows for it");
    if (strcmp(key, "reason") == 0 && scan_kind(scan) == SCAN_STRING && !sample->reason) {
        if (!scan_string(scan, reader->text, sizeof reader->text))
            return false;
        sample->reason = clean_copy(reader->text);
        return sample->reason ? true : out_of_memory(scan, reader);
    }
    return scan_skip(scan);
}

static bool note_unknown(struct scan *scan, struct reader *reader, const char *name)
{
    char *known = reader->measured->unknown;
    char *text = NULL;
    if (known && (strlen(known) > 200 || strstr(known, name)))
        return true;
    if (asprintf(&text, "%s%s%.60s", known ? known : "", known ? ", " : "", name) < 0)
        return out_of_memory(scan, reader);
    free(known);
    reader->measured->unknown = text;
    return true;
}

static bool read_metric(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    reader->metric = metric_by_name(key);
    if (!reader->metric)
        return note_unknown(scan, reader, key) && scan_skip(scan);
    if (reader->of != OF_AA && metric_trials_of(reader->metric->id) != reader->of)
        return scan_skip(scan); /* CPU time of an observed trial: it holds the observer's cost */
    struct sample *samples = reader->figures->samples[reader->metric->id];
    if (samples[PART_VALUE].present)
        return scan_fail(scan, "a metric stands twice");
    reader->sample = &samples[PART_VALUE];
    samples[PART_VALUE].present = true;
    if (!scan_object(scan, read_sample_member, reader))
        return false;
    samples[PART_P99].lossy = samples[PART_VALUE].lossy;
    return samples[PART_VALUE].values ? true : scan_fail(scan, "a metric without values");
}

static bool read_role(struct scan *scan, struct reader *reader, enum trials_of of)
{
    reader->of = of;
    reader->figures = &reader->demo->figures;
    if (of == OF_AA) {
        if (!reader->demo->copy)
            reader->demo->copy = calloc(1, sizeof *reader->demo->copy);
        if (!reader->demo->copy)
            return out_of_memory(scan, reader);
        reader->figures = reader->demo->copy;
    }
    return scan_object(scan, read_metric, reader);
}

static bool read_verdict(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    struct measured_trials *trials = &reader->demo->trials[reader->of];
    if (!scan_number(scan, &reader->number))
        return false;
    unsigned count = reader->number >= 0 && reader->number < VALUES_MAX ? (unsigned)reader->number : 0;
    trials->count += count;
    trials->invalid += strcmp(key, "load_invalid") == 0 ? count : 0;
    for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
        trials->verdicts[verdict] += strcmp(key, verdict_name((enum verdict)verdict)) == 0 ? count : 0;
    return true;
}

static bool find_role(const char *key, enum trials_of *of)
{
    for (int i = 0; i < OF_COUNT; i++)
        if (strcmp(key, trials_of_name((enum trials_of)i)) == 0) {
            *of = (enum trials_of)i;
            return true;
        }
    return false;
}

static bool read_verdicts(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    return find_role(key, &reader->of) ? scan_object(scan, read_verdict, reader) : scan_skip(scan);
}

static bool read_trial_number(struct scan *scan, void *context)
{
    struct reader *reader = context;
    struct measured_trials *trials = &reader->demo->trials[reader->of];
    size_t used = reader->room++;
    if (!scan_number(scan, &reader->number))
        return false;
    unsigned *grown = used < VALUES_MAX ? reallocarray(trials->numbers, used + 1, sizeof *grown) : NULL;
    if (!grown)
        return out_of_memory(scan, reader);
    trials->numbers = grown;
    trials->number_count = (unsigned)used + 1;
    grown[used] = reader->number >= 0 && reader->number < UINT32_MAX ? (unsigned)reader->number : 0;
    return true;
}

static bool read_trials(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    reader->room = 0;
    return find_role(key, &reader->of) && !reader->demo->trials[reader->of].numbers
               ? scan_array(scan, read_trial_number, reader)
               : scan_skip(scan);
}

/* --- findings ------------------------------------------------------------------------------------------- */

static bool keep_text(struct scan *scan, struct reader *reader, char **kept)
{
    char text[1024];
    if (!scan_string(scan, text, sizeof text))
        return false;
    if (*kept)
        return true;
    *kept = clean_copy(text);
    return *kept ? true : out_of_memory(scan, reader);
}

static bool keep_count(struct scan *scan, unsigned *kept)
{
    double number;
    if (!scan_number(scan, &number))
        return false;
    *kept = number > 0 && number < VALUES_MAX ? (unsigned)number : 0;
    return true;
}

static struct measured_finding *last_finding(struct reader *reader)
{
    return &reader->demo->findings[reader->demo->finding_count - 1];
}

static bool read_example_member(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    return strcmp(key, "sentence") == 0 ? keep_text(scan, reader, &last_finding(reader)->sentence)
                                        : scan_skip(scan);
}

static bool read_example(struct scan *scan, void *context)
{
    return scan_object(scan, read_example_member, context);
}

static bool read_finding_member(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    struct measured_finding *finding = last_finding(reader);
    if (strcmp(key, "name") == 0)
        return keep_text(scan, reader, &finding->name);
    if (strcmp(key, "reason") == 0)
        return keep_text(scan, reader, &finding->reason);
    if (strcmp(key, "shown") == 0)
        return keep_count(scan, &finding->shown);
    if (strcmp(key, "of") == 0)
        return keep_count(scan, &finding->looked);
    if (strcmp(key, "examples") == 0)
        return scan_array(scan, read_example, reader);
    return scan_skip(scan);
}

/* Of both lists: what is in neither was looked for and not seen. */
static bool read_finding(struct scan *scan, void *context)
{
    struct reader *reader = context;
    struct measured_demo *demo = reader->demo;
    struct measured_finding *grown =
        demo->finding_count < DEMOS_MAX ? reallocarray(demo->findings, demo->finding_count + 1, sizeof *grown)
                                        : NULL;
    if (!grown)
        return out_of_memory(scan, reader);
    demo->findings = grown;
    grown[demo->finding_count++] = (struct measured_finding){0};
    if (!scan_object(scan, read_finding_member, reader))
        return false;
    return last_finding(reader)->name ? true : scan_fail(scan, "a finding without a name");
}

static bool read_findings(struct scan *scan, struct reader *reader)
{
    reader->demo->judged = true;
    return scan_array(scan, read_finding, reader);
}

/* --- demos ---------------------------------------------------------------------------------------------- */

static bool read_demo_member(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    enum trials_of of;
    if (find_role(key, &of))
        return read_role(scan, reader, of);
    if (strcmp(key, "verdicts") == 0)
        return scan_object(scan, read_verdicts, reader);
    if (strcmp(key, "trials") == 0)
        return scan_object(scan, read_trials, reader);
    if (strcmp(key, "unexpected") == 0)
        return keep_count(scan, &reader->demo->unexpected);
    if (strcmp(key, "findings") == 0 || strcmp(key, "findings_not_looked_for") == 0)
        return read_findings(scan, reader);
    return scan_skip(scan);
}

static bool read_demo(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    struct measured *measured = reader->measured;
    if (measured->demo_count == DEMOS_MAX)
        return scan_fail(scan, "more demos than an experiment has");
    struct measured_demo *grown =
        reallocarray(measured->demos, measured->demo_count + 1, sizeof *measured->demos);
    if (!grown)
        return out_of_memory(scan, reader);
    measured->demos = grown;
    char *name = clean_copy(key);
    if (!name)
        return out_of_memory(scan, reader);
    bool twice = measured_find(measured, name) != NULL;
    reader->demo = &grown[measured->demo_count++];
    *reader->demo = (struct measured_demo){.name = name};
    return twice ? scan_fail(scan, "a demo stands twice") : scan_object(scan, read_demo_member, reader);
}

static bool read_root(struct scan *scan, const char *key, void *context)
{
    struct reader *reader = context;
    if (strcmp(key, "schema") == 0)
        return scan_number(scan, &reader->schema);
    if (strcmp(key, "experiment") == 0)
        return scan_string(scan, reader->experiment, sizeof reader->experiment);
    if (strcmp(key, "baseline") == 0)
        return scan_string(scan, reader->baseline, sizeof reader->baseline);
    if (strcmp(key, "demos") == 0)
        return scan_object(scan, read_demo, reader);
    return scan_skip(scan);
}

/* What is well-formed and yet no summary that can be compared. */
static int check(const struct reader *reader, const char *what, struct error *error)
{
    struct measured *measured = reader->measured;
    if (!(reader->schema >= 1 && reader->schema <= SUMMARY_SCHEMA)) /* nor NAN */
        return error_mend(
            error, ERROR_USAGE, 0, reader->schema > 1 ? "Use a newer runner." : "Is it a bundle?",
            "%s has schema %g, this runner reads no later one than %d", what, reader->schema, SUMMARY_SCHEMA);
    if (strcmp(reader->experiment, measured->experiment) != 0)
        return error_set(error, ERROR_USAGE, 0, "%s is of the experiment '%.60s', experiment.json of '%.60s'",
                         what, reader->experiment, measured->experiment);
    if (!measured->demo_count)
        return error_set(error, ERROR_USAGE, 0, "%s holds no demo: no trial was finished", what);
    for (size_t i = 0; i < measured->demo_count; i++)
        if (strcmp(measured->demos[i].name, reader->baseline) == 0)
            measured->baseline = i;
    return 0;
}

int summary_text_read(struct measured *measured, const char *text, size_t size, const char *what,
                      struct error *error)
{
    struct reader reader = {.measured = measured};
    struct scan scan;
    scan_open(&scan, text, size);
    if (scan_object(&scan, read_root, &reader) && scan_finish(&scan))
        return check(&reader, what, error);
    if (reader.no_memory)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read %s", what);
    char fault[160];
    scan_fault(&scan, fault, sizeof fault);
    return error_set(error, ERROR_USAGE, 0, "%s:%s", what, fault);
}
