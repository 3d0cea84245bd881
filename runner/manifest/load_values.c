#include "runner/manifest/load_values.h"

#include <string.h>

#include "runner/manifest/experiment.h"
#include "runner/manifest/texts.h"
#include "runner/manifest/url.h"
#include "runner/manifest/utf8.h"

void load_values_url(struct values *values, const struct field *field, const struct tree_node *node,
                     void *member)
{
    struct values_path path;
    struct quote text;
    if (node->kind != TREE_SCALAR || tree_is_nothing(node) || strlen(node->text) != node->length) {
        values_wrong_type(values, field, node, "a URL such as http://127.0.0.1:8080/");
        return;
    }
    const char *wrong = node->length > 4096 ? "is longer than 4096 bytes" : url_parse(node->text, member);
    if (wrong)
        diagnostics_add(values->diagnostics, node->place, "%s: '%s' %s", values_path(&path, field),
                        quote(&text, node->text, node->length), wrong);
}

void load_values_rates(struct values *values, const struct field *field, const struct tree_node *node,
                       void *member)
{
    struct load_http *http = member;
    struct field row = {.section = field->section,
                        .key = "steps[]",
                        .kind = FIELD_RATE,
                        .width = sizeof http->rates[0],
                        .least = 1,
                        .most = 1000000};
    struct values_path path;
    if (node->kind != TREE_SEQUENCE) {
        values_wrong_type(values, field, node, "a list of rates");
        return;
    }
    if (node->count < field->least || node->count > field->most) {
        diagnostics_add(values->diagnostics, node->place, "%s: %zu entries; it takes %llu to %llu",
                        values_path(&path, field), node->count, (unsigned long long)field->least,
                        (unsigned long long)field->most);
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        values_parse(values, &row, node->items[i], &http->rates[i]);
    http->step_count = node->count;
}

void load_values_work(struct values *values, const struct field *field, const struct tree_node *node,
                      void *member)
{
    static const struct text_rule rule = {"^[ -~]+$", "the key of a number in a JSON line", 128};
    struct load_work_unit *work = member;
    const struct tree_node *key = tree_get(node, "stdout");
    for (const struct word *word = field->words; word->name && node->kind == TREE_SCALAR; word++)
        if (strcmp(word->name, node->text) == 0 && strlen(word->name) == node->length) {
            work->kind = (enum load_work)word->value;
            return;
        }
    if (!key || node->count != 2) {
        values_wrong_type(values, field, node, "requests, run, or {stdout: KEY}");
        return;
    }
    struct field row = {.section = field->section,
                        .key = "work.stdout",
                        .kind = FIELD_TEXT,
                        .width = sizeof work->key,
                        .rule = &rule};
    texts_text(values, &row, key, &work->key);
    work->kind = WORK_STDOUT;
}
