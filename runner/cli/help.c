#include <string.h>

#include "runner/cli/cli.h"
#include "runner/findings/findings.h"
#include "runner/manifest/manifest.h"
#include "runner/metrics/bounds.h"
#include "runner/metrics/metrics.h"

static void print_overview(FILE *out)
{
    fputs("runner: equal conditions, kernel-side observation and honest figures for Go demos\n\n"
          "  runner manifests/quickstart.yaml     one experiment, one bundle, one verdict (exit code)\n"
          "  runner compare runs/latest           which demo is better, by how much, how sure\n"
          "  runner check                         can this host do it\n\n",
          out);
    for (const struct command *command = commands; command->name; command++)
        fprintf(out, "  runner %-10s %s\n", command->name, command->summary);
    fputs(
        "\nExit codes: 0 all is well, 1 a gate failed or a demo did not do what the manifest expects, 2 bad\n"
        "usage or manifest or a refused comparison, 3 this host cannot run it, 4 internal error or full "
        "disk,\n"
        "5 a gate could not be decided or a load was invalid, 130 interrupted (the bundle is kept).\n",
        out);
}

static void print_metrics(FILE *out)
{
    metrics_print_reference(out);
    fputs("\nHealth bounds: what a scheduler in good order keeps\n", out);
    bounds_print_reference(out);
}

static const struct {
    const char *name;
    void (*print)(FILE *out);
} topics[] = {
    {"findings", findings_print_reference},
    {"manifest", manifest_print_reference},
    {"metrics", print_metrics},
    {"schema", manifest_print_schema},
};

int cli_help(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stdout);
        return cli_finish_stdout(EXIT_OK);
    }
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(argv[1], topics[i].name) == 0) {
            topics[i].print(stdout);
            return cli_finish_stdout(EXIT_OK);
        }
    const struct command *command = command_find(argv[1]);
    if (!command)
        return cli_usage(NULL, "no help on '%s'", argv[1]);
    printf("usage: runner %s\n\n%s\n%s%s", command->usage, command->summary, command->details[0] ? "\n" : "",
           command->details);
    return cli_finish_stdout(EXIT_OK);
}

int cli_version(int argc, char **argv)
{
    (void)argv;
    if (argc != 1)
        return cli_usage("version", "version takes no argument");
    puts("runner " RUNNER_VERSION);
    return cli_finish_stdout(EXIT_OK);
}
