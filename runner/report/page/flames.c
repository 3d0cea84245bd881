#include "runner/report/page/flames.h"

#include <stdlib.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/calltree.h"
#include "runner/report/page/html.h"
#include "runner/report/page/packed.h"
#include "runner/report/page/sections.h"
#include "runner/report/page/shown_trials.h"
#include "runner/support/fd.h"

#define HOTTEST 15

/* How many trials of the demo have a profile that can be read. */
static size_t add_trials(struct calltree *tree, const struct shown_trial *shown)
{
    size_t added = 0, count;
    AUTO_FREE struct source_trial *trials = source_trials(shown->source, shown->demo, "observed", &count);
    for (size_t i = 0; i < count; i++) {
        json_t *profile = source_trial_json(shown->source, &trials[i], "profile.json");
        added += profile && calltree_add(tree, profile);
        json_decref(profile);
    }
    return added;
}

static void write_function(FILE *out, const struct calltree *tree, const struct calltree_function *function)
{
    char self[32], total[32];
    double all = (double)tree->all;
    figure_text((double)(function->self * tree->period_ns), "ns", self, sizeof self);
    figure_text((double)(function->total * tree->period_ns), "ns", total, sizeof total);
    html_put(out,
             "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td><td>%s</td><td>%.1f%%</td><td>%s</td>"
             "<td>%.1f%%</td></tr>\n",
             function->name, function->kind, self, 100 * (double)function->self / all, total,
             100 * (double)function->total / all);
}

static void write_table(FILE *out, const struct calltree *tree)
{
    struct calltree_function list[HOTTEST];
    size_t count = calltree_hottest(tree, list, HOTTEST);
    fputs("<div class=\"wide\"><table>\n<caption>Functions with the most CPU time of their "
          "own</caption>\n<thead><tr>"
          "<th scope=\"col\">function</th><th scope=\"col\">kind</th><th scope=\"col\">itself</th>"
          "<th scope=\"col\">share</th><th scope=\"col\">with callees</th><th scope=\"col\">share</th>"
          "</tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < count; i++)
        write_function(out, tree, &list[i]);
    fputs("</tbody>\n</table></div>\n", out);
}

static void write_tree(FILE *out, const struct calltree *tree, const struct shown_trial *shown, size_t trials)
{
    char block[64], time[32];
    snprintf(block, sizeof block, "flame-%zu-%zu", shown->bundle, shown->place);
    figure_text((double)(tree->all * tree->period_ns), "ns", time, sizeof time);
    html_put(out, "<p>%lld samples, %s of CPU time, of %zu observed trial%s.</p>\n", (long long)tree->all,
             time, trials, trials == 1 ? "" : "s together");
    html_put(out,
             "<div class=\"view\" data-view=\"flame\" data-block=\"%s\" "
             "data-label=\"Flame graph of the CPU profile of %s\">\n",
             block, shown->demo);
    write_table(out, tree);
    fputs("</div>\n", out);
    json_t *data = calltree_json(tree);
    packed_block(out, block, data);
    json_decref(data);
}

static void write_demo(FILE *out, const struct report *report, const struct shown_trial *shown)
{
    (void)report;
    struct calltree tree;
    size_t trials = calltree_open(&tree) == 0 ? add_trials(&tree, shown) : 0;
    if (trials && tree.all)
        write_tree(out, &tree, shown, trials);
    else
        section_missing(out, trials ? "no sample hit the demo" : "there is no CPU profile",
                        trials ? NULL : "probes.cpu: 99Hz");
    calltree_close(&tree);
}

void flames_section(FILE *out, const struct report *report)
{
    shown_trials_each(out, report, write_demo);
}
