#include "runner/manifest/describe.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runner/manifest/experiment.h"
#include "runner/manifest/units.h"
#include "runner/manifest/values.h"

static const char *const kinds[FIELD_KIND_COUNT] = {
    [FIELD_SECTION] = "mapping",
    [FIELD_DEMOS] = "list of mappings",
    [FIELD_GATES] = "list of mappings",
    [FIELD_BOUND] = "number with its unit",
    [FIELD_CHANGE] = "percentage with a sign",
    [FIELD_NUMBER] = "number",
    [FIELD_SIZE] = "size",
    [FIELD_DURATION] = "time",
    [FIELD_RATE] = "rate",
    [FIELD_RATES] = "list of rates",
    [FIELD_HERTZ] = "frequency",
    [FIELD_SWITCH] = "on or off",
    [FIELD_CHOICE] = "one of",
    [FIELD_CHOICES] = "list of",
    [FIELD_CPUS] = "CPUs",
    [FIELD_SIGNAL] = "one of",
    [FIELD_TEXT] = "text",
    [FIELD_TEXTS] = "list of texts",
    [FIELD_COMMAND] = "list of texts",
    [FIELD_ENV] = "mapping of names to texts",
    [FIELD_HEADERS] = "mapping of header names to texts",
    [FIELD_URL] = "URL",
    [FIELD_WORK] = "{stdout: KEY}, the key of a number in a JSON line of the demo",
    [FIELD_PATH] = "path",
    [FIELD_PATHS] = "list of paths",
    [FIELD_EXIT] = "verdict",
};

struct line {
    char *text;
    size_t size, used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    if (line->used >= line->size)
        return;
    va_start(arguments, format);
    line->used += (size_t)vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
    va_end(arguments);
}

static void add_range(struct line *line, const struct field *field)
{
    static const struct unit none[] = {{"", 1}, {NULL, 0}};
    const struct unit *units = values_units(field->kind) ? values_units(field->kind) : none;
    char least[32];
    char most[32];
    units_format(field->least, units, least, sizeof least);
    units_format(field->most, units, most, sizeof most);
    if (field->least == field->most)
        add(line, " %s", least);
    else if (field->most == INT64_MAX)
        add(line, " from %s", least);
    else
        add(line, " %s to %s", least, most);
}

void describe_value(const struct field *field, char *text, size_t size)
{
    struct line line = {.text = text, .size = size};
    bool words = field->kind == FIELD_CHOICE || field->kind == FIELD_CHOICES || field->kind == FIELD_SIGNAL;
    add(&line, "%s", kinds[field->kind]);
    if (field->kind == FIELD_NUMBER || values_units(field->kind))
        add_range(&line, field);
    for (const struct word *word = field->words; word && word->name; word++)
        add(&line, "%s%s", words ? word == field->words ? " " : ", " : ", or ", word->name);
    if (field->rule && field->rule->pattern)
        add(&line, ": %s", field->rule->says);
}

void describe_default(const struct field *field, char *text, size_t size)
{
    if (field->required)
        snprintf(text, size, "required");
    else if (field->fallback)
        snprintf(text, size, "default %s", field->fallback);
    else
        text[0] = 0;
}
