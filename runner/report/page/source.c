#include "runner/report/page/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/compare/compare.h"
#include "runner/store/bundle.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

static int no_memory(struct error *error, const char *label)
{
    return error_set(error, ERROR_INTERNAL, ENOMEM, "read %s for the report", label);
}

/* Below the bundle's folder, and through no link: openat2(2), Linux 5.6. */
static int open_beneath(int dir, const char *path, int flags)
{
    struct open_how how = {.flags = (unsigned long long)(flags | O_CLOEXEC),
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

/* *summary stays NULL where there is none: no trial was finished. */
static int read_summary(struct source *source, struct error *error)
{
    char what[4200];
    snprintf(what, sizeof what, "%s/summary.json", source->label);
    if (faccessat(source->dir, "summary.json", F_OK, 0) < 0 && errno == ENOENT)
        return 0;
    return file_read_json(source->dir, "summary.json", what, &source->summary, error);
}

static bool has_trials(const struct source *source)
{
    return json_object_size(json_object_get(source->summary, "demos")) > 0;
}

/* By path where it stands on disk as finished: then its checksums are looked at as well. */
static int compare_own(struct source *source, const char *path, struct error *error)
{
    if (!has_trials(source)) {
        source->not_compared = strdup("no trial was finished");
        return source->not_compared ? 0 : no_memory(error, source->label);
    }
    struct comparison *comparison = compare_create(false);
    if (!comparison)
        return no_memory(error, source->label);
    int result =
        path ? compare_add(comparison, path, error)
             : compare_add_json(comparison, source->label, source->experiment, source->summary, error);
    if (result == 0)
        result = compare_run(comparison, error);
    if (result == 0)
        source->comparison = compare_json(comparison);
    if (result == 0 && !source->comparison)
        result = no_memory(error, source->label);
    compare_free(comparison);
    return result;
}

static int compare_across(struct report *report, char *const *paths, struct error *error)
{
    struct comparison *comparison = compare_create(false);
    if (!comparison)
        return no_memory(error, "the bundles");
    int result = 0;
    for (size_t i = 0; i < report->count && result == 0; i++) {
        if (has_trials(&report->sources[i]))
            result = compare_add(comparison, paths[i], error);
        else if (!report->not_compared &&
                 asprintf(&report->not_compared, "no trial of %s was finished", paths[i]) < 0)
            result = no_memory(error, paths[i]);
    }
    if (result == 0 && !report->not_compared)
        result = compare_run(comparison, error);
    if (result == 0 && !report->not_compared) {
        report->across = compare_json(comparison);
        if (!report->across)
            result = no_memory(error, "the bundles");
    }
    compare_free(comparison);
    return result;
}

static struct source *begin(struct report *report, const char *label, struct error *error)
{
    struct source *source = &report->sources[report->count];
    *source = (struct source){.dir = -1, .label = strdup(label)};
    report->count++;
    if (!source->label)
        no_memory(error, label);
    return source->label ? source : NULL;
}

static int read_source(struct report *report, const char *path, struct error *error)
{
    struct source *source = begin(report, path, error);
    if (!source)
        return -ENOMEM;
    source->dir = bundle_open(path, &source->experiment, error);
    int result = source->dir < 0 ? source->dir : read_summary(source, error);
    return result < 0 ? result : compare_own(source, path, error);
}

static int make_room(struct report *report, size_t count, struct error *error)
{
    *report = (struct report){.sources = calloc(count, sizeof *report->sources)};
    return report->sources ? 0 : no_memory(error, "the bundles");
}

int report_read(struct report *report, char *const *paths, size_t count, struct error *error)
{
    int result = make_room(report, count, error);
    for (size_t i = 0; i < count && result == 0; i++)
        result = read_source(report, paths[i], error);
    return result == 0 && count > 1 ? compare_across(report, paths, error) : result;
}

int report_read_dir(struct report *report, int dir, const char *label, struct error *error)
{
    int result = make_room(report, 1, error);
    struct source *source = result < 0 ? NULL : begin(report, label, error);
    if (!source)
        return -ENOMEM;
    source->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
    if (source->dir < 0)
        return error_set(error, ERROR_INTERNAL, errno, "read %s for the report", label);
    result = file_read_json(dir, "experiment.json", "experiment.json", &source->experiment, error);
    if (result == 0)
        result = read_summary(source, error);
    return result < 0 ? result : compare_own(source, NULL, error);
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        struct source *source = &report->sources[i];
        free(source->label);
        free(source->not_compared);
        fd_close(&source->dir);
        json_decref(source->experiment);
        json_decref(source->summary);
        json_decref(source->comparison);
    }
    free(report->sources);
    free(report->not_compared);
    json_decref(report->across);
    *report = (struct report){0};
}

const char *source_name(const struct source *source)
{
    const char *name = json_string_value(json_object_get(source->experiment, "bundle"));
    return name ? name : source->label;
}

struct source_trial *source_trials(const struct source *source, const char *demo, const char *role,
                                   size_t *count)
{
    const json_t *rows = json_object_get(source->experiment, "trials"), *row;
    struct source_trial *trials = calloc(json_array_size(rows) + 1, sizeof *trials);
    size_t index;
    *count = 0;
    if (!trials)
        return NULL;
    json_array_foreach (rows, index, row) {
        const char *path = json_string_value(json_object_get(row, "path"));
        const char *of = json_string_value(json_object_get(row, "demo"));
        const char *as = json_string_value(json_object_get(row, "role"));
        if (!path || !of || !as || strcmp(of, demo) != 0 || strcmp(as, role) != 0)
            continue;
        trials[(*count)++] = (struct source_trial){
            .path = path,
            .number = (unsigned)json_integer_value(json_object_get(row, "trial")),
            .verdict = json_string_value(json_object_get(row, "verdict")),
            .expected = json_is_true(json_object_get(row, "expected")),
        };
    }
    return trials;
}

int source_trial_folder(const struct source *source, const struct source_trial *trial, const char *name)
{
    AUTO_FD dir = open_beneath(source->dir, trial->path, O_RDONLY | O_DIRECTORY);
    return dir < 0 ? dir : open_beneath(dir, name, O_RDONLY | O_DIRECTORY);
}

json_t *source_trial_json(const struct source *source, const struct source_trial *trial, const char *name)
{
    AUTO_FD dir = open_beneath(source->dir, trial->path, O_RDONLY | O_DIRECTORY);
    AUTO_FD file = dir < 0 ? -1 : open_beneath(dir, name, O_RDONLY | O_NONBLOCK);
    char path[40];
    json_t *value = NULL;
    struct error ignored;
    if (file < 0)
        return NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return file_read_json(AT_FDCWD, path, name, &value, &ignored) == 0 ? value : NULL;
}
