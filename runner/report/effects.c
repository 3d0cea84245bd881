#include "runner/report/effects.h"

#include <stdio.h>
#include <string.h>

#include "runner/metrics/figure.h"

void effect_text(const json_t *effect, const char *unit, char *to, size_t size)
{
    const char *kind = json_string_value(json_object_get(effect, "kind"));
    const json_t *ci = json_object_get(effect, "ci");
    to[0] = 0;
    if (!kind)
        return;
    bool ratio = strcmp(kind, "ratio") == 0;
    double value = json_number_value(json_object_get(effect, "value"));
    const char *scale = ratio ? "ratio" : unit, *sign = !ratio && value > 0 ? "+" : "",
               *times = ratio ? " x" : "";
    char text[32], low[32], high[32];
    figure_text(value, scale, text, sizeof text);
    if (!json_is_array(ci)) {
        snprintf(to, size, "%s%s%s", sign, text, times);
        return;
    }
    figure_text(json_number_value(json_array_get(ci, 0)), scale, low, sizeof low);
    figure_text(json_number_value(json_array_get(ci, 1)), scale, high, sizeof high);
    snprintf(to, size, "%s%.28s%s (%.28s .. %.28s)", sign, text, times, low, high);
}

const struct effect_verdict *effect_verdict(const char *name)
{
    static const struct effect_verdict verdicts[] = {
        {"better", "better", .good = true, .judged = true, .tested = true},
        {"worse", "worse", .bad = true, .judged = true, .tested = true},
        {"different", "different", .judged = true, .tested = true},
        {"not_shown", "no difference shown", .tested = true},
        {"too_few", "too few trials"},
        {"unknown", "not judged"},
    };
    for (size_t i = 0; name && i < sizeof verdicts / sizeof *verdicts; i++)
        if (strcmp(verdicts[i].name, name) == 0)
            return &verdicts[i];
    return NULL;
}
