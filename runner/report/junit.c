#include "runner/report/junit.h"

#include <string.h>

#include "runner/report/text.h"

enum { TEXT_SIZE = 4096 };

/* Text and values of attributes alike. XML 1.0 has no form at all for most control characters: they become
   '?', and line breaks, which attributes would lose, become references. */
static void put_text(const char *text, FILE *out)
{
    static const struct {
        char c;
        const char *escaped;
    } escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}};
    char line[TEXT_SIZE], clean[TEXT_SIZE];
    for (bool first = true; text && (first || *text); first = false) {
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1), text);
        text_clean(line, clean, sizeof clean);
        for (const char *at = clean; *at; at++) {
            const char *escaped = NULL;
            for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
                escaped = escapes[i].c == *at ? escapes[i].escaped : escaped;
            if (escaped)
                fputs(escaped, out);
            else
                fputc(*at, out);
        }
        text += length;
        if (*text++ == 0)
            return;
        fputs("&#10;", out);
    }
}

static void put_attribute(const char *name, const char *value, FILE *out)
{
    fprintf(out, " %s=\"", name);
    put_text(value, out);
    fputc('"', out);
}

struct counts {
    unsigned tests, failures, errors, skipped;
    double seconds;
};

static bool is_case(const struct result *result)
{
    return result->kind != RESULT_FINDING;
}

/* Of one bundle, or of all: `bundle` is SIZE_MAX. */
static struct counts count_cases(const struct results *results, size_t bundle)
{
    struct counts counts = {0};
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->list[i];
        if (!is_case(result) || (bundle != SIZE_MAX && result->bundle != bundle))
            continue;
        counts.tests++;
        counts.failures += result->outcome == RESULT_BAD;
        counts.errors += result->outcome == RESULT_BROKEN;
        counts.skipped += result->outcome == RESULT_UNDECIDED;
        counts.seconds += result->seconds;
    }
    return counts;
}

static void put_counts(const struct counts *counts, FILE *out)
{
    fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\"", counts->tests,
            counts->failures, counts->errors, counts->skipped, counts->seconds);
}

static const char *element_of(enum result_outcome outcome)
{
    return outcome == RESULT_BROKEN      ? "error"
           : outcome == RESULT_BAD       ? "failure"
           : outcome == RESULT_UNDECIDED ? "skipped"
                                         : NULL;
}

static void put_case(const struct result *result, const char *experiment, FILE *out)
{
    static const char *const types[] = {[RESULT_EXPERIMENT] = "experiment",
                                        [RESULT_VERDICT] = "verdict",
                                        [RESULT_GATE] = "gate",
                                        [RESULT_FINDING] = "finding"};
    char class[TEXT_SIZE];
    snprintf(class, sizeof class, "%.300s%s%.300s", experiment, result->demo ? "." : "",
             result->demo ? result->demo : "");
    fputs("    <testcase", out);
    put_attribute("classname", class, out);
    put_attribute("name", result->name, out);
    fprintf(out, " time=\"%.3f\"", result->seconds);
    const char *element = element_of(result->outcome);
    if (!element) {
        fputs("/>\n", out);
        return;
    }
    fprintf(out, ">\n      <%s", element);
    put_attribute("message", result->text, out);
    if (result->outcome != RESULT_UNDECIDED)
        put_attribute("type", types[result->kind], out);
    fputs("/>\n    </testcase>\n", out);
}

static const char *fact(const struct measured *bundle, const char *key)
{
    const char *text = json_string_value(json_object_get(bundle->facts, key));
    return text ? text : "";
}

static void put_property(const char *name, const char *value, FILE *out)
{
    fputs("      <property", out);
    put_attribute("name", name, out);
    put_attribute("value", value, out);
    fputs("/>\n", out);
}

static void put_suite(const struct results *results, size_t place, const struct measured *bundle, FILE *out)
{
    struct counts counts = count_cases(results, place);
    const char *host =
        json_string_value(json_object_get(json_object_get(bundle->facts, "environment"), "hostname"));
    char started[20]; /* without a zone: the schemas allow none */
    snprintf(started, sizeof started, "%s",
             *fact(bundle, "started") ? fact(bundle, "started") : "1970-01-01T00:00:00");
    fputs("  <testsuite", out);
    put_attribute("name", bundle->experiment, out);
    put_attribute("package", bundle->name, out);
    fprintf(out, " id=\"%zu\"", place);
    put_attribute("timestamp", started, out);
    put_attribute("hostname", host ? host : "localhost", out);
    put_counts(&counts, out);
    fputs(">\n    <properties>\n", out);
    put_property("bundle", bundle->label, out);
    put_property("runner_version", fact(bundle, "runner_version"), out);
    fputs("    </properties>\n", out);
    for (size_t i = 0; i < results->count; i++)
        if (results->list[i].bundle == place && is_case(&results->list[i]))
            put_case(&results->list[i], bundle->experiment, out);
    fputs("    <system-out/>\n    <system-err/>\n  </testsuite>\n", out);
}

void junit_write(const struct results *results, const struct measured *const *bundles, size_t count,
                 FILE *out)
{
    struct counts counts = count_cases(results, SIZE_MAX);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"runner\"", out);
    put_counts(&counts, out);
    fputs(">\n", out);
    for (size_t i = 0; i < count; i++)
        put_suite(results, i, bundles[i], out);
    fputs("</testsuites>\n", out);
}
