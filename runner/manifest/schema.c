#include "runner/manifest/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/describe.h"
#include "runner/manifest/experiment.h"
#include "runner/manifest/fields.h"
#include "runner/manifest/texts.h"
#include "runner/manifest/units.h"

/* jansson takes the reference that it is given, and passes a NULL on: after a failed allocation the schema is
   incomplete. It is printed for people and for the committed file, never read by a run. */

static json_t *section_schema(enum section section);

static json_t *word_enum(const struct word *words)
{
    json_t *names = json_array();
    for (const struct word *word = words; word && word->name; word++) {
        json_array_append_new(names, json_string(word->name));
        if (strcmp(word->name, "off") == 0) /* what readers of YAML 1.1 make of it */
            json_array_append_new(names, json_false());
    }
    return json_pack("{s:o}", "enum", names);
}

/* {"anyOf": [schema, {"enum": [words]}]}, or the schema alone where there are no words. */
static json_t *or_words(json_t *schema, const struct word *words)
{
    return words ? json_pack("{s:[o,o]}", "anyOf", schema, word_enum(words)) : schema;
}

static json_t *text_schema(const struct field *field)
{
    json_t *schema = json_pack("{s:s}", "type", "string");
    if (field->rule && field->rule->pattern)
        json_object_set_new(schema, "pattern", json_string(field->rule->pattern));
    if (field->rule)
        json_object_set_new(schema, "maxLength", json_integer((json_int_t)field->rule->longest));
    return schema;
}

/* What YAML 1.2 reads as a number or a switch is a text all the same where a text is wanted. */
static json_t *loose_text_schema(const struct field *field)
{
    json_t *schema = text_schema(field);
    json_object_set_new(schema, "type", json_pack("[s,s,s]", "string", "number", "boolean"));
    return schema;
}

static json_t *unit_schema(const struct unit *units)
{
    char names[64];
    char pattern[128];
    units_names(units, "|", names, sizeof names);
    snprintf(pattern, sizeof pattern, "^(0|[0-9]+(\\.[0-9]+)?(%s))$", names);
    return json_pack("{s:[{s:i},{s:s,s:s}]}", "anyOf", "const", 0, "type", "string", "pattern", pattern);
}

static json_t *number_schema(const struct field *field)
{
    json_t *schema = json_pack("{s:s,s:I}", "type", "integer", "minimum", (json_int_t)field->least);
    if (field->most != INT64_MAX)
        json_object_set_new(schema, "maximum", json_integer((json_int_t)field->most));
    return schema;
}

static json_t *list_schema(const struct field *field, json_t *items)
{
    json_t *schema = json_pack("{s:s,s:o}", "type", "array", "items", items);
    if (field->least)
        json_object_set_new(schema, "minItems", json_integer((json_int_t)field->least));
    if (field->most)
        json_object_set_new(schema, "maxItems", json_integer((json_int_t)field->most));
    return schema;
}

static json_t *env_schema(const struct field *field)
{
    return json_pack("{s:s,s:{s:s},s:o,s:I}", "type", "object", "propertyNames", "pattern",
                     "^[A-Za-z_][A-Za-z0-9_]*$", "additionalProperties", loose_text_schema(field),
                     "maxProperties", (json_int_t)field->most);
}

static json_t *cpus_schema(void)
{
    return json_pack("{s:[{s:s,s:f,s:i},{s:s,s:s}]}", "anyOf", "type", "number", "minimum", 0.01, "maximum",
                     1024, "type", "string", "pattern", "^(max|[0-9]+(\\.[0-9]+)?|(max|[0-9]+) [0-9]+)$");
}

static json_t *headers_schema(const struct field *field)
{
    return json_pack("{s:s,s:{s:s},s:o,s:I}", "type", "object", "propertyNames", "pattern", TEXTS_HEADER_NAME,
                     "additionalProperties", loose_text_schema(field), "maxProperties",
                     (json_int_t)field->most);
}

static json_t *work_schema(const struct field *field)
{
    return json_pack("{s:[o,{s:s,s:{s:{s:s}},s:[s],s:b}]}", "anyOf", word_enum(field->words), "type",
                     "object", "properties", "stdout", "type", "string", "required", "stdout",
                     "additionalProperties", 0);
}

static json_t *exit_schema(void)
{
    json_t *names = json_array();
    for (unsigned i = 0; i < VERDICT_COUNT; i++)
        json_array_append_new(names, json_string(verdict_name((enum verdict)i)));
    return json_pack("{s:[{s:o},{s:s,s:{s:{s:s,s:i,s:i}},s:[s],s:b}]}", "anyOf", "enum", names, "type",
                     "object", "properties", "code", "type", "integer", "minimum", 0, "maximum", 255,
                     "required", "code", "additionalProperties", 0);
}

