#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"
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
    return file_write(folder, basename(two), page, size, error);
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

int cli_report(const struct cli_arguments *arguments)
{
    const char *output = cli_value(arguments, "output");
    struct error error = {0};
    struct report report;
    int code = report_read(&report, arguments->words, arguments->count, &error) < 0
                   ? cli_fail(&error)
                   : write_report(&report, output ? output : PAGE_NAME);
    report_free(&report);
    return code;
}
