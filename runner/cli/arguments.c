#include "runner/cli/arguments.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"
#include "runner/manifest/suggest.h"

enum { OPTIONS_MAX = 32, FIRST = 1000 /* getopt's numbers of options; below: letters */, HELP = 999 };

static size_t option_count(const struct command *command)
{
    size_t count = 0;
    while (command->options && command->options[count].name)
        count++;
    assert(count <= OPTIONS_MAX);
    return count;
}

const char *cli_option_shown(const struct cli_option *option, char *to, size_t size)
{
    char letter[8] = "";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(to, size, "%s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
    return to;
}

/* The table as getopt_long(3) wants it; `letters` begins with the colon that tells missing values apart. */
static void make_tables(const struct command *command, struct option longs[OPTIONS_MAX + 2],
                        char letters[2 * OPTIONS_MAX + 4])
{
    size_t count = option_count(command), used = 0;
    letters[used++] = ':';
    for (size_t i = 0; i < count; i++) {
        const struct cli_option *option = &command->options[i];
        longs[i] = (struct option){option->name, option->value ? required_argument : no_argument, NULL,
                                   FIRST + (int)i};
        if (option->letter)
            letters[used++] = option->letter;
        if (option->letter && option->value)
            letters[used++] = ':';
    }
    longs[count] = (struct option){"help", no_argument, NULL, HELP};
    longs[count + 1] = (struct option){0};
    letters[used++] = 'h';
    letters[used] = 0;
}

/* The option that getopt's number stands for; NULL: none. */
static const struct cli_option *option_of(const struct command *command, int number)
{
    size_t count = option_count(command);
    if (number >= FIRST && (size_t)(number - FIRST) < count)
        return &command->options[number - FIRST];
    for (size_t i = 0; i < count; i++)
        if (number && command->options[i].letter == number)
            return &command->options[i];
    return NULL;
}

static int unknown_option(const struct command *command, const char *word)
{
    char name[SUGGEST_LONGEST + 1];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    struct suggest near = {.word = name};
    for (size_t i = 0, count = option_count(command); i < count; i++)
        suggest_candidate(&near, command->options[i].name);
    if (near.best)
        return cli_usage(command->name, "unknown option '--%s'; did you mean '--%s'?", name, near.best);
    return cli_usage(command->name, "unknown option '--%s'", name);
}

/* The place of `value` among words separated by blanks; -1: it is none of them. */
static int word_place(const char *words, const char *value)
{
    size_t length = strlen(value);
    for (int place = 0; *words; place++) {
        size_t word = strcspn(words, " ");
        if (word == length && strncmp(words, value, length) == 0)
            return place;
        words += word + (words[word] == ' ');
    }
    return -1;
}

static int wrong_word(const struct command *command, const struct cli_option *option, const char *value)
{
    char words[256], listed[320] = "";
    char *rest = NULL;
    size_t used = 0;
    struct suggest near = {.word = value};
    snprintf(words, sizeof words, "%s", option->words);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        suggest_candidate(&near, word);
        used += (size_t)snprintf(listed + used, sizeof listed - used, "%s%s",
                                 !used           ? ""
                                 : rest && *rest ? ", "
                                                 : " or ",
                                 word);
    }
    if (near.best)
        return cli_usage(command->name, "--%s takes %s, not '%s'; did you mean '%s'?", option->name, listed,
                         value, near.best);
    return cli_usage(command->name, "--%s takes %s, not '%s'", option->name, listed, value);
}

static int take(struct cli_arguments *arguments, const struct cli_option *option, const char *value)
{
    if (arguments->given_count == CLI_GIVEN_MAX)
        return cli_usage(arguments->command->name, "more than %d options", CLI_GIVEN_MAX);
    if (value && !*value)
        return cli_usage(arguments->command->name, "--%s has an empty value", option->name);
    if (option->words && word_place(option->words, value) < 0)
        return wrong_word(arguments->command, option, value);
    arguments->given[arguments->given_count++] = (struct cli_given){option, value};
    return 0;
}

