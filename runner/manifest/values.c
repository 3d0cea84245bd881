#include "runner/manifest/values.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runner/manifest/experiment.h"
#include "runner/manifest/load_values.h"
#include "runner/manifest/suggest.h"
#include "runner/manifest/texts.h"
#include "runner/manifest/units.h"
#include "runner/manifest/utf8.h"

/* The kernel's bounds, kernel/sched/core.c: min_cfs_quota_period, max_cfs_quota_period, in microseconds. */
#define CPU_PERIOD_DEFAULT 100000
#define CPU_PERIOD_LEAST   1000
#define CPU_PERIOD_MOST    1000000
#define CPUS_MOST          1024

typedef void value_parse(struct values *values, const struct field *field, const struct tree_node *node,
                         void *member);

const char *values_path(struct values_path *path, const struct field *field)
{
    const char *section = section_name(field->section);
    snprintf(path->text, sizeof path->text, "%s%s%s", section, *section ? "." : "", field->key);
    return path->text;
}

void values_wrong_type(struct values *values, const struct field *field, const struct tree_node *node,
                       const char *expected)
{
    static const char *const kinds[] = {"a value", "a list", "a mapping"};
    struct values_path path;
    struct quote text;
    if (node->kind != TREE_SCALAR || tree_is_nothing(node))
        diagnostics_add(values->diagnostics, node->place, "%s: expected %s, found %s",
                        values_path(&path, field), expected,
                        node->kind == TREE_SCALAR ? "nothing" : kinds[node->kind]);
    else
        diagnostics_add(values->diagnostics, node->place, "%s: expected %s, found %s'%s'",
                        values_path(&path, field), expected, node->plain ? "" : "the quoted text ",
                        quote(&text, node->text, node->length));
}

/* A number, a size or a duration that is no word: the problem with it in words. */
static void wrong_unit(struct values *values, const struct field *field, const struct tree_node *node,
                       enum units_problem problem, const struct unit *units)
{
    struct values_path path;
    struct quote text;
    struct suggest suggest = {.word = node->text + strspn(node->text, "0123456789.")};
    char names[64] = "";
    if (units)
        units_names(units, ", ", names, sizeof names);
    for (const struct unit *unit = units; unit && unit->name; unit++)
        suggest_candidate(&suggest, unit->name);
    const char *why = problem == UNITS_NEGATIVE    ? "is below 0"
                      : problem == UNITS_TOO_LARGE ? "is too large"
                      : problem == UNITS_FRACTION  ? "is not a whole number of the smallest unit"
                      : problem == UNITS_SPACE     ? "has a space before its unit"
                      : problem == UNITS_NO_UNIT   ? "has no unit; use one of"
                                                   : "has an unknown unit; use one of";
    bool list = problem == UNITS_NO_UNIT || (problem == UNITS_UNKNOWN_UNIT && !suggest.best);
    const char *shown = quote(&text, node->text, node->length);
    if (problem == UNITS_UNKNOWN_UNIT && suggest.best)
        diagnostics_add(values->diagnostics, node->place, "%s: '%s' has an unknown unit; did you mean '%s'?",
                        values_path(&path, field), shown, suggest.best);
    else
        diagnostics_add(values->diagnostics, node->place, "%s: '%s' %s%s%s", values_path(&path, field), shown,
                        why, list ? " " : "", list ? names : "");
}

static const struct word *find_word(const struct field *field, const struct tree_node *node)
{
    for (const struct word *word = field->words; word && word->name; word++)
        if (strlen(word->name) == node->length && memcmp(word->name, node->text, node->length) == 0)
            return word;
    return NULL;
}

static void store(const struct field *field, uint64_t value, void *member)
{
    uint32_t narrow = (uint32_t)value;
    bool truth = value != 0;
    if (field->width == sizeof value)
        memcpy(member, &value, sizeof value);
    else if (field->width == sizeof narrow)
        memcpy(member, &narrow, sizeof narrow);
    else if (field->width == sizeof truth)
        memcpy(member, &truth, sizeof truth);
}

/* Digits alone, and no leading 0: YAML 1.1 would take that for octal. */
static bool is_whole(const char *text)
{
    return text[strspn(text, "0123456789")] == 0 && (text[0] != '0' || text[1] == 0);
}

const struct unit *values_units(enum field_kind kind)
{
    static const struct unit *const units[FIELD_KIND_COUNT] = {
        [FIELD_SIZE] = units_size,
        [FIELD_DURATION] = units_time,
        [FIELD_RATE] = units_rate,
        [FIELD_HERTZ] = units_hertz,
    };
    return units[kind];
}

static const char *const number_names[FIELD_KIND_COUNT] = {[FIELD_NUMBER] = "a whole number",
                                                           [FIELD_SIZE] = "a size such as 64MiB",
                                                           [FIELD_DURATION] = "a time such as 30s",
                                                           [FIELD_RATE] = "a rate such as 500/s",
                                                           [FIELD_HERTZ] = "a frequency such as 99Hz"};

