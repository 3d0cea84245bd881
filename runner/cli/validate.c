#include <jansson.h>

#include "runner/cli/cli.h"
#include "runner/manifest/manifest.h"

static void print_json(const char *file, const struct experiment *experiment, json_t *errors)
{
    json_t *result = json_pack("{s:s, s:b, s:s?, s:i, s:O}", "manifest", file, "valid", experiment != NULL,
                               "experiment", experiment ? experiment->name : NULL, "demos",
                               experiment ? (int)experiment->demo_count : 0, "errors", errors);
    json_dumpf(result, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(result);
}

int cli_validate(const struct cli_arguments *arguments)
{
    const char *file = arguments->words[0];
    bool json = cli_has(arguments, "json");
    struct error error = {0};
    struct experiment *experiment = NULL;
    json_t *errors = json_array();
    int result = json ? manifest_load_listing(file, errors, &experiment, &error)
                      : manifest_load(file, stderr, &experiment, &error);
    if (json)
        print_json(file, result < 0 ? NULL : experiment, errors);
    else if (result == 0)
        printf("%s: valid: experiment %s, %zu demos\n", file, experiment->name, experiment->demo_count);
    json_decref(errors);
    if (result < 0)
        return cli_finish_stdout(cli_fail(&error));
    experiment_free(experiment);
    return cli_finish_stdout(EXIT_OK);
}
