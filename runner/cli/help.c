#include <string.h>

#include "runner/cli/cli.h"
#include "runner/findings/findings.h"
#include "runner/manifest/manifest.h"
#include "runner/manifest/suggest.h"
#include "runner/metrics/bounds.h"
#include "runner/metrics/metrics.h"

enum { WIDTH = 80, OPTION_COLUMN = 24 };

static void print_metrics(FILE *out)
{
    metrics_print_reference(out);
    fputs("\nHealth bounds: what a scheduler in good order keeps\n", out);
    bounds_print_reference(out);
}

const struct topic topics[] = {
    {"manifest", "every key of a manifest: type, default, range, meaning", manifest_print_reference},
    {"metrics", "every metric, and the health bounds", print_metrics},
    {"findings", "every finding, and from when on it is one", findings_print_reference},
    {"schema", "the JSON Schema of the manifest", manifest_print_schema},
    {"man", "this manual as a page for man(1)", manual_print},
    {"completion bash", "completions for bash", completion_print_bash},
    {"completion zsh", "completions for zsh", completion_print_zsh},
    {"completion fish", "completions for fish", completion_print_fish},
    {0},
};

/* Continues at column `at`; later lines begin at `indent`. */
static void print_wrapped(const char *text, size_t at, size_t indent, FILE *out)
{
    for (size_t column = at; *text;) {
        size_t word = strcspn(text, " ");
        bool first = column == indent;
        if (!first && column + 1 + word > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", (int)word, text);
        column += word + !first;
        text += word;
        text += *text == ' ';
    }
    fputc('\n', out);
}

/* "  left      text" */
static void print_row(const char *left, size_t indent, const char *text, FILE *out)
{
    int used = fprintf(out, "  %s ", left);
    if (used > (int)indent)
        used = fprintf(out, "\n") - 1;
    fprintf(out, "%*s", (int)indent - used, "");
    print_wrapped(text, indent, indent, out);
}

static void print_exit_codes(FILE *out)
{
    char line[512] = "";
    size_t used = 0;
    for (const struct exit_meaning *row = exit_meanings; row->text; row++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%d %s", used ? "; " : "", row->code,
                                 row->text);
    fputs("\nExit codes: ", out);
    print_wrapped(line, 12, 2, out);
}

void help_print_overview(FILE *out)
{
    fputs("runner: equal conditions, kernel-side observation and honest figures for Go demos\n\n", out);
    for (const struct command *command = commands; command->name; command++)
        if (command->examples)
            fprintf(out, "  %s\n", command->examples->line);
    fputs("\nCommands (`runner help COMMAND` has their options):\n", out);
    for (const struct command *command = commands; command->name; command++)
        print_row(command->name, 12, command->summary, out);
    fputs("\nTopics (`runner help TOPIC`):", out);
    size_t column = 29;
    for (const struct topic *topic = topics; topic->name; topic++) {
        bool breaks = column + 2 + strlen(topic->name) > WIDTH;
        fprintf(out, "%s%s%s", breaks ? "\n  " : " ", topic->name, topic[1].name ? "," : "\n");
        column = (breaks ? 2 : column + 1) + strlen(topic->name) + 1;
    }
    print_exit_codes(out);
}

static void print_options(const struct command *command, FILE *out)
{
    char shown[64], text[512];
    fputs("\nOptions:\n", out);
    for (const struct cli_option *option = command->options; option->name; option++) {
        snprintf(text, sizeof text, "%s%s", option->text,
                 option->repeats ? "; may be given several times" : "");
        print_row(cli_option_shown(option, shown, sizeof shown), OPTION_COLUMN, text, out);
    }
}

void help_print_command(const struct command *command, FILE *out)
{
    fprintf(out, "usage: runner %s%s%s%s\n\n", command->name, command->arguments ? " " : "",
            command->arguments ? command->arguments : "", command->options ? " [OPTION...]" : "");
    print_wrapped(command->summary, 0, 0, out);
    if (command->details) {
        fputc('\n', out);
        print_wrapped(command->details, 0, 0, out);
    }
    if (command->options)
        print_options(command, out);
    if (command->run == cli_help) {
        fputs("\nTopics:\n", out);
        for (const struct topic *topic = topics; topic->name; topic++)
            print_row(topic->name, OPTION_COLUMN, topic->text, out);
    }
    if (command->examples)
        fputs("\nExamples:\n", out);
    for (const struct cli_example *example = command->examples; example && example->line; example++)
        fprintf(out, "  %s\n      %s\n", example->line, example->text);
}

static int unknown(const char *word)
{
    struct suggest near = {.word = word};
    for (const struct command *command = commands; command->name; command++)
        suggest_candidate(&near, command->name);
    for (const struct topic *topic = topics; topic->name; topic++)
        suggest_candidate(&near, topic->name);
    if (near.best)
        return cli_usage(NULL, "no help on '%s'; did you mean '%s'?", word, near.best);
    return cli_usage(NULL, "no help on '%s'", word);
}

int cli_help(const struct cli_arguments *arguments)
{
    char wanted[64];
    if (arguments->count == 0) {
        help_print_overview(stdout);
        return cli_finish_stdout(EXIT_OK);
    }
    bool two = arguments->count > 1;
    snprintf(wanted, sizeof wanted, "%s%s%s", arguments->words[0], two ? " " : "",
             two ? arguments->words[1] : "");
    const struct command *command = command_find(wanted);
    if (command) {
        help_print_command(command, stdout);
        return cli_finish_stdout(EXIT_OK);
    }
    for (const struct topic *topic = topics; topic->name; topic++)
        if (strcmp(wanted, topic->name) == 0) {
            topic->print(stdout);
            return cli_finish_stdout(EXIT_OK);
        }
    return unknown(wanted);
}

int cli_version(const struct cli_arguments *arguments)
{
    if (cli_has(arguments, "json"))
        puts("{\"version\": \"" RUNNER_VERSION "\"}");
    else
        puts("runner " RUNNER_VERSION);
    return cli_finish_stdout(EXIT_OK);
}