/* Numbers, sizes, durations, rates and frequencies are one thing but for their units. */
static void parse_number(struct values *values, const struct field *field, const struct tree_node *node,
                         void *member)
{
    const struct unit *units = values_units(field->kind);
    const char *expected = number_names[field->kind];
    uint64_t value = 0;
    const struct word *word = node->kind == TREE_SCALAR ? find_word(field, node) : NULL;
    if (word) {
        store(field, word->value, member);
        return;
    }
    if (node->kind != TREE_SCALAR || tree_is_nothing(node) || (!units && !node->plain)) {
        values_wrong_type(values, field, node, expected);
        return;
    }
    enum units_problem problem =
        units ? units_parse(node->text, units, &value) : units_decimal(node->text, 1, &value);
    if (strlen(node->text) != node->length || problem == UNITS_NOT_A_NUMBER ||
        (!units && problem != UNITS_NEGATIVE && !is_whole(node->text))) {
        values_wrong_type(values, field, node, expected);
    } else if (problem) {
        wrong_unit(values, field, node, problem, units);
    } else if (value < field->least || value > field->most) {
        struct values_path path;
        char least[32];
        char most[32];
        static const struct unit none[] = {{"", 1}, {NULL, 0}};
        units_format(field->least, units ? units : none, least, sizeof least);
        units_format(field->most, units ? units : none, most, sizeof most);
        bool single = field->least == field->most;
        diagnostics_add(values->diagnostics, node->place, "%s: %s is out of range; it is %s%s%s",
                        values_path(&path, field), node->text, least, single ? "" : " to ",
                        single ? "" : most);
    } else {
        store(field, value, member);
    }
}

static void parse_switch(struct values *values, const struct field *field, const struct tree_node *node,
                         void *member)
{
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};
    for (size_t i = 0; node->kind == TREE_SCALAR && node->plain && i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(node->text, words[i]) == 0) {
            store(field, i % 2, member);
            return;
        }
    values_wrong_type(values, field, node, "on or off");
}

