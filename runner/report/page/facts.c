#include "runner/report/page/facts.h"

#include <math.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/html.h"

static double number_of(const json_t *json)
{
    double value = json_is_number(json) ? json_number_value(json) : NAN;
    return isfinite(value) ? value : NAN;
}

const char *fact_text(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

double fact_number(const json_t *json, const char *key)
{
    return number_of(json_object_get(json, key));
}

struct interval fact_interval(const json_t *json, const char *key)
{
    const json_t *list = json_object_get(json, key);
    struct interval interval = {number_of(json_array_get(list, 0)), number_of(json_array_get(list, 1)),
                                number_of(json_array_get(list, 2))};
    bool known = interval.low <= interval.high && interval.level > 0; /* nor NAN */
    return known ? interval : (struct interval){NAN, NAN, 0};
}

size_t fact_values(const json_t *sample, double *values, size_t room)
{
    const json_t *list = json_object_get(sample, "values");
    for (size_t i = 0; i < room && i < json_array_size(list); i++)
        values[i] = number_of(json_array_get(list, i));
    return json_array_size(list);
}

void put_figure(FILE *out, double value, const char *unit)
{
    char text[48] = "not known";
    if (!isnan(value))
        figure_text(value, unit ? unit : "", text, sizeof text);
    html_text(out, text);
}

void put_interval(FILE *out, const struct interval *interval, const char *unit)
{
    if (!(interval->level > 0))
        return;
    put_figure(out, interval->low, unit);
    fputs(" .. ", out);
    put_figure(out, interval->high, unit);
}
