#include "runner/cli/cli.h"

#include <limits.h>
#include <string.h>

#define COLOR                                                                                                \
    {                                                                                                        \
        .name = "color", .value = "WHEN", .words = "auto always never",                                      \
        .text = "auto (a terminal, and NO_COLOR is not set), always or never"                                \
    }
#define CGROUP_ROOT                                                                                          \
    {                                                                                                        \
        .name = "cgroup-root", .value = "PATH", .kind = CLI_FOLDER,                                          \
        .text = "make control groups below this cgroup v2 folder"                                            \
    }
#define JSON(what)                                                                                           \
    {                                                                                                        \
        .name = "json", .text = (what)                                                                       \
    }
#define JUNIT                                                                                                \
    {                                                                                                        \
        .name = "junit", .value = "FILE", .kind = CLI_FILE,                                                  \
        .text = "also write JUnit XML: a suite an experiment, a case for each demo, and each gate"           \
    }
#define GITHUB(what)                                                                                         \
    {                                                                                                        \
        .name = "github",                                                                                    \
        .text = "print " what " for GitHub Actions (by itself where GITHUB_ACTIONS is true)"                 \
    }
#define ONE_MANIFEST                                                                                         \
    .arguments = "FILE", .kind = CLI_MANIFEST, .least = 1, .most = 1, .few = "no manifest given",            \
    .many = "one manifest at a time"
#define BUNDLES                                                                                              \
    .arguments = "BUNDLE...", .kind = CLI_BUNDLE, .least = 1, .most = INT_MAX, .few = "no bundle given"
#define OPTIONS  (const struct cli_option[])
#define EXAMPLES (const struct cli_example[])

const struct command commands[] = {
    {.name = "run",
     ONE_MANIFEST,
     .summary = "run an experiment (`runner FILE` is short for it)",
     .details = "Runs every demo of the manifest under its limits, bare and observed, and leaves a bundle "
                "with all evidence below runs/.",
     .options =
         OPTIONS{{.name = "out", .value = "DIR", .kind = CLI_FOLDER, .text = "folder for bundles (runs)"},
                 {.name = "dry-run", .text = "print the plan, run nothing"},
                 JSON("print summary.json, or the plan, instead of text"),
                 JUNIT,
                 GITHUB("annotations and a job summary"),
                 CGROUP_ROOT,
                 COLOR,
                 {0}},
     .examples =
         EXAMPLES{{"runner manifests/quickstart.yaml", "one experiment, one bundle, one verdict"},
                  {"runner run --dry-run manifests/sync-pool.yaml", "what it would do and could show"},
                  {0}},
     .run = cli_run},
    {.name = "validate",
     ONE_MANIFEST,
     .summary = "check a manifest without running it",
     .options = OPTIONS{JSON("what was found as JSON"), GITHUB("annotations"), {0}},
     .examples = EXAMPLES{{"runner validate my.yaml", "all mistakes at once, each with its line"}, {0}},
     .run = cli_validate},
    {.name = "check",
     .summary = "can this host run experiments, and the mend where it cannot",
     .options = OPTIONS{JSON("the rows as JSON"), CGROUP_ROOT, COLOR, {0}},
     .examples = EXAMPLES{{"sudo runner check", "a line for each thing that is needed"}, {0}},
     .run = cli_check},
    {.name = "compare",
     BUNDLES,
     .summary = "a bundle's demos against its baseline, or bundles against the first",
     .details = "Which demo is better, by how much, how sure that is, and what moved with it. Bundles that "
                "were measured under other conditions are refused unless --force is given.",
     .options =
         OPTIONS{{.name = "all", .text = "also figures that show no difference"},
                 {.name = "gate",
                  .repeats = true,
                  .value = "GATE",
                  .text = "what must hold, such as 'cpu.time at_most +5%' or 'goroutines.leaked max 0'"},
                 {.name = "format",
                  .value = "F",
                  .words = "terminal json markdown csv benchmarks",
                  .text = "terminal, json, markdown, csv or benchmarks (for benchstat)"},
                 JSON("short for --format json"),
                 JUNIT,
                 GITHUB("annotations and a job summary"),
                 {.name = "force",
                  .text = "compare what was measured under other conditions, or with lost events"},
                 COLOR,
                 {0}},
     .examples = EXAMPLES{{"runner compare runs/latest", "the demos of the last run"},
                          {"runner compare --gate 'cpu.time at_most +5%' runs/old runs/new",
                           "exit code 1 where new is clearly worse"},
                          {0}},
     .run = cli_compare},
    {.name = "report",
     BUNDLES,
     .summary = "one HTML page that shows a bundle, or several side by side",
     .options = OPTIONS{{.name = "around",
                         .value = "TIME",
                         .text = "the timeline's middle, from a trial's start (1.5s), instead of its longest "
                                 "wait for a CPU"},
                        {.name = "output",
                         .letter = 'o',
                         .value = "FILE",
                         .kind = CLI_FILE,
                         .text = "instead of report.html in the working directory; - for stdout"},
                        {.name = "svg",
                         .value = "DIR",
                         .kind = CLI_FOLDER,
                         .text = "the radars and heat maps as SVG files in DIR, instead of the page"},
                        {0}},
     .examples = EXAMPLES{{"runner report runs/old runs/new -o both.html", "two bundles on one page"}, {0}},
     .run = cli_report},
    {.name = "export",
     .arguments = "BUNDLE",
     .kind = CLI_BUNDLE,
     .least = 1,
     .most = 1,
     .few = "name one bundle",
     .many = "name one bundle",
     .summary = "the events or the CPU profile of a trial in another format",
     .options =
         OPTIONS{{.name = "format",
                  .required = true,
                  .value = "F",
                  .words = "csv ndjson perfetto folded",
                  .text = "csv, ndjson or perfetto (for ui.perfetto.dev): the events; folded (for "
                          "flame graphs): the CPU profile"},
                 {.name = "trial", .value = "DEMO/NNN", .text = "which one, where the bundle has several"},
                 {.name = "output",
                  .letter = 'o',
                  .value = "FILE",
                  .kind = CLI_FILE,
                  .text = "write there instead of to stdout"},
                 {0}},
     .examples = EXAMPLES{{"runner export runs/latest --trial pool/003 --format perfetto -o trace.pftrace",
                           "a timeline"},
                          {0}},
     .run = cli_export},
    {.name = "help",
     .arguments = "[COMMAND|TOPIC]",
     .kind = CLI_TOPIC,
     .most = 2,
     .summary = "this page; a command; a topic, such as manifest or metrics",
     .run = cli_help},
    {.name = "version",
     .summary = "the version of runner",
     .options = OPTIONS{JSON("the version as JSON"), {0}},
     .run = cli_version},
    {0},
};

const struct exit_meaning exit_meanings[] = {
    {EXIT_OK, "all is well"},
    {EXIT_DEMO, "a gate failed, or a demo did not do what the manifest expects, or did not build"},
    {EXIT_USAGE, "bad usage or manifest, or a refused comparison"},
    {EXIT_HOST, "this host cannot run it (`runner check` says why)"},
    {EXIT_INTERNAL, "internal error or full disk"},
    {EXIT_UNDECIDED, "a gate could not be decided, or a load was invalid"},
    {EXIT_INTERRUPTED, "interrupted (the bundle so far is kept, and marked incomplete)"},
    {0},
};

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}