static void list_words(const struct word *words, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (const struct word *word = words; word->name && used < size; word++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", word == words ? "" : ", ", word->name);
}

/* The word that the node names, NULL with a diagnostic. */
static const struct word *parse_word(struct values *values, const struct field *field,
                                     const struct tree_node *node, const struct word *words)
{
    struct values_path path;
    struct quote text;
    char names[256];
    struct suggest suggest = {.word = node->kind == TREE_SCALAR ? node->text : ""};
    list_words(words, names, sizeof names);
    if (node->kind != TREE_SCALAR || tree_is_nothing(node)) {
        char expected[300];
        snprintf(expected, sizeof expected, "one of %s", names);
        values_wrong_type(values, field, node, expected);
        return NULL;
    }
    for (const struct word *word = words; word->name; word++) {
        if (strlen(word->name) == node->length && memcmp(word->name, node->text, node->length) == 0)
            return word;
        suggest_candidate(&suggest, word->name);
    }
    const char *shown = quote(&text, node->text, node->length);
    if (suggest.best)
        diagnostics_add(values->diagnostics, node->place, "%s: unknown word '%s'; did you mean '%s'?",
                        values_path(&path, field), shown, suggest.best);
    else
        diagnostics_add(values->diagnostics, node->place, "%s: unknown word '%s'; it is one of %s",
                        values_path(&path, field), shown, names);
    return NULL;
}

static void parse_choice(struct values *values, const struct field *field, const struct tree_node *node,
                         void *member)
{
    const struct word *word = parse_word(values, field, node, field->words);
    if (word)
        store(field, word->value, member);
}

static void parse_choices(struct values *values, const struct field *field, const struct tree_node *node,
                          void *member)
{
    uint64_t bits = 0;
    if (node->kind != TREE_SEQUENCE) {
        values_wrong_type(values, field, node, "a list");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct word *word = parse_word(values, field, node->items[i], field->words);
        bits |= word ? word->value : 0;
    }
    store(field, bits, member);
}

/* "quota period" in microseconds, quota a number or max. */
static bool parse_quota_period(const char *text, struct cgroup_limits *limits)
{
    char quota[24];
    const char *space = strchr(text, ' ');
    if (!space || (size_t)(space - text) >= sizeof quota)
        return false;
    memcpy(quota, text, (size_t)(space - text));
    quota[space - text] = 0;
    if (strcmp(quota, "max") == 0)
        limits->cpu_quota_us = LIMIT_MAX;
    else if (units_decimal(quota, 1, &limits->cpu_quota_us))
        return false;
    return units_decimal(space + 1, 1, &limits->cpu_period_us) == UNITS_FINE;
}

static void parse_cpus(struct values *values, const struct field *field, const struct tree_node *node,
                       void *member)
{
    struct cgroup_limits limits = {.cpu_quota_us = LIMIT_MAX, .cpu_period_us = CPU_PERIOD_DEFAULT};
    struct cgroup_limits *result = member;
    struct values_path path;
    if (node->kind != TREE_SCALAR || tree_is_nothing(node) || strlen(node->text) != node->length ||
        (strcmp(node->text, "max") != 0 && !parse_quota_period(node->text, &limits) &&
         units_decimal(node->text, CPU_PERIOD_DEFAULT, &limits.cpu_quota_us))) {
        values_wrong_type(values, field, node, "CPUs such as 0.5, or \"50000 100000\", or max");
        return;
    }
    if (limits.cpu_period_us < CPU_PERIOD_LEAST || limits.cpu_period_us > CPU_PERIOD_MOST) {
        diagnostics_add(values->diagnostics, node->place,
                        "%s: the period is out of range; it is 1000 to 1000000", values_path(&path, field));
        return;
    }
    if (limits.cpu_quota_us != LIMIT_MAX &&
        (limits.cpu_quota_us < CPU_PERIOD_LEAST || limits.cpu_quota_us > CPUS_MOST * limits.cpu_period_us)) {
        diagnostics_add(values->diagnostics, node->place,
                        "%s: out of range; the kernel takes a quota of 1000us (0.01 CPUs) to 1024 CPUs",
                        values_path(&path, field));
        return;
    }
    result->cpu_quota_us = limits.cpu_quota_us;
    result->cpu_period_us = limits.cpu_period_us;
}

static void parse_exit_code(struct values *values, const struct field *field, const struct tree_node *node,
                            struct expectation *expect)
{
    const struct tree_node *code = tree_get(node, "code");
    uint32_t number = 0;
    struct field row = {.section = field->section,
                        .key = "exit.code",
                        .kind = FIELD_NUMBER,
                        .width = sizeof number,
                        .most = 255};
    size_t before = values->diagnostics->count + values->diagnostics->dropped;
    if (!code || node->count != 2) {
        values_wrong_type(values, field, node, "a verdict's name or {code: N}");
        return;
    }
    parse_number(values, &row, code, &number);
    if (values->diagnostics->count + values->diagnostics->dropped != before)
        return;
    expect->verdict = number ? VERDICT_EXIT : VERDICT_OK;
    expect->code = number ? (int)number : -1;
}

static void parse_exit(struct values *values, const struct field *field, const struct tree_node *node,
                       void *member)
{
    struct expectation *expect = member;
    struct word words[VERDICT_COUNT + 1] = {{NULL, 0}};
    for (unsigned i = 0; i < VERDICT_COUNT; i++)
        words[i] = (struct word){verdict_name((enum verdict)i), i};
    if (node->kind == TREE_MAPPING) {
        parse_exit_code(values, field, node, expect);
        return;
    }
    const struct word *word = parse_word(values, field, node, words);
    if (!word)
        return;
    expect->verdict = (enum verdict)word->value;
    expect->code = -1;
}

/* Kept as written: what it means depends on keys beside it. */
static void parse_written(struct values *values, const struct field *field, const struct tree_node *node,
                          void *member)
{
    static const struct text_rule rule = {NULL, "a number", 64, .printable = true};
    struct field row = *field;
    row.rule = &rule;
    if (node->kind != TREE_SCALAR || tree_is_nothing(node)) {
        values_wrong_type(values, field, node,
                          field->kind == FIELD_CHANGE ? "a change such as +5%" : "a number with its unit");
        return;
    }
    texts_text(values, &row, node, member);
}

static value_parse *const parsers[FIELD_KIND_COUNT] = {
    [FIELD_NUMBER] = parse_number,   [FIELD_SIZE] = parse_number,       [FIELD_DURATION] = parse_number,
    [FIELD_SWITCH] = parse_switch,   [FIELD_CHOICE] = parse_choice,     [FIELD_CHOICES] = parse_choices,
    [FIELD_CPUS] = parse_cpus,       [FIELD_SIGNAL] = parse_choice,     [FIELD_TEXT] = texts_text,
    [FIELD_TEXTS] = texts_list,      [FIELD_COMMAND] = texts_command,   [FIELD_ENV] = texts_env,
    [FIELD_PATH] = texts_path,       [FIELD_PATHS] = texts_paths,       [FIELD_EXIT] = parse_exit,
    [FIELD_RATE] = parse_number,     [FIELD_RATES] = load_values_rates, [FIELD_HEADERS] = texts_headers,
    [FIELD_URL] = load_values_url,   [FIELD_BOUND] = parse_written,     [FIELD_CHANGE] = parse_written,
    [FIELD_WORK] = load_values_work, [FIELD_HERTZ] = parse_number,
};

void values_parse(struct values *values, const struct field *field, const struct tree_node *node,
                  void *object)
{
    parsers[field->kind](values, field, node, (char *)object + field->offset);
}

void values_default(struct values *values, const struct field *field, void *object)
{
    void *member = (char *)object + field->offset;
    if (field->kind == FIELD_CPUS) {
        struct cgroup_limits *limits = member;
        limits->cpu_quota_us = LIMIT_UNSET;
        limits->cpu_period_us = CPU_PERIOD_DEFAULT;
    } else if (field->fallback) {
        char text[64];
        snprintf(text, sizeof text, "%s", field->fallback);
        struct tree_node node = {.kind = TREE_SCALAR, .plain = true, .text = text, .length = strlen(text)};
        values_parse(values, field, &node, object);
    } else if (number_names[field->kind]) {
        store(field, field->unset, member);
    }
}
