#include "runner/compare/questions.h"

#include <stdlib.h>
#include <string.h>

static void ask(struct questions *questions, const struct question *question)
{
    struct question *grown = reallocarray(questions->list, questions->count + 1, sizeof *grown);
    if (!grown) {
        questions->no_memory = true;
        return;
    }
    questions->list = grown;
    grown[questions->count++] = *question;
}

static bool wanted(const struct gate *gate, const char *name)
{
    return !gate->demo || strcmp(gate->demo, name) == 0;
}

static void ask_pairs(struct questions *questions, const struct comparison *comparison,
                      const struct gate *gate)
{
    for (size_t i = 0; i < comparison->pair_count; i++) {
        const struct pair *pair = &comparison->pairs[i];
        if (wanted(gate, pair->demo->name))
            ask(questions, &(struct question){gate, pair->bundle, pair->demo->name, pair->demo, pair});
    }
}

static void ask_demos(struct questions *questions, const struct comparison *comparison,
                      const struct gate *gate)
{
    for (size_t i = comparison->bundle_count > 1; i < comparison->bundle_count; i++) {
        const struct measured *bundle = &comparison->bundles[i];
        for (size_t j = 0; j < bundle->demo_count; j++)
            if (wanted(gate, bundle->demos[j].name))
                ask(questions,
                    &(struct question){gate, bundle, bundle->demos[j].name, &bundle->demos[j], NULL});
    }
}

/* Demos that did not come as far as a trial are asked in vain, which shows. */
static void ask_missing(struct questions *questions, const struct comparison *comparison,
                        const struct gate *gate)
{
    for (size_t i = comparison->bundle_count > 1; i < comparison->bundle_count; i++) {
        const struct measured *bundle = &comparison->bundles[i];
        const char *name;
        json_t *demo;
        json_object_foreach (json_object_get(bundle->facts, "demos"), name, demo)
            if (wanted(gate, name) && !measured_find(bundle, name))
                ask(questions, &(struct question){gate, bundle, name, NULL, NULL});
    }
}

void questions_make(struct questions *questions, const struct comparison *comparison,
                    const struct gate *gates, size_t count)
{
    *questions = (struct questions){0};
    for (size_t i = 0; i < count; i++) {
        size_t before = questions->count;
        if (gates[i].against)
            ask_pairs(questions, comparison, &gates[i]);
        else
            ask_demos(questions, comparison, &gates[i]);
        ask_missing(questions, comparison, &gates[i]);
        if (questions->count == before)
            ask(questions, &(struct question){.gate = &gates[i], .bundle = &comparison->bundles[0]});
    }
}
