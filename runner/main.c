#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runner/cli/cli.h"
#include "runner/manifest/suggest.h"

/* A program that is started with 0, 1 or 2 closed must not get a file of ours at that number. */
static void open_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* `runner FILE` is `runner run FILE`. */
static bool looks_like_a_manifest(const char *word)
{
    return strchr(word, '/') || strchr(word, '.') || access(word, F_OK) == 0;
}

static int unknown(const char *word)
{
    struct suggest near = {.word = word};
    for (const struct command *command = commands; command->name; command++)
        suggest_candidate(&near, command->name);
    if (near.best)
        return cli_usage(NULL, "unknown command '%s'; did you mean '%s'?", word, near.best);
    return cli_usage(NULL, "unknown command '%s', and no manifest of that name", word);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_parse(command, argc, argv, &arguments);
    if (code)
        return code;
    if (!arguments.help)
        return command->run(&arguments);
    help_print_command(command, stdout);
    return cli_finish_stdout(EXIT_OK);
}

int main(int argc, char **argv)
{
    open_standard_streams();
    if (argc < 2) {
        help_print_overview(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return run(command_find("help"), argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0)
        return run(command_find("version"), argc - 1, argv + 1);
    const struct command *command = command_find(argv[1]);
    if (command)
        return run(command, argc - 1, argv + 1);
    if (argv[1][0] == '-' || looks_like_a_manifest(argv[1]))
        return run(command_find("run"), argc, argv);
    return unknown(argv[1]);
}
