#include "runner/report/page/sections.h"

#include "runner/report/page/advices.h"
#include "runner/report/page/compared.h"
#include "runner/report/page/conditions.h"
#include "runner/report/page/demos.h"
#include "runner/report/page/flames.h"
#include "runner/report/page/heatmaps.h"
#include "runner/report/page/html.h"
#include "runner/report/page/radars.h"
#include "runner/report/page/spreads.h"
#include "runner/report/page/timeline.h"
#include "runner/report/page/verdict.h"

/* Sections that the page's script draws have a module of their own, too: a row here, whose write function
   puts the element, what stands in it without a script, and the block of data. */
const struct section sections[] = {
    {"verdict", "Verdict",
     "The first sentence says which demo is better and by how much; the interval is where the true "
     "difference lies in 95 of 100 such experiments. Below it stands what moved together with it: hints "
     "of where to look, no proof.",
     verdict_section},
    {"demos", "Demos side by side",
     "Each figure is the median over the trials, with the interval that holds the true median in 95 of "
     "100 such experiments. Below it stands the ratio to the baseline; where its interval holds 1, no "
     "difference is claimed. Time, CPU and memory come from bare trials, never from those in which "
     "probes were on.",
     demos_section},
    {"radar", "The demos' radar",
     "Six axes in a fixed order; further out is better. Each maps its figures to 0 .. 100 between bounds "
     "that are declared in runner and the same in every report, so a shape means the same everywhere. "
     "What was not measured leaves a gap.",
     demo_radars_section},
    {"findings", "Findings",
     "What a demo does that its author should know, by rules that runner help findings lists. Each says "
     "in how many trials it was seen, on what evidence, and what to change.",
     advices_section},
    {"compared", "Every comparison",
     "All figures of each pair of demos with an exact test. p is the chance of such a difference between "
     "two copies of one program, corrected for the number of tests.",
     compared_section},
    {"heatmaps", "Scheduling over time",
     "Time runs from left to right. In the upper map a row is a CPU, and the stronger the colour, the "
     "more of the column the trial's threads had of it. In the lower one a row is a length of waiting "
     "for a CPU, and the colour says how many threads had waited so long. Dashed lines are marks; red "
     "bands are where events were lost.",
     heatmaps_section},
    {"timeline", "Timeline",
     "A lane is a CPU, a thread (M), a P or a goroutine, a bar what it did. Choose a lane to see lines "
     "from who woke it and to whom it woke.",
     timeline_section},
    {"flame", "CPU profile",
     "Each box is a function, as wide as the CPU time that it and what it called had; below it stand the "
     "functions that it called. The first row is whose the samples are. The order from left to right "
     "means nothing.",
     flames_section},
    {"spreads", "All metrics, trial by trial",
     "Each dot is a trial, the bar the median, the band its interval at 95%. Dots far from the others "
     "are trials unlike their siblings. A distribution, such as a latency, gives each trial its median "
     "and its p99.",
     spreads_section},
    {"health", "Health of the observation",
     "How far the measurement itself can be trusted: twelve dimensions on six axes, further out is "
     "better. A dimension that was not measured counts for nothing; the weights of the others are "
     "rescaled.",
     health_radars_section},
    {"conditions", "Environment and controls",
     "What was measured, on what, and what the manifest fixed. Rows in which bundles differ are marked.",
     conditions_section},
    {0},
};

void section_missing(FILE *out, const char *reason, const char *key)
{
    html_put(out, "<p class=\"missing\">Not shown: %s.", reason);
    if (key)
        html_put(out, " The manifest's <code>%s</code> gives it.", key);
    fputs("</p>\n", out);
}
