#include "runner/compare/measured.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/summary_text.h"
#include "runner/store/bundle.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

#define SUMMARY_LIMIT (256u << 20)
#define SUMS_LIMIT    (64u << 20)

const char *part_name(enum part part)
{
    return part == PART_P99 ? "p99" : NULL;
}

const char *trials_of_name(enum trials_of of)
{
    static const char *const names[] = {[OF_BARE] = "bare", [OF_OBSERVED] = "observed", [OF_AA] = "aa"};
    return names[of];
}

enum trials_of metric_trials_of(enum metric_id id)
{
    return metric_info(id)->trials == METRIC_BARE ? OF_BARE : OF_OBSERVED;
}

const struct sample *measured_sample(const struct measured_demo *demo, enum metric_id id, enum part part)
{
    return &demo->figures.samples[id][part];
}

const struct measured_demo *measured_find(const struct measured *measured, const char *name)
{
    for (size_t i = 0; i < measured->demo_count; i++)
        if (strcmp(measured->demos[i].name, name) == 0)
            return &measured->demos[i];
    return NULL;
}

static void free_figures(struct figures *figures)
{
    for (size_t id = 0; figures && id < METRIC_ID_COUNT; id++)
        for (size_t part = 0; part < PART_COUNT; part++) {
            struct sample *sample = &figures->samples[id][part];
            if (sample->known != sample->values)
                free(sample->known);
            free(sample->values);
            free(sample->reason);
        }
}

void measured_free(struct measured *measured)
{
    for (size_t i = 0; i < measured->demo_count; i++) {
        struct measured_demo *demo = &measured->demos[i];
        free_figures(&demo->figures);
        free_figures(demo->copy);
        free(demo->copy);
        for (size_t of = 0; of < OF_COUNT; of++)
            free(demo->trials[of].numbers);
        for (size_t j = 0; j < demo->finding_count; j++) {
            free(demo->findings[j].name);
            free(demo->findings[j].sentence);
            free(demo->findings[j].reason);
        }
        free(demo->findings);
        free(demo->name);
    }
    free(measured->demos);
    free(measured->label);
    free(measured->name);
    free(measured->experiment);
    free(measured->altered);
    free(measured->unknown);
    json_decref(measured->facts);
    *measured = (struct measured){0};
}

/* Only what a comparison looks at is kept: experiment.json lists every trial. */
static json_t *facts_of(const json_t *experiment)
{
    static const char *const keys[] = {"complete",    "failure", "environment",    "manifest", "demos",
                                       "enforcement", "started", "runner_version", "noise"};
    json_t *facts = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(facts, keys[i], json_object_get(experiment, keys[i]));
    return facts;
}

static char *text_copy(const json_t *experiment, const char *key)
{
    const char *text = json_string_value(json_object_get(experiment, key));
    return text ? strdup(text) : NULL;
}

/* From experiment.json. */
static int take_facts(struct measured *measured, const char *label, const json_t *experiment,
                      struct error *error)
{
    measured->label = strdup(label);
    measured->facts = facts_of(experiment);
    if (!json_is_string(json_object_get(experiment, "name")) ||
        !json_is_string(json_object_get(experiment, "bundle")))
        return error_set(error, ERROR_USAGE, 0, "%s/experiment.json does not name its experiment: no bundle",
                         label);
    measured->experiment = text_copy(experiment, "name");
    measured->name = text_copy(experiment, "bundle");
    if (!measured->label || !measured->facts || !measured->experiment || !measured->name)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read %s", label);
    return 0;
}

int measured_take(struct measured *measured, const char *label, const json_t *experiment,
                  const json_t *summary, struct error *error)
{
    *measured = (struct measured){0};
    int result = take_facts(measured, label, experiment, error);
    if (result < 0)
        return result;
    AUTO_FREE char *text = json_dumps(summary, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (!text)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read the summary of %s", label);
    return summary_text_read(measured, text, strlen(text), "summary.json", error);
}

/* The digest of `name` in the text of SHA256SUMS; NULL: it is not listed. */
static const char *listed_sum(const char *sums, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = sums; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strlen(line) > 66 + length && strncmp(line + 64, "  ", 2) == 0 &&
            strncmp(line + 66, name, length) == 0 && line[66 + length] == '\n')
            return line;
    return NULL;
}

/* Whether the two files are what was written; what is wrong goes to *altered. */
static int check_sums(int dir, char **altered)
{
    static const char *const names[] = {"experiment.json", "summary.json"};
    AUTO_FREE char *sums = NULL;
    size_t size;
    if (fd_read_file(dir, "SHA256SUMS", SUMS_LIMIT, &sums, &size) < 0)
        return asprintf(altered, "it has no SHA256SUMS that could be read") < 0 ? -ENOMEM : 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char hex[65] = "";
        AUTO_FD fd = openat(dir, names[i], O_RDONLY | O_CLOEXEC);
        const char *listed = listed_sum(sums, names[i]);
        if (fd < 0 || file_sha256(fd, hex) < 0 || !listed || strncmp(listed, hex, 64) != 0)
            return asprintf(altered, "%s is not what was written: SHA256SUMS has %s for it", names[i],
                            listed ? "another checksum" : "no checksum") < 0
                       ? -ENOMEM
                       : 0;
    }
    return 0;
}

/* The folder of the bundle, or an error. */
static int open_bundle(struct measured *measured, const char *path, struct error *error)
{
    *measured = (struct measured){0};
    json_t *experiment = NULL;
    AUTO_FD dir = bundle_open(path, &experiment, error);
    if (dir < 0)
        return dir;
    int result = take_facts(measured, path, experiment, error);
    json_decref(experiment);
    return result < 0 ? result : fd_take(&dir);
}

int measured_read_facts(struct measured *measured, const char *path, struct error *error)
{
    AUTO_FD dir = open_bundle(measured, path, error);
    return dir < 0 ? dir : 0;
}

int measured_read(struct measured *measured, const char *path, struct error *error)
{
    AUTO_FD dir = open_bundle(measured, path, error);
    if (dir < 0)
        return dir;
    char what[4200];
    snprintf(what, sizeof what, "%s/summary.json", path);
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    int result = fd_read_file(dir, "summary.json", SUMMARY_LIMIT, &text, &size);
    if (result < 0)
        return error_set(error, ERROR_USAGE, -result, "read %s", what);
    result = summary_text_read(measured, text, size, what, error);
    if (result == 0 && check_sums(dir, &measured->altered) < 0)
        result = error_set(error, ERROR_INTERNAL, ENOMEM, "check %s", path);
    return result;
}
