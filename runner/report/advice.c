#include "runner/report/advice.h"

#include <string.h>

#include "runner/findings/findings.h"
#include "runner/report/paragraph.h"
#include "runner/report/text.h"

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static const char *color_of(enum severity severity)
{
    return severity >= SEVERITY_SERIOUS ? "\033[31m" : severity == SEVERITY_WARNING ? "\033[33m" : "\033[2m";
}

/* "  leak: goroutine-leak (serious), in 6 of 6 observed trials" and its sentences. */
static void print_row(const char *demo, const json_t *row, bool color, FILE *out)
{
    char name[64];
    char clean_demo[64];
    char role[16];
    const char *severity_text = text_of(row, "severity");
    enum severity severity = severity_text ? severity_by_name(severity_text) : SEVERITY_COUNT;
    text_clean(text_of(row, "name"), name, sizeof name);
    text_clean(demo, clean_demo, sizeof clean_demo);
    text_clean(text_of(row, "role"), role, sizeof role);
    json_int_t of = json_integer_value(json_object_get(row, "of"));
    fprintf(out, "  %s: %s%s%s (%s), in %lld of %lld %s trial%s\n", clean_demo,
            color && severity < SEVERITY_COUNT ? color_of(severity) : "", name, color ? "\033[0m" : "",
            severity_name(severity), json_integer_value(json_object_get(row, "shown")), of, role,
            of == 1 ? "" : "s");
    const json_t *examples = json_object_get(row, "examples");
    size_t i;
    const json_t *example;
    json_array_foreach (examples, i, example)
        paragraph_print(text_of(example, "sentence"), out);
    const char *advice = text_of(json_array_get(examples, 0), "advice");
    if (advice)
        paragraph_print(advice, out);
}

static size_t print_demo(const char *demo, const json_t *findings, bool color, bool begun, FILE *out)
{
    size_t printed = 0;
    for (unsigned severity = SEVERITY_COUNT; severity-- > SEVERITY_NONE;) {
        size_t i;
        const json_t *row;
        json_array_foreach (findings, i, row) {
            const char *text = text_of(row, "severity");
            if (!text || severity_by_name(text) != (enum severity)severity)
                continue;
            if (printed++ == 0 && !begun)
                fprintf(out, "\n%sfindings%s\n", color ? "\033[1m" : "", color ? "\033[0m" : "");
            print_row(demo, row, color, out);
        }
    }
    return printed;
}

/* Whether no earlier demo had the same row. */
static bool is_new(const json_t *seen, const char *reason, const char *name)
{
    size_t i;
    const json_t *known;
    json_array_foreach (json_object_get(seen, reason), i, known)
        if (strcmp(json_string_value(known), name) == 0)
            return false;
    return true;
}

/* Names by reason, over all demos. */
static json_t *not_looked_for(json_t *demos)
{
    const char *demo;
    json_t *facts;
    json_t *by_reason = json_object();
    json_object_foreach (demos, demo, facts) {
        size_t i;
        const json_t *row;
        json_array_foreach (json_object_get(facts, "findings_not_looked_for"), i, row) {
            const char *name = text_of(row, "name");
            const char *reason = text_of(row, "reason");
            if (!name || !reason || !is_new(by_reason, reason, name))
                continue;
            json_t *names = json_object_get(by_reason, reason);
            if (!names)
                json_object_set_new(by_reason, reason, names = json_array());
            json_array_append_new(names, json_string(name));
        }
    }
    return by_reason;
}

static void print_not_looked_for(json_t *demos, FILE *out)
{
    json_t *by_reason = not_looked_for(demos);
    const char *reason;
    json_t *names;
    json_object_foreach (by_reason, reason, names) {
        char text[2 * FINDING_SENTENCE] = "";
        size_t used = 0;
        size_t i;
        const json_t *name;
        json_array_foreach (names, i, name)
            if (used < sizeof text)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
                                         json_string_value(name));
        char clean[2 * FINDING_SENTENCE];
        char clean_reason[FINDING_REASON];
        text_clean(text, clean, sizeof clean);
        text_clean(reason, clean_reason, sizeof clean_reason);
        fprintf(out, "not looked for: %s (%s)\n", clean, clean_reason);
    }
    json_decref(by_reason);
}

void advice_print(const json_t *summary, bool color, FILE *out)
{
    const char *demo;
    json_t *facts;
    json_t *demos = json_object_get(summary, "demos");
    size_t printed = 0;
    json_object_foreach (demos, demo, facts)
        printed += print_demo(demo, json_object_get(facts, "findings"), color, printed > 0, out);
    if (printed)
        fputs("\n  `runner help findings` tells what each of them means and from when on it is one.\n", out);
    print_not_looked_for(demos, out);
}
