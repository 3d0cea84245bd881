#include "runner/report/page/timeline.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/html.h"
#include "runner/report/page/packed.h"
#include "runner/report/page/sections.h"
#include "runner/report/page/shown_trials.h"
#include "runner/report/page/stretch.h"
#include "runner/support/fd.h"

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static const json_t *longest_wait(const json_t *heatmap)
{
    return json_object_get(json_object_get(heatmap, "run_queue"), "longest");
}

/* The middle of it. */
static uint64_t around(const struct report *report, const struct shown_trial *shown)
{
    const json_t *longest = longest_wait(shown->heatmap);
    if (report->timeline.around_given)
        return report->timeline.around_ns;
    json_int_t sum = number_of(longest, "from_ns") + number_of(longest, "to_ns");
    return sum > 0 ? (uint64_t)sum / 2 : 0;
}

/* Where the wait is not whole within, the reader did not ask for it. */
static void add_focus(json_t *data, const json_t *heatmap)
{
    const json_t *longest = longest_wait(heatmap);
    if (!json_is_object(longest) || number_of(longest, "to_ns") < number_of(data, "from_ns") ||
        number_of(longest, "from_ns") > number_of(data, "to_ns"))
        return;
    char lane[32];
    snprintf(lane, sizeof lane, "M %lld", (long long)number_of(longest, "tid"));
    json_object_set_new(data, "focus",
                        json_pack("{s: O, s: O, s: s}", "from_ns", json_object_get(longest, "from_ns"),
                                  "to_ns", json_object_get(longest, "to_ns"), "lane", lane));
}

static void write_figure(FILE *out, const struct report *report, const struct shown_trial *shown,
                         json_t *data)
{
    char block[64], from[32], to[32];
    shown_trial_block(shown, "timeline", block, sizeof block);
    figure_text((double)number_of(data, "from_ns"), "ns", from, sizeof from);
    figure_text((double)number_of(data, "to_ns"), "ns", to, sizeof to);
    html_put(out, "<p>Trial %u, %lld events from %s to %s after its start, %s%s</p>\n", shown->trial.number,
             (long long)number_of(data, "events"), from, to,
             report->timeline.around_given ? "around the time that was asked for."
                                           : "around its longest wait for a CPU.",
             number_of(data, "at_rest") ? " Goroutines that waited all along have no lane." : "");
    html_put(
        out,
        "<div class=\"view\" data-view=\"timeline\" data-block=\"%s\" data-label=\"Timeline of %s: lanes of "
        "CPUs, threads, Ps and goroutines\">\n<noscript><p>The timeline is drawn by a script; <code>runner "
        "export %s --format csv --trial %s/%03u</code> writes its events as a "
        "table.</p></noscript>\n</div>\n",
        block, shown->demo, shown->source->label, shown->demo, shown->trial.number);
    packed_block(out, block, data);
}

/* Why there is none: NULL, or a sentence without its full stop. */
static const char *too_large(const struct report *report, int trace)
{
    struct stat stream;
    if (report->timeline.most_bytes && fstatat(trace, "stream", &stream, AT_SYMLINK_NOFOLLOW) == 0 &&
        (uint64_t)stream.st_size > report->timeline.most_bytes)
        return "the trace is long, and reading it would have delayed the experiment's end; runner report "
               "adds it";
    return NULL;
}

static void write_demo(FILE *out, const struct report *report, const struct shown_trial *shown)
{
    AUTO_FD trace = shown->of ? source_trial_folder(shown->source, &shown->trial, "trace") : -1;
    const char *missing = trace < 0 ? "there is no trace" : too_large(report, trace);
    if (missing) {
        section_missing(out, missing, shown->of ? NULL : "trials.observed: 1");
        return;
    }
    struct error error = {0};
    json_t *symbols = source_trial_json(shown->source, &shown->trial, "symbols.json"), *data = NULL;
    int result =
        stretch_read(trace, json_object_get(symbols, "functions"), around(report, shown), &data, &error);
    if (data) {
        add_focus(data, shown->heatmap);
        json_object_set(data, "gaps", json_object_get(json_object_get(shown->heatmap, "gaps"), "list"));
        write_figure(out, report, shown, data);
    } else {
        section_missing(out, result < 0 ? error.text : "the trace is empty", NULL);
    }
    json_decref(data);
    json_decref(symbols);
}

void timeline_section(FILE *out, const struct report *report)
{
    shown_trials_each(out, report, write_demo);
}
