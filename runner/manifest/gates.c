#include "runner/manifest/gates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/gate_checks.h"
#include "runner/manifest/walk.h"
#include "runner/support/fd.h"

void gate_text(const struct gate *gate, char *to, size_t size)
{
    static const char *const words[] = {
        [GATE_MAX] = "max", [GATE_MIN] = "min", [GATE_AT_MOST] = "at_most", [GATE_AT_LEAST] = "at_least"};
    const char *const bounds[] = {[GATE_MAX] = gate->max,
                                  [GATE_MIN] = gate->min,
                                  [GATE_AT_MOST] = gate->at_most,
                                  [GATE_AT_LEAST] = gate->at_least};
    snprintf(to, size, "%s%s%s %s %s%s", gate->finding ? "finding " : "",
             gate->finding ? gate->finding : gate->metric, gate->against ? " against baseline" : "",
             words[gate->rule], bounds[gate->rule], gate->of == GATE_OF_MEDIAN ? " of median" : "");
}

void gate_free(struct gate *gate)
{
    free(gate->metric);
    free(gate->finding);
    free(gate->demo);
    free(gate->max);
    free(gate->min);
    free(gate->at_most);
    free(gate->at_least);
    *gate = (struct gate){0};
}

/* 'text' as YAML's single quotes want it. */
static void print_quoted(FILE *out, const char *key, const char *text)
{
    fprintf(out, "%s: '", key);
    for (; *text; text++)
        fprintf(out, *text == '\'' ? "''" : "%c", *text);
    fputs("'\n", out);
}

/* The words as the mapping that a manifest would hold; freed by the caller. -EINVAL where there are no pairs.
 */
static int as_mapping(const char *text, char **yaml, size_t *size)
{
    AUTO_FREE char *words = strdup(text);
    FILE *out = words ? open_memstream(yaml, size) : NULL;
    if (!out)
        return -ENOMEM;
    char *rest = words;
    const char *word = strtok_r(rest, " \t", &rest);
    bool named = word && (strcmp(word, "finding") == 0 || strcmp(word, "metric") == 0);
    bool against = false, change = false;
    if (word && !named)
        print_quoted(out, "metric", word);
    const char *key = named ? word : strtok_r(rest, " \t", &rest);
    int result = word && key ? 0 : -EINVAL;
    for (; key; key = strtok_r(rest, " \t", &rest)) {
        const char *value = strtok_r(rest, " \t", &rest);
        if (!value)
            result = -EINVAL;
        against |= strcmp(key, "against") == 0;
        change |= strcmp(key, "at_most") == 0 || strcmp(key, "at_least") == 0;
        print_quoted(out, key, value ? value : "");
    }
    if (change && !against)
        print_quoted(out, "against", "baseline");
    return fclose(out) == 0 ? result : -ENOMEM;
}

int gate_parse(const char *text, struct gate *gate, struct error *error)
{
    AUTO_FREE char *yaml = NULL;
    size_t size = 0;
    *gate = (struct gate){0};
    int result = as_mapping(text, &yaml, &size);
    if (result == -EINVAL)
        return error_mend(error, ERROR_USAGE, 0, "Write it like 'cpu.time at_most +5%'.",
                          "the gate '%.100s' is no list of keys and values", text);
    struct diagnostics diagnostics = {.path = "--gate", .source = yaml, .size = size};
    struct values values = {.diagnostics = &diagnostics};
    struct tree *tree = NULL;
    if (result == 0)
        result = tree_parse(yaml, size, &diagnostics, &tree);
    if (result == 0) {
        walk_gate(&values, tree->root, gate);
        gate_checks_one(&diagnostics, tree->root, gate);
        tree_free(tree);
    }
    if (values.no_memory || diagnostics.no_memory || result == -ENOMEM) {
        result = error_set(error, ERROR_INTERNAL, ENOMEM, "read a gate");
    } else if (diagnostics_any(&diagnostics)) {
        char all[1500];
        diagnostics_text(&diagnostics, all, sizeof all);
        result = error_set(error, ERROR_USAGE, 0, "%s", all);
    }
    diagnostics_free(&diagnostics);
    return result;
}
