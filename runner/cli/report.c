#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"
#include "runner/manifest/units.h"
#include "runner/report/page/figures.h"
#include "runner/report/page/page.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

/* All of it or nothing: what stands there is replaced only by a whole page. */
static int write_file(const char *output, const char *page, size_t size, struct error *error)
{
    AUTO_FREE char *one = strdup(output), *two = strdup(output);
    if (!one || !two)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "write %s", output);
    AUTO_FD folder = open(dirname(one), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return error_set(error, ERROR_USAGE, errno, "open the folder of %s", output);
    int result = file_write(folder, basename(two), page, size, NULL);
    bool full = result == -ENOSPC || result == -EDQUOT || result == -EIO;
    return result < 0 ? error_set(error, full ? ERROR_INTERNAL : ERROR_USAGE, -result, "write %s", output)
                      : 0;
}

static int write_report(const struct report *report, const char *output)
{
    struct error error = {0};
    size_t size = 0;
    AUTO_FREE char *page = page_text(report, &size);
    if (!page) {
        error_set(&error, ERROR_INTERNAL, ENOMEM, "write the report");
        return cli_fail(&error);
    }
    if (strcmp(output, "-") == 0) {
        fwrite(page, 1, size, stdout);
        return cli_finish_stdout(EXIT_OK);
    }
    if (write_file(output, page, size, &error) < 0)
        return cli_fail(&error);
    printf("%s\n", output);
    return cli_finish_stdout(EXIT_OK);
}

/* Figures alone; their names are the result. */
static int write_figures(const struct report *report, const char *folder)
{
    struct error error = {0};
    int made = fd_make_path(AT_FDCWD, folder);
    AUTO_FD dir = made < 0 ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        error_set(&error, ERROR_USAGE, made < 0 ? -made : errno, "make the folder %s", folder);
        return cli_fail(&error);
    }
    if (figures_write(report, dir, stdout, &error) < 0)
        return cli_fail(&error);
    return cli_finish_stdout(EXIT_OK);
}

static bool parse_around(const char *text, struct timeline_choice *timeline)
{
    timeline->around_given = true;
    return units_parse(text, units_time, &timeline->around_ns) == UNITS_FINE;
}

int cli_report(const struct cli_arguments *arguments)
{
    const char *output = cli_value(arguments, "output"), *around = cli_value(arguments, "around");
    const char *svg = cli_value(arguments, "svg");
    struct timeline_choice timeline = {0};
    if (around && !parse_around(around, &timeline))
        return cli_usage("report", "--around wants a time from a trial's start, such as 1.5s or 20ms");
    struct error error = {0};
    struct report report;
    int result = report_read(&report, arguments->words, arguments->count, &error);
    report.timeline = timeline;
    int code = result < 0 ? cli_fail(&error)
               : svg      ? write_figures(&report, svg)
                          : write_report(&report, output ? output : PAGE_NAME);
    report_free(&report);
    return code;
}
