#include "runner/findings/words.h"

#include <string.h>

#include "runner/metrics/figure.h"

const char *words_count(words_number to, double value)
{
    figure_text(value < 100 ? value : (double)(long long)(value + 0.5), "count", to, sizeof(words_number));
    return to;
}

const char *words_time(words_number to, double ns)
{
    figure_text(ns, "ns", to, sizeof(words_number));
    return to;
}

const char *words_rate(words_number to, double per_s)
{
    figure_text(per_s, "per_s", to, sizeof(words_number));
    return to;
}

const char *words_function(const char *name)
{
    if (!name)
        return "a function without a name";
    if (strcmp(name, "runtime.main") == 0)
        return "main.main";
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static bool is_machinery(const char *name)
{
    static const char *const packages[] = {"runtime.", "sync.", "internal/"};
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
        if (strncmp(name, packages[i], strlen(packages[i])) == 0)
            return true;
    return false;
}

const char *words_blocks_in(const struct tally_stack *stack)
{
    for (size_t i = 0; i < stack->depth; i++)
        if (stack->frames[i] && !is_machinery(stack->frames[i]))
            return stack->frames[i];
    return NULL;
}

const char *words_in(const struct tally_stack *stack)
{
    return words_blocks_in(stack) ? " in " : "";
}

const char *words_place(const struct tally_stack *stack)
{
    const char *name = words_blocks_in(stack);
    return name ? words_function(name) : "";
}