static json_t *value_schema(const struct field *field)
{
    switch (field->kind) {
    case FIELD_SECTION:
        return section_schema(field->child);
    case FIELD_DEMOS:
    case FIELD_GATES:
        return list_schema(field, section_schema(field->child));
    case FIELD_NUMBER:
        return or_words(number_schema(field), field->words);
    case FIELD_SIZE:
        return or_words(unit_schema(units_size), field->words);
    case FIELD_DURATION:
        return unit_schema(units_time);
    case FIELD_RATE:
        return unit_schema(units_rate);
    case FIELD_HERTZ:
        return or_words(unit_schema(units_hertz), field->words);
    case FIELD_RATES:
        return list_schema(field, unit_schema(units_rate));
    case FIELD_HEADERS:
        return headers_schema(field);
    case FIELD_URL:
        return json_pack("{s:s,s:s}", "type", "string", "pattern", "^http://");
    case FIELD_WORK:
        return work_schema(field);
    case FIELD_SWITCH:
        return json_pack("{s:[{s:s},{s:[s,s,s,s]}]}", "anyOf", "type", "boolean", "enum", "on", "off", "yes",
                         "no");
    case FIELD_CHOICE:
    case FIELD_SIGNAL:
        return word_enum(field->words);
    case FIELD_CHOICES:
        return list_schema(field, word_enum(field->words));
    case FIELD_CPUS:
        return cpus_schema();
    case FIELD_TEXT:
        return text_schema(field);
    case FIELD_TEXTS:
    case FIELD_COMMAND:
        return list_schema(field, loose_text_schema(field));
    case FIELD_ENV:
        return env_schema(field);
    case FIELD_PATH:
        return json_pack("{s:s,s:i}", "type", "string", "minLength", 1);
    case FIELD_PATHS:
        return list_schema(field, json_pack("{s:s,s:i}", "type", "string", "minLength", 1));
    case FIELD_BOUND:
        return json_pack("{s:[{s:s,s:i},{s:s,s:s}]}", "anyOf", "type", "number", "minimum", 0, "type",
                         "string", "pattern", "^(none|[0-9]+(\\.[0-9]+)?[A-Za-z/]*)$");
    case FIELD_CHANGE:
        return json_pack("{s:s,s:s}", "type", "string", "pattern", "^[+-]?[0-9]+(\\.[0-9]+)?%$");
    case FIELD_EXIT:
        return exit_schema();
    case FIELD_KIND_COUNT:
        break;
    }
    return NULL;
}

/* The default as JSON: a number and a switch as such, anything else as text. */
static json_t *default_value(const struct field *field)
{
    if (field->kind == FIELD_NUMBER)
        return json_integer(strtoll(field->fallback, NULL, 10));
    if (field->kind == FIELD_SWITCH)
        return json_boolean(strcmp(field->fallback, "on") == 0);
    return json_string(field->fallback);
}

static json_t *section_schema(enum section section)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &fields[i];
        if (field->section != section)
            continue;
        char text[1024];
        char value[512];
        json_t *schema = value_schema(field);
        describe_value(field, value, sizeof value);
        snprintf(text, sizeof text, "%s (%s)", field->meaning, value);
        json_object_set_new(schema, "description",
                            json_string(field->kind == FIELD_SECTION ? field->meaning : text));
        if (field->fallback)
            json_object_set_new(schema, "default", default_value(field));
        json_object_set_new(properties, field->key, schema);
        if (field->required)
            json_array_append_new(required, json_string(field->key));
    }
    json_t *schema =
        json_pack("{s:s,s:o,s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
    if (json_array_size(required))
        json_object_set(schema, "required", required);
    json_decref(required);
    if (section == SECTION_GATE)
        json_object_set_new(schema, "oneOf",
                            json_pack("[{s:[s]},{s:[s]}]", "required", "metric", "required", "finding"));
    if (section == SECTION_DEMO)
        json_object_set_new(schema, "oneOf",
                            json_pack("[{s:[s]},{s:[s]}]", "required", "build", "required", "exec"));
    return schema;
}

void manifest_print_schema(FILE *out)
{
    json_t *body = section_schema(SECTION_ROOT);
    json_t *schema = json_pack("{s:s,s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema",
                               "title", "Manifest of an experiment");
    json_object_update(schema, body);
    json_dumpf(schema, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    fputc('\n', out);
    json_decref(body);
    json_decref(schema);
}
