/*
 * A command's arguments and options: one table row each, which the parser, `runner help`, the manual page and
 * the completions of shells read.
 */
#ifndef RUNNER_CLI_ARGUMENTS_H
#define RUNNER_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_GIVEN_MAX 128 /* options on one command line */

/* What an argument or a value is, for completions. */
enum cli_kind { CLI_TEXT, CLI_MANIFEST, CLI_BUNDLE, CLI_FOLDER, CLI_FILE, CLI_TOPIC };

struct cli_option {
    const char *name; /* behind "--" */
    char letter;      /* "-o"; 0: it has none */
    bool repeats;     /* each counts; else the last one does */
    bool required;
    const char *value;  /* how help calls it: "FILE"; NULL: a switch */
    enum cli_kind kind; /* of the value */
    const char *words;  /* the only values, separated by blanks; NULL: any */
    const char *text;
};

struct cli_example {
    const char *line, *text;
};

struct cli_arguments;

struct command {
    const char *name;
    const char *arguments;                             /* "BUNDLE..."; NULL: it takes none */
    enum cli_kind kind;                                /* of the arguments */
    size_t least, most;                                /* how many there may be */
    const char *few, *many;                            /* what to say where there are too few, too many */
    const char *summary;                               /* one line */
    const char *details;                               /* a paragraph; NULL: the summary says it all */
    const struct cli_option *options;                  /* a NULL name ends them; NULL: none */
    const struct cli_example *examples;                /* a NULL line ends them; NULL: none */
    int (*run)(const struct cli_arguments *arguments); /* returns the exit code */
};

struct cli_arguments {
    const struct command *command;
    struct cli_given {
        const struct cli_option *option;
        const char *value; /* NULL: a switch */
    } given[CLI_GIVEN_MAX];
    size_t given_count;
    char *const *words; /* the arguments */
    size_t count;
    bool help; /* --help was given: nothing else was checked */
};

/* argv[0] is ignored; argv is put into another order. 0, or EXIT_USAGE: what is wrong was printed. */
int cli_parse(const struct command *command, int argc, char **argv, struct cli_arguments *arguments);

/* Whether the command's table has it. */
bool cli_knows(const struct cli_arguments *arguments, const char *name);
/* Of the option `name`, which must be in the command's table. */
bool cli_has(const struct cli_arguments *arguments, const char *name);
/* Its last value; NULL: it was not given. */
const char *cli_value(const struct cli_arguments *arguments, const char *name);
/* Its values one by one: *place is 0 at first. NULL behind the last. */
const char *cli_next(const struct cli_arguments *arguments, const char *name, size_t *place);
/* The place of its last value among its `words`; -1: it was not given. */
int cli_choice(const struct cli_arguments *arguments, const char *name);

/* "--color WHEN", "-o, --output FILE"; returns `to`. */
const char *cli_option_shown(const struct cli_option *option, char *to, size_t size);

#endif
