#include "runner/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLOR_LINE "  --color WHEN        auto, always or never\n"
#define ROOT_LINE  "  --cgroup-root PATH  make groups below this cgroup v2 folder\n"

const struct command commands[] = {
    {"run", "run FILE [--out DIR] [--dry-run] [--json]", "run an experiment (`runner FILE` is short for it)",
     "  --out DIR           folder for bundles (runs)\n"
     "  --dry-run           print the plan, run nothing\n"
     "  --json              print summary.json instead of the table\n" ROOT_LINE COLOR_LINE,
     cli_run},
    {"validate", "validate FILE", "check a manifest without running it", "", cli_validate},
    {"check", "check [--json]", "can this host run experiments, and the mend where it cannot",
     "  --json              the rows as JSON\n" ROOT_LINE COLOR_LINE, cli_check},
    {"compare", "compare BUNDLE... [--all] [--gate GATE] [--format F] [--force]",
     "a bundle's demos against its baseline, or bundles against the first",
     "  --all               also figures that show no difference\n"
     "  --gate GATE         what must hold, such as 'cpu.time at_most +5%' or 'goroutines.leaked max 0'; may "
     "be\n"
     "                      given several times\n"
     "  --format F          markdown, csv, benchmarks (for benchstat), json\n"
     "  --json              short for --format json\n"
     "  --force             compare what was measured under other conditions, or with lost "
     "events\n" COLOR_LINE,
     cli_compare},
    {"report", "report BUNDLE... [-o FILE]", "one HTML page that shows a bundle, or several side by side",
     "  -o, --output FILE   instead of report.html in the working directory; - for stdout\n", cli_report},
    {"export", "export BUNDLE --format csv|ndjson|perfetto|folded [--trial DEMO/NNN] [-o FILE]",
     "write the events or the CPU profile of an observed trial in another format",
     "  --format F          events: csv, ndjson, perfetto (for ui.perfetto.dev);\n"
     "                      CPU profile: folded (for flame graphs)\n"
     "  --trial DEMO/NNN    which one, where the bundle has several\n"
     "  -o, --output FILE   instead of stdout\n",
     cli_export},
    {"help", "help [COMMAND|manifest|metrics|schema]",
     "this page; a command; every manifest key; every metric", "", cli_help},
    {"version", "version", "the version of runner", "", cli_version},
    {0},
};

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

int cli_fail(const struct error *error)
{
    fprintf(stderr, "runner: %s\n", error->text);
    return (int)error->class;
}

int cli_usage(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("runner: ", stderr);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "; see `runner help%s%s`\n", command ? " " : "", command ? command : "");
    return EXIT_USAGE;
}

int cli_finish_stdout(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    struct error error = {0};
    error_set(&error, ERROR_INTERNAL, errno, "write to stdout");
    return cli_fail(&error);
}

bool color_parse(const char *text, enum color_when *when)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *when = (enum color_when)i;
            return true;
        }
    return false;
}

bool color_wanted(enum color_when when, FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return isatty(fileno(out)) && !(no_color && no_color[0]);
}