/* `result` is what getopt_long() returned, `word` the last one that it looked at. */
static int take_result(struct cli_arguments *arguments, int result, const char *word)
{
    const struct command *command = arguments->command;
    if (result == ':') {
        const struct cli_option *option = option_of(command, optopt);
        return cli_usage(command->name, "--%s wants a value: %s", option->name, option->value);
    }
    if (result != '?')
        return take(arguments, option_of(command, result), optarg);
    const struct cli_option *known = option_of(command, optopt);
    if (known)
        return cli_usage(command->name, "--%s takes no value", known->name);
    if (optopt == HELP)
        return cli_usage(command->name, "--help takes no value");
    if (optopt)
        return cli_usage(command->name, "unknown option '-%c'", optopt);
    return unknown_option(command, word);
}

/* getopt_long() also takes the beginning of a name; scripts that did so break when an option is added. */
static bool is_cut_short(const struct command *command, int result, const char *word)
{
    const struct cli_option *option = result >= FIRST ? option_of(command, result) : NULL;
    size_t length = strcspn(word + 2, "=");
    const char *name = result == HELP ? "help" : option ? option->name : NULL;
    return name && strncmp(word, "--", 2) == 0 && strlen(name) != length;
}

/* What can be said only when all is known. */
static int check_whole(const struct cli_arguments *arguments)
{
    const struct command *command = arguments->command;
    for (size_t i = 0, count = option_count(command); i < count; i++)
        if (command->options[i].required && !cli_has(arguments, command->options[i].name))
            return cli_usage(command->name, "no --%s given", command->options[i].name);
    if (arguments->count < command->least)
        return cli_usage(command->name, "%s", command->few);
    if (arguments->count <= command->most)
        return 0;
    return command->many
               ? cli_usage(command->name, "%s", command->many)
               : cli_usage(command->name, "unexpected argument '%s'", arguments->words[command->most]);
}

int cli_parse(const struct command *command, int argc, char **argv, struct cli_arguments *arguments)
{
    struct option longs[OPTIONS_MAX + 2];
    char letters[2 * OPTIONS_MAX + 4];
    int code = 0;
    *arguments = (struct cli_arguments){.command = command};
    make_tables(command, longs, letters);
    optind = 0;
    opterr = 0;
    while (code == 0) {
        int at = -1;
        int result = getopt_long(argc, argv, letters, longs, &at);
        if (result == -1)
            break;
        /* A value of its own stands behind the option's word. */
        bool apart = at >= 0 && optarg && optarg == argv[optind - 1];
        const char *word = argv[optind - 1 - apart];
        if (at >= 0 && is_cut_short(command, result, word)) {
            code = unknown_option(command, word);
        } else if (result == HELP || result == 'h') {
            arguments->help = true;
            return 0;
        } else {
            code = take_result(arguments, result, word);
        }
    }
    arguments->words = argv + optind;
    arguments->count = (size_t)(argc - optind);
    return code ? code : check_whole(arguments);
}

const char *cli_next(const struct cli_arguments *arguments, const char *name, size_t *place)
{
    while (*place < arguments->given_count) {
        const struct cli_given *given = &arguments->given[(*place)++];
        if (strcmp(given->option->name, name) == 0)
            return given->value ? given->value : "";
    }
    return NULL;
}

static const struct cli_option *find_option(const struct command *command, const char *name)
{
    for (size_t i = 0, count = option_count(command); i < count; i++)
        if (strcmp(command->options[i].name, name) == 0)
            return &command->options[i];
    return NULL;
}

static const struct cli_option *option_named(const struct command *command, const char *name)
{
    const struct cli_option *option = find_option(command, name);
    assert(option);
    return option;
}

bool cli_knows(const struct cli_arguments *arguments, const char *name)
{
    return find_option(arguments->command, name) != NULL;
}

const char *cli_value(const struct cli_arguments *arguments, const char *name)
{
    const struct cli_option *option = option_named(arguments->command, name);
    const char *last = NULL;
    for (size_t i = 0; i < arguments->given_count; i++)
        if (arguments->given[i].option == option)
            last = arguments->given[i].value ? arguments->given[i].value : "";
    return last;
}

bool cli_has(const struct cli_arguments *arguments, const char *name)
{
    return cli_value(arguments, name) != NULL;
}

int cli_choice(const struct cli_arguments *arguments, const char *name)
{
    const char *value = cli_value(arguments, name);
    return value ? word_place(option_named(arguments->command, name)->words, value) : -1;
}
