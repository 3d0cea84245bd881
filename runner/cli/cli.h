/*
 * The command line. One table (commands.c) has every command with its arguments, options and examples; the
 * parser (arguments.c), `runner help` (help.c), the manual page (manual.c), the completions of shells
 * (completion.c) and the suggestions for mistyped words read it. One file a subcommand does what it says.
 * stdout is the result, stderr the progress and the errors.
 */
#ifndef RUNNER_CLI_CLI_H
#define RUNNER_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/cli/arguments.h"
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

struct exit_meaning {
    enum exit_code code;
    const char *text; /* NULL ends the table */
};

/* NULL-name terminated. */
extern const struct command commands[];
extern const struct exit_meaning exit_meanings[];
const struct command *command_find(const char *name);

int cli_run(const struct cli_arguments *arguments);
int cli_validate(const struct cli_arguments *arguments);
int cli_check(const struct cli_arguments *arguments);
int cli_compare(const struct cli_arguments *arguments);
int cli_export(const struct cli_arguments *arguments);
int cli_report(const struct cli_arguments *arguments);
int cli_help(const struct cli_arguments *arguments);
int cli_version(const struct cli_arguments *arguments);

/* What `runner help` can print beside commands. */
struct topic {
    const char *name; /* of one or two words; NULL ends the table */
    const char *text;
    void (*print)(FILE *out);
};
extern const struct topic topics[];

void help_print_overview(FILE *out);
void help_print_command(const struct command *command, FILE *out);
/* The manual page runner(1), in man(7). */
void manual_print(FILE *out);
void completion_print_bash(FILE *out);
void completion_print_zsh(FILE *out);
void completion_print_fish(FILE *out);

/* Prints "runner: TEXT" to stderr and returns the exit code of the error's class. */
int cli_fail(const struct error *error);
/* Prints a usage error of `command` with the way to its help. Returns EXIT_USAGE. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Closes stdout and reports what could not be written: a full disk behind a redirection is no success. */
int cli_finish_stdout(int code);

/* Whether to print colours to `out`: what --color says; else where it is a terminal that has them, and
   NO_COLOR is not set (no-color.org). */
bool cli_color(const struct cli_arguments *arguments, FILE *out);

#endif
