#include "runner/report/breaches.h"

#include "runner/metrics/figure.h"
#include "runner/report/paragraph.h"
#include "runner/report/text.h"

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

/* "  pool: 740 us* (wake latency below 500 us at p99), in 4 of 6 observed trials" */
static void print_row(const char *demo, const json_t *row, bool color, FILE *out)
{
    const json_t *value = json_object_get(row, "value");
    const char *unit = text_of(row, "unit"), *text = text_of(row, "text");
    char name[64], bound[200], role[16], figure[40];
    if (!json_is_number(value) || !text)
        return;
    text_clean(demo, name, sizeof name);
    text_clean(text, bound, sizeof bound);
    text_clean(text_of(row, "role"), role, sizeof role);
    figure_text(json_number_value(value), unit ? unit : "", figure, sizeof figure);
    json_int_t of = json_integer_value(json_object_get(row, "of"));
    fprintf(out, "  %s: %s%s%s%s (bound: %s), in %lld of %lld %s trial%s\n", name, color ? "\033[33m" : "",
            figure, json_is_true(json_object_get(row, "lossy")) ? "*" : "", color ? "\033[0m" : "", bound,
            json_integer_value(json_object_get(row, "shown")), of, role, of == 1 ? "" : "s");
}

/* What a bound means is told once. */
static void print_meaning(const json_t *row, json_t *told, FILE *out)
{
    const char *means = text_of(row, "means");
    if (!means || json_object_get(told, means))
        return;
    paragraph_print(means, out);
    json_object_set_new(told, means, json_true());
}

void breaches_print(const json_t *summary, bool color, FILE *out)
{
    const char *demo;
    json_t *facts;
    bool any = false;
    json_t *told = json_object();
    json_object_foreach (json_object_get(summary, "demos"), demo, facts) {
        size_t i;
        const json_t *row;
        json_array_foreach (json_object_get(facts, "bounds_broken"), i, row) {
            if (!any)
                fprintf(out, "\n%shealth bounds that are broken%s\n", color ? "\033[1m" : "",
                        color ? "\033[0m" : "");
            any = true;
            print_row(demo, row, color, out);
            print_meaning(row, told, out);
        }
    }
    json_decref(told);
    if (any)
        fputs("\n  They are defaults, and a demo may have good reasons; `runner help metrics` lists them.\n",
              out);
}
