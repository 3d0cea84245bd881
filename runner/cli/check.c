#include <getopt.h>

#include "runner/cli/cli.h"
#include "runner/host/host.h"

int cli_check(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"color", required_argument, NULL, 'c'},
        {"cgroup-root", required_argument, NULL, 'g'},
        {0},
    };
    bool json = false;
    enum color_when color = COLOR_AUTO;
    const char *root = NULL;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'j')
            json = true;
        else if (option == 'g')
            root = optarg;
        else if (option != 'c')
            return EXIT_USAGE;
        else if (!color_parse(optarg, &color))
            return cli_usage("check", "--color takes auto, always or never, not '%s'", optarg);
    }
    if (optind != argc)
        return cli_usage("check", "unexpected argument '%s'", argv[optind]);
    struct host_row rows[HOST_ROWS_MAX];
    size_t count = host_check(root, rows);
    if (json) {
        json_t *value = host_rows_json(rows, count);
        json_dumpf(value, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(value);
    } else {
        host_print(stdout, rows, count, color_wanted(color, stdout));
    }
    return cli_finish_stdout(host_can_run(rows, count) ? EXIT_OK : EXIT_HOST);
}
