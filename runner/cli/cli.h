/*
 * The command line: one file a subcommand, one table (commands.c) that help, the dispatcher and the
 * suggestions read. stdout is the result, stderr the progress and the errors.
 */
#ifndef RUNNER_CLI_CLI_H
#define RUNNER_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/support/error.h"

/* Exit codes in order of precedence; ERROR_* of runner/support/error.h are among them. */
enum exit_code {
    EXIT_INTERRUPTED = 130,
    EXIT_INTERNAL = 4,
    EXIT_HOST = 3,
    EXIT_USAGE = 2,
    EXIT_DEMO = 1,      /* or a gate failed */
    EXIT_UNDECIDED = 5, /* a gate could not be decided, or a load was invalid */
    EXIT_OK = 0,
};

struct command {
    const char *name;
    const char *usage; /* behind "runner " */
    const char *summary;
    const char *details;               /* options, a line each */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
};

/* NULL-name terminated. */
extern const struct command commands[];
const struct command *command_find(const char *name);

int cli_run(int argc, char **argv);
int cli_validate(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_help(int argc, char **argv);
int cli_version(int argc, char **argv);

/* Prints "runner: TEXT" to stderr and returns the exit code of the error's class. */
int cli_fail(const struct error *error);
/* Prints a usage error of `command` with the way to its help. Returns EXIT_USAGE. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Closes stdout and reports what could not be written: a full disk behind a redirection is no success. */
int cli_finish_stdout(int code);

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
/* "auto", "always", "never"; false for anything else. */
bool color_parse(const char *text, enum color_when *when);
/* auto: a terminal, NO_COLOR not set (no-color.org). */
bool color_wanted(enum color_when when, FILE *out);

#endif
