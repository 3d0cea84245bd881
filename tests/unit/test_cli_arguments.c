/* The table of commands, and what parses command lines by it. */
#include "runner/cli/arguments.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"

/* Parses words separated by blanks, as `command`. */
static int parse(const char *command, const char *line, struct cli_arguments *arguments)
{
    static char text[256], *argv[32];
    char *rest = NULL;
    int argc = 0;
    snprintf(text, sizeof text, "%s %s", command, line);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    argv[argc] = NULL;
    return cli_parse(command_find(command), argc, argv, arguments);
}

Test(cli_arguments, options_may_stand_anywhere_and_the_last_one_counts)
{
    struct cli_arguments arguments;
    cr_assert_eq(parse("run", "--out a m.yaml --out=b --dry-run", &arguments), 0);
    cr_expect_str_eq(cli_value(&arguments, "out"), "b");
    cr_expect(cli_has(&arguments, "dry-run"));
    cr_expect_not(cli_has(&arguments, "json"));
    cr_expect_null(cli_value(&arguments, "cgroup-root"));
    cr_assert_eq(arguments.count, 1);
    cr_expect_str_eq(arguments.words[0], "m.yaml");
}

Test(cli_arguments, two_dashes_end_the_options)
{
    struct cli_arguments arguments;
    cr_assert_eq(parse("compare", "--all -- --json", &arguments), 0);
    cr_expect_not(cli_has(&arguments, "json"));
    cr_assert_eq(arguments.count, 1);
    cr_expect_str_eq(arguments.words[0], "--json");
}

Test(cli_arguments, an_option_that_repeats_is_kept_each_time)
{
    struct cli_arguments arguments;
    size_t place = 0;
    cr_assert_eq(parse("compare", "--gate one b --gate=two", &arguments), 0);
    cr_expect_str_eq(cli_next(&arguments, "gate", &place), "one");
    cr_expect_str_eq(cli_next(&arguments, "gate", &place), "two");
    cr_expect_null(cli_next(&arguments, "gate", &place));
}

Test(cli_arguments, letters_are_their_options)
{
    struct cli_arguments arguments;
    cr_assert_eq(parse("export", "b -ofile --format csv", &arguments), 0);
    cr_expect_str_eq(cli_value(&arguments, "output"), "file");
    cr_expect_eq(cli_choice(&arguments, "format"), 0);
    cr_assert_eq(parse("run", "-h", &arguments), 0);
    cr_expect(arguments.help);
    cr_assert_eq(parse("run", "--help --nonsense", &arguments), 0, "asked for help, nothing else counts");
    cr_expect(arguments.help);
}

static void refused(const char *command, const char *line, const char *said)
{
    struct cli_arguments arguments;
    char expected[512];
    cr_redirect_stderr();
    cr_expect_eq(parse(command, line, &arguments), EXIT_USAGE, "%s", line);
    fflush(stderr);
    snprintf(expected, sizeof expected, "runner: %s; see `runner help %s`\n", said, command);
    cr_assert_stderr_eq_str(expected, "%s", line);
}

/* A process each: what is captured of stderr is captured once. */
#define REFUSED(name, command, line, said)                                                                   \
    Test(cli_arguments, name)                                                                                \
    {                                                                                                        \
        refused(command, line, said);                                                                        \
    }

REFUSED(a_mistyped_option_is_asked_about, "compare", "b --formt csv",
        "unknown option '--formt'; did you mean '--format'?")
REFUSED(a_mistyped_option_with_a_value_too, "compare", "b --gaet=x",
        "unknown option '--gaet'; did you mean '--gate'?")
REFUSED(the_beginning_of_an_option_is_not_the_option, "run", "m --dry", "unknown option '--dry'")
REFUSED(one_that_is_like_nothing, "run", "--quux m", "unknown option '--quux'")
REFUSED(an_unknown_letter, "export", "-q b", "unknown option '-q'")
REFUSED(a_missing_value, "run", "m --out", "--out wants a value: DIR")
REFUSED(a_missing_value_of_a_letter, "export", "b -o", "--output wants a value: FILE")
REFUSED(a_value_that_nobody_wants, "run", "m --json=yes", "--json takes no value")
REFUSED(an_empty_value, "run", "m --out=", "--out has an empty value")
REFUSED(a_word_that_is_none_of_the_words, "run", "m --color sometimes",
        "--color takes auto, always or never, not 'sometimes'")
REFUSED(
    a_mistyped_word, "compare", "b --format markdwon",
    "--format takes terminal, json, markdown, csv or benchmarks, not 'markdwon'; did you mean 'markdown'?")
REFUSED(too_few_arguments, "compare", "--all", "no bundle given")
REFUSED(too_many_arguments, "run", "a b", "one manifest at a time")
REFUSED(an_argument_where_none_is_taken, "check", "now", "unexpected argument 'now'")
REFUSED(a_required_option, "export", "b", "no --format given")
REFUSED(control_characters_do_not_reach_the_terminal, "check", "\033[31m", "unexpected argument '?[31m'")

/* --- the table ------------------------------------------------------------------------------------------ */

static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    print(out);
    fclose(out);
    return text;
}

static size_t widest(const char *text, size_t *lines)
{
    size_t most = 0;
    for (*lines = 0; *text; (*lines)++) {
        size_t width = strcspn(text, "\n");
        most = width > most ? width : most;
        text += width + (text[width] == '\n');
    }
    return most;
}

Test(cli_table, help_is_one_screen)
{
    size_t lines;
    char *text = printed(help_print_overview);
    cr_expect_leq(widest(text, &lines), 84, "%s", text);
    cr_expect_leq(lines, 32, "%s", text);
    for (const struct command *command = commands; command->name; command++)
        cr_expect_not_null(strstr(text, command->summary), "%s", command->name);
    free(text);
}

Test(cli_table, every_option_is_in_help_manual_and_completions)
{
    static void (*const print[])(FILE *) = {manual_print, completion_print_bash, completion_print_zsh,
                                            completion_print_fish};
    static const char *const forms[] = {"\\-\\-", "--", "--", "-l "};
    for (size_t i = 0; i < sizeof print / sizeof *print; i++) {
        char *text = printed(print[i]), wanted[64];
        for (const struct command *command = commands; command->name; command++)
            for (const struct cli_option *option = command->options; option && option->name; option++) {
                char *to = wanted + snprintf(wanted, sizeof wanted, "%s", forms[i]);
                for (const char *from = option->name; *from; from++)
                    to += snprintf(to, sizeof wanted - (size_t)(to - wanted), "%s%c",
                                   i == 0 && *from == '-' ? "\\" : "", *from);
                cr_expect_not_null(strstr(text, wanted), "%s", wanted);
            }
        free(text);
    }
}

Test(cli_table, an_option_has_one_row_a_command_and_choices_are_told)
{
    for (const struct command *command = commands; command->name; command++) {
        cr_expect_null(strchr(command->summary, '\n'));
        cr_expect(command->least == 0 || command->few, "%s", command->name);
        for (const struct cli_option *option = command->options; option && option->name; option++) {
            cr_expect_str_neq(option->name, "help", "every command has it");
            cr_expect(!option->words || option->value, "%s", option->name);
            for (const struct cli_option *other = command->options; other < option; other++) {
                cr_expect_str_neq(other->name, option->name);
                cr_expect(!option->letter || other->letter != option->letter, "-%c", option->letter);
            }
        }
    }
}
