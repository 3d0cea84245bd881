#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/cli/cli.h"
#include "runner/export/export.h"
#include "runner/store/bundle.h"
#include "runner/support/fd.h"

/* Finds the observed trial that `wanted` ("pool/002"; NULL: the only one) names. Returns its path in the
   bundle, owned by the experiment's JSON. */
static const char *find_trial(const json_t *experiment, const char *wanted, struct error *error)
{
    const char *found = NULL;
    char known[512] = "";
    size_t count = 0, index;
    const json_t *trial;
    json_array_foreach (json_object_get(experiment, "trials"), index, trial) {
        const char *path = json_string_value(json_object_get(trial, "path"));
        const char *role = json_string_value(json_object_get(trial, "role"));
        const char *demo = json_string_value(json_object_get(trial, "demo"));
        if (!path || !role || !demo || strcmp(role, "observed") != 0 || strstr(path, ".."))
            continue;
        char name[160];
        snprintf(name, sizeof name, "%s/%03d", demo,
                 (int)json_integer_value(json_object_get(trial, "trial")));
        if (count++ < 12)
            snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", known[0] ? ", " : "", name);
        if (!wanted || strcmp(wanted, name) == 0)
            found = path;
    }
    if (found && (wanted || count == 1))
        return found;
    if (count == 0)
        error_set(error, ERROR_USAGE, 0, "the bundle has no observed trial, so it has no events");
    else
        error_set(error, ERROR_USAGE, 0, "%s; observed trials are %s%s: name one by --trial",
                  wanted ? "no such observed trial" : "the bundle has several observed trials", known,
                  count > 12 ? ", ..." : "");
    return NULL;
}

static int export_to(int trial, const char *format, const char *output, struct error *error)
{
    if (!output) {
        int result = export_trial(trial, format, stdout, error);
        return result < 0 ? cli_fail(error) : cli_finish_stdout(EXIT_OK);
    }
    FILE *out = fopen(output, "we");
    if (!out) {
        error_set(error, ERROR_USAGE, errno, "create %s", output);
        return cli_fail(error);
    }
    int result = export_trial(trial, format, out, error);
    if (fclose(out) != 0 && result >= 0)
        result = error_set(error, ERROR_INTERNAL, errno, "write %s", output);
    if (result < 0)
        unlink(output);
    return result < 0 ? cli_fail(error) : EXIT_OK;
}

int cli_export(const struct cli_arguments *arguments)
{
    struct error error = {0};
    json_t *experiment = NULL;
    const char *name = arguments->words[0];
    AUTO_FD bundle = bundle_open(name, &experiment, &error);
    if (bundle < 0)
        return cli_fail(&error);
    const char *path = find_trial(experiment, cli_value(arguments, "trial"), &error);
    AUTO_FD trial = path ? openat(bundle, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (path && trial < 0)
        error_set(&error, ERROR_USAGE, errno, "open %s in the bundle %s", path, name);
    int code = trial < 0
                   ? cli_fail(&error)
                   : export_to(trial, cli_value(arguments, "format"), cli_value(arguments, "output"), &error);
    json_decref(experiment);
    return code;
}
