/* Bundles that are cut, altered, foreign or of another time: a sentence each, no crash, no figure. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/unit/compare_fixture.h"

static struct bundle_fixture small(void)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double values[6];
    fixture_spread(values, 6, 1e9, 0.02, 1);
    fixture_values(&fixture, "a", "bare", "cpu.time", values, 6);
    fixture_spread(values, 6, 2e9, 0.02, 2);
    fixture_values(&fixture, "b", "bare", "cpu.time", values, 6);
    return fixture;
}

/* What reading it says; "" where it is taken. */
static void read_bundle(const char *path, struct measured *measured, struct error *error)
{
    *error = (struct error){0};
    int result = measured_read(measured, path, error);
    cr_assert_eq(result < 0, error->text[0] != 0);
    if (result < 0)
        cr_assert_eq(error->class, ERROR_USAGE, "%s", error->text);
}

static void assert_refused(const char *file, const char *content, const char *says)
{
    struct bundle_fixture fixture = small();
    char *path = fixture_write(&fixture);
    struct measured measured;
    struct error error;
    fixture_spoil(path, file, content);
    read_bundle(path, &measured, &error);
    cr_assert_not_null(strstr(error.text, says), "%s, not '%s'", error.text, says);
    cr_assert_null(strchr(error.text, '\n'), "%s", error.text);
    measured_free(&measured);
    fixture_remove(path);
    fixture_free(&fixture);
}

#define ROOT "{\"schema\":1,\"experiment\":\"made-up\",\"baseline\":\"a\",\"demos\":"

Test(measured, a_bundle_is_read)
{
    struct bundle_fixture fixture = small();
    json_t *demos = json_object_get(fixture.summary, "demos");
    json_object_set_new(json_object_get(demos, "b"), "unexpected", json_integer(2));
    json_object_set_new(json_object_get(json_object_get(demos, "b"), "verdicts"), "bare",
                        json_pack("{s:i, s:i}", "ok", 4, "load_invalid", 2));
    json_array_append_new(json_object_get(json_object_get(demos, "b"), "findings"),
                          json_pack("{s:s, s:i, s:i, s:[{s:s}]}", "name", "timer-abuse", "shown", 2, "of", 6,
                                    "examples", "sentence", "many timers"));
    char *path = fixture_write(&fixture);
    struct measured measured;
    struct error error;
    read_bundle(path, &measured, &error);
    cr_assert_str_eq(error.text, "");
    cr_assert_str_eq(measured.name, "b1");
    cr_assert_str_eq(measured.experiment, "made-up");
    cr_assert_null(measured.altered);
    cr_assert_eq(measured.demo_count, 2);
    const struct measured_demo *b = measured_find(&measured, "b");
    const struct sample *sample = measured_sample(b, METRIC_CPU_TIME, PART_VALUE);
    cr_assert_eq(sample->n, 6);
    cr_assert(sample->values[0] > 1.9e9 && sample->values[0] < 2.1e9);
    cr_assert_eq(b->unexpected, 2);
    cr_assert_eq(b->trials[OF_BARE].invalid, 2);
    cr_assert_eq(b->trials[OF_BARE].numbers[5], 11);
    cr_assert_eq(b->finding_count, 1);
    cr_assert_eq(b->findings[0].shown, 2);
    cr_assert_str_eq(b->findings[0].sentence, "many timers");
    measured_free(&measured);
    fixture_remove(path);
    fixture_free(&fixture);
}

Test(measured, what_is_no_bundle_is_told_in_a_sentence)
{
    struct measured measured;
    struct error error;
    read_bundle("/nonexistent", &measured, &error);
    cr_assert_not_null(strstr(error.text, "open the bundle /nonexistent: No such file"), "%s", error.text);
    measured_free(&measured);
    read_bundle("/etc/passwd", &measured, &error);
    cr_assert_not_null(strstr(error.text, "/etc/passwd is no bundle: it is no folder"), "%s", error.text);
    measured_free(&measured);
    assert_refused("experiment.json", NULL, " is no bundle: it has no experiment.json. Name a folder");
    assert_refused("experiment.json", "", "experiment.json:");
    assert_refused("experiment.json", "[]", "not a JSON object");
    assert_refused("experiment.json", "{}", "has schema 0, this runner reads no later one than 1");
    assert_refused("experiment.json", "{\"schema\":1}", "does not name its experiment");
    assert_refused("experiment.json", "{\"schema\":1,\"name\":7,\"bundle\":[]}",
                   "does not name its experiment");
    assert_refused("experiment.json", "{\"schema\":1,\"name\":\"other\",\"bundle\":\"b\"}",
                   "is of the experiment 'made-up', experiment.json of 'other'");
    assert_refused("summary.json", NULL, "read ");
}

