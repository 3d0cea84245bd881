#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/cli/cli.h"
#include "runner/report/text.h"

#define LINE_SIZE 1024

int cli_fail(const struct error *error)
{
    fprintf(stderr, "runner: %s\n", error->text);
    return (int)error->class;
}

int cli_usage(const char *command, const char *format, ...)
{
    char line[LINE_SIZE], clean[LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text_clean(line, clean, sizeof clean); /* words of a command line may hold anything */
    fprintf(stderr, "runner: %s; see `runner help%s%s`\n", clean, command ? " " : "", command ? command : "");
    return EXIT_USAGE;
}

int cli_finish_stdout(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    struct error error = {0};
    error_set(&error, ERROR_INTERNAL, errno, "write to stdout");
    return cli_fail(&error);
}

bool cli_color(const struct cli_arguments *arguments, FILE *out)
{
    enum { AUTO, ALWAYS }; /* the order of the option's words */
    const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
    int when = cli_choice(arguments, "color");
    if (when > AUTO)
        return when == ALWAYS;
    return isatty(fileno(out)) && !(no_color && no_color[0]) && !(kind && strcmp(kind, "dumb") == 0);
}
