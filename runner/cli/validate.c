#include "runner/cli/cli.h"
#include "runner/manifest/manifest.h"

int cli_validate(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-')
        return cli_usage("validate", argc < 2 ? "no manifest given" : "one manifest, no options");
    struct error error = {0};
    struct experiment *experiment;
    if (manifest_load(argv[1], stderr, &experiment, &error) < 0)
        return cli_fail(&error);
    printf("%s: valid: experiment %s, %zu demos\n", argv[1], experiment->name, experiment->demo_count);
    experiment_free(experiment);
    return cli_finish_stdout(EXIT_OK);
}
