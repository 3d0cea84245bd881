#include <jansson.h>

#include "runner/cli/cli.h"
#include "runner/cli/reports.h"
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
    struct reports reports;
    int code = reports_open(&reports, arguments);
    if (code)
        return code;
    json_t *errors = json_array();
    int result = manifest_load_listing(file, json ? NULL : stderr, errors, &experiment, &error);
    if (json)
        print_json(file, result < 0 ? NULL : experiment, errors);
    else if (result == 0)
        printf("%s: valid: experiment %s, %zu demos\n", file, experiment->name, experiment->demo_count);
    code = result < 0 ? cli_fail(&error) : EXIT_OK;
    reports_of_manifest(&reports, file, errors, &error);
    json_decref(errors);
    if (result == 0)
        experiment_free(experiment);
    reports_close(&reports);
    return cli_finish_stdout(code);
}
