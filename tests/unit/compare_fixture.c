#include "tests/unit/compare_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/metrics/metrics.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

struct bundle_fixture fixture_make(const char *bundle, const char *baseline)
{
    static const char facts[] =
        "{\"schema\":1,\"complete\":true,\"name\":\"made-up\",\"runner_version\":\"0.1.0\","
        "\"enforcement\":\"v2 at /sys/fs/cgroup/x\","
        "\"environment\":{\"cpu_model\":\"Abacus\",\"machine\":\"x86_64\",\"cpus_online\":\"0-1\","
        "\"governor\":null,"
        "\"kernel_release\":\"6.1.0\",\"kernel_options\":[]},"
        "\"manifest\":{\"controls\":{\"gomaxprocs\":2,\"cgroup\":{\"cpu_quota_us\":50000}},\"load\":null,"
        "\"probes\":{\"go\":\"core\"}},\"demos\":{},\"noise\":{\"before\":{\"cpu_ticks\":100,\"steal_ticks\":"
        "1},"
        "\"after\":{\"cpu_ticks\":1100,\"steal_ticks\":1}}}";
    struct bundle_fixture fixture = {json_loads(facts, 0, NULL),
                                     json_pack("{s:i, s:s, s:s, s:f, s:{}}", "schema", 1, "experiment",
                                               "made-up", "baseline", baseline, "level", 0.95, "demos")};
    cr_assert(fixture.experiment && fixture.summary);
    json_object_set_new(fixture.experiment, "bundle", json_string(bundle));
    return fixture;
}

void fixture_free(struct bundle_fixture *fixture)
{
    json_decref(fixture->experiment);
    json_decref(fixture->summary);
}

void fixture_demo(struct bundle_fixture *fixture, const char *demo)
{
    json_object_set_new(
        json_object_get(fixture->experiment, "demos"), demo,
        json_pack("{s:b, s:s, s:s}", "built", 1, "go_version", "go1.23.5", "go_line", "1.23"));
    json_object_set_new(json_object_get(fixture->summary, "demos"), demo,
                        json_pack("{s:{}, s:{}, s:i, s:[], s:[]}", "trials", "verdicts", "unexpected", 0,
                                  "findings", "findings_not_looked_for"));
}

static json_t *child(json_t *parent, const char *key)
{
    if (!json_object_get(parent, key))
        json_object_set_new(parent, key, json_object());
    return json_object_get(parent, key);
}

static json_t *sample(const double *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, metric_number(values[i]));
    return json_pack("{s:o}", "values", list);
}

static json_t *role_of(struct bundle_fixture *fixture, const char *demo, const char *role, size_t count)
{
    json_t *demos = json_object_get(fixture->summary, "demos");
    if (!json_object_get(demos, demo))
        fixture_demo(fixture, demo);
    json_t *entry = json_object_get(demos, demo), *numbers = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(numbers, json_integer(2 * (json_int_t)i + 1));
    json_object_set_new(json_object_get(entry, "trials"), role, numbers);
    json_object_set_new(json_object_get(entry, "verdicts"), role, json_pack("{s:i}", "ok", (int)count));
    return child(entry, role);
}

void fixture_values(struct bundle_fixture *fixture, const char *demo, const char *role, const char *metric,
                    const double *values, size_t count)
{
    json_t *json = sample(values, count);
    json_object_set_new(json, "unit", json_string(metric_unit_name(metric_by_name(metric)->unit)));
    json_object_set_new(json, "lossy", json_false());
    json_object_set_new(role_of(fixture, demo, role, count), metric, json);
}

void fixture_p99(struct bundle_fixture *fixture, const char *demo, const char *role, const char *metric,
                 const double *values, size_t count)
{
    json_object_set_new(json_object_get(role_of(fixture, demo, role, count), metric), "p99",
                        sample(values, count));
}

void fixture_spread(double *values, size_t count, double centre, double spread, unsigned seed)
{
    for (size_t i = 0; i < count; i++)
        values[i] = centre *
                    (1 + spread * (2 * fmod((double)((i + 1) * 7919 + seed * 104729) * 0.6180339887, 1) - 1));
}

void fixture_set(json_t *json, const char *path, json_t *value)
{
    const char *dot = strchr(path, '.');
    if (!dot) {
        json_object_set_new(json, path, value);
        return;
    }
    char *key = strndup(path, (size_t)(dot - path));
    fixture_set(child(json, key), dot + 1, value);
    free(key);
}

char *fixture_write(const struct bundle_fixture *fixture)
{
    char path[] = "/tmp/runner-bundle-XXXXXX";
    cr_assert_not_null(mkdtemp(path));
    struct error error = {0};
    AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(file_write_json(dir, "experiment.json", fixture->experiment, &error), 0, "%s", error.text);
    cr_assert_eq(file_write_json(dir, "summary.json", fixture->summary, &error), 0, "%s", error.text);
    cr_assert_eq(file_write_checksums(dir, &error), 0, "%s", error.text);
    return strdup(path);
}

void fixture_spoil(const char *path, const char *file, const char *text)
{
    struct error error = {0};
    AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (text)
        cr_assert_eq(file_write(dir, file, text, strlen(text), &error), 0, "%s", error.text);
    else
        cr_assert_eq(fd_remove_tree(dir, file), 0);
}

void fixture_remove(char *path)
{
    fd_remove_tree(AT_FDCWD, path);
    free(path);
}

struct comparison *fixture_compare(struct bundle_fixture *const *fixtures, size_t count)
{
    struct comparison *comparison = compare_create(false);
    struct error error = {0};
    for (size_t i = 0; i < count; i++) {
        char label[2] = {(char)('A' + i), 0};
        cr_assert_eq(
            compare_add_json(comparison, label, fixtures[i]->experiment, fixtures[i]->summary, &error), 0,
            "%s", error.text);
    }
    cr_assert_eq(compare_run(comparison, &error), 0, "%s", error.text);
    return comparison;
}
