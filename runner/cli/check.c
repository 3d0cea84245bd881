#include "runner/cli/cli.h"
#include "runner/host/host.h"

int cli_check(const struct cli_arguments *arguments)
{
    struct host_row rows[HOST_ROWS_MAX];
    size_t count = host_check(cli_value(arguments, "cgroup-root"), rows);
    if (cli_has(arguments, "json")) {
        json_t *value = host_rows_json(rows, count);
        json_dumpf(value, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(value);
    } else {
        host_print(stdout, rows, count, cli_color(arguments, stdout));
    }
    return cli_finish_stdout(host_can_run(rows, count) ? EXIT_OK : EXIT_HOST);
}