Test(measured, schemas_of_another_time_are_refused)
{
    assert_refused("experiment.json", "{\"schema\":2,\"name\":\"made-up\",\"bundle\":\"b\"}",
                   "Use a newer runner");
    assert_refused("summary.json", "{\"schema\":2,\"experiment\":\"made-up\",\"demos\":{}}",
                   "Use a newer runner");
    assert_refused("summary.json", "{\"schema\":0,\"experiment\":\"made-up\",\"demos\":{}}",
                   "Is it a bundle?");
    assert_refused("summary.json", "{\"schema\":\"1\",\"demos\":{}}", "not a number");
    assert_refused("summary.json", "{\"experiment\":\"made-up\"}", "has schema 0");
    assert_refused("summary.json", "{\"schema\":null,\"experiment\":\"made-up\",\"demos\":{\"a\":{}}}",
                   "has schema");
}

Test(measured, what_is_not_as_a_summary_has_it_is_told_with_its_place)
{
    static const struct {
        const char *demos, *says;
    } rows[] = {
        {"{}}", "holds no demo"},
        {"[]}", "summary.json:1:59: not an object"},
        {"{\"a\":{}}", "the text ends too early"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"unit\":\"s\",\"values\":[1]}}}}}",
         "another unit than this runner knows"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"unit\":\"ns\"}}}}}", "a metric without values"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":{}}}}}}", "not a list"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[\"1\"]}}}}}", "not a number"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[1e999]}}}}}", "a number that is too large"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[NaN]}}}}}", "not a number"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[1],\"values\":[2]}}}}}", "stand twice"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[1]},\"cpu.time\":{\"values\":[2]}}}}}",
         "a metric stands twice"},
        {"{\"a\":{},\"a\":{}}}", "a demo stands twice"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[1],\"p99\":{\"values\":[1],\"p99\":{}}}}}}}",
         "a p99 of a p99"},
        {"{\"a\":{\"bare\":{\"cpu.time\":{\"values\":[1],\"lossy\":1}}}}}", "neither true nor false"},
        {"{\"a\":{\"findings\":[{}]}}}", "a finding without a name"},
        {"{\"a\":{\"verdicts\":{\"bare\":{\"ok\":\"many\"}}}}}", "not a number"},
        {"{\"a\":{}}} trailing", "something behind the value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, ROOT "%s", rows[i].demos);
        assert_refused("summary.json", text, rows[i].says);
    }
}

Test(measured, every_cut_of_a_summary_is_refused)
{
    struct bundle_fixture fixture = small();
    char *path = fixture_write(&fixture), *whole = json_dumps(fixture.summary, JSON_COMPACT);
    size_t size = strlen(whole);
    for (size_t cut = 0; cut < size; cut += 7) {
        struct measured measured;
        struct error error;
        char *text = strndup(whole, cut);
        fixture_spoil(path, "summary.json", text);
        read_bundle(path, &measured, &error);
        cr_assert_neq(error.text[0], 0, "cut at %zu", cut);
        measured_free(&measured);
        free(text);
    }
    free(whole);
    fixture_remove(path);
    fixture_free(&fixture);
}

static void assert_altered(const char *file, const char *content, const char *says)
{
    struct bundle_fixture fixture = small();
    char *path = fixture_write(&fixture);
    struct measured measured;
    struct error error;
    fixture_spoil(path, file, content);
    read_bundle(path, &measured, &error);
    cr_assert_str_eq(error.text, "");
    cr_assert_not_null(measured.altered);
    cr_assert_not_null(strstr(measured.altered, says), "%s", measured.altered);
    measured_free(&measured);
    fixture_remove(path);
    fixture_free(&fixture);
}

Test(measured, a_changed_file_is_told_by_its_checksum)
{
    assert_altered("summary.json",
                   ROOT "{\"a\":{\"bare\":{\"cpu.time\":{\"unit\":\"ns\",\"values\":[1,2,3]}}}}}",
                   "summary.json is not what was written: SHA256SUMS has another checksum");
    assert_altered("SHA256SUMS", NULL, "it has no SHA256SUMS");
    assert_altered("SHA256SUMS", "x\n",
                   "experiment.json is not what was written: SHA256SUMS has no checksum");
}

Test(measured, hostile_names_become_text_and_unknown_metrics_are_left_out)
{
    struct bundle_fixture fixture = small();
    char *path = fixture_write(&fixture);
    struct measured measured;
    struct error error;
    fixture_spoil(
        path, "summary.json",
        ROOT "{\"\xff\xfe</script>\":{\"bare\":{\"cpu.time\":{\"values\":[1]},\"new.metric\":{\"a\":[]}}}}}");
    read_bundle(path, &measured, &error);
    cr_assert_str_eq(error.text, "");
    cr_assert_str_eq(measured.demos[0].name, "\xef\xbf\xbd\xef\xbf\xbd</script>");
    cr_assert_str_eq(measured.unknown, "new.metric");
    measured_free(&measured);
    fixture_remove(path);
    fixture_free(&fixture);
}
