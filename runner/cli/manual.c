/*
 * The manual page: man-pages(7) has the order of the sections, man(7) the macros.
 */
#include <string.h>

#include "runner/cli/cli.h"

#define MANUAL_DATE "2026-12-01" /* when it was last changed: a build must not depend on the day */

enum { LINE_MOST = 70 /* characters of the source, before escapes; lint wants lines up to 80 */ };

/* One character. A hyphen would become a typographic one, which no shell understands (groff_char(7)). */
static void put_char(char c, FILE *out)
{
    static const struct {
        char c;
        const char *escaped;
    } escapes[] = {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'"', "\\(dq"}};
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (escapes[i].c == c) {
            fputs(escapes[i].escaped, out);
            return;
        }
    fputc(c, out);
}

/* Text within a line. A line that begins with a dot would be a request. */
static void put(const char *text, FILE *out)
{
    if (*text == '.')
        fputs("\\&", out);
    for (; *text; text++)
        put_char(*text, out);
}

/* A paragraph, broken where the source has room for it; `end` ends it. */
static void put_text(const char *text, const char *end, FILE *out)
{
    for (size_t column = 0; *text;) {
        size_t word = strcspn(text, " ");
        bool breaks = column && column + 1 + word > LINE_MOST;
        if (column)
            fputc(breaks ? '\n' : ' ', out);
        column = breaks ? word : column + (column > 0) + word;
        if (column == word && *text == '.')
            fputs("\\&", out);
        for (size_t i = 0; i < word; i++)
            put_char(text[i], out);
        text += word;
        text += *text == ' ';
    }
    fprintf(out, "%s\n", end);
}

static void put_line(const char *before, const char *text, const char *after, FILE *out)
{
    fputs(before, out);
    put(text, out);
    fputs(after, out);
}

static void print_option(const struct cli_option *option, FILE *out)
{
    fputs(".TP\n", out);
    if (option->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    put_line("\\fB\\-\\-", option->name, "\\fR", out);
    if (option->value)
        put_line(" \\fI", option->value, "\\fR", out);
    fputc('\n', out);
    put_text(option->text, ".", out);
    if (option->repeats)
        fputs("May be given several times.\n", out);
}

static void print_command(const struct command *command, FILE *out)
{
    put_line(".SS \"runner ", command->name, "", out);
    put_line(command->arguments ? " " : "", command->arguments ? command->arguments : "", "\"\n", out);
    put_text(command->summary, ".", out);
    if (command->details) {
        fputs(".PP\n", out);
        put_text(command->details, "", out);
    }
    for (const struct cli_option *option = command->options; option && option->name; option++)
        print_option(option, out);
}

static void print_examples(FILE *out)
{
    fputs(".SH EXAMPLES\n", out);
    for (const struct command *command = commands; command->name; command++)
        for (const struct cli_example *example = command->examples; example && example->line; example++) {
            fputs(".TP\n.B ", out);
            put(example->line, out);
            fputc('\n', out);
            put_text(example->text, ".", out);
        }
}

static void print_synopsis(FILE *out)
{
    fputs(".SH SYNOPSIS\n.B runner\n.I FILE\n", out);
    for (const struct command *command = commands; command->name; command++) {
        put_line(".br\n.B runner ", command->name, "\n", out);
        if (command->options)
            fputs("[\\fIoption\\fR ...]\n", out);
        if (command->arguments)
            put_line(".I ", command->arguments, "\n", out);
    }
}

static void print_list(FILE *out)
{
    char code[16];
    fputs(".SH TOPICS\nWhat \\fBrunner help\\fR \\fITOPIC\\fR prints:\n", out);
    for (const struct topic *topic = topics; topic->name; topic++) {
        put_line(".TP\n.B ", topic->name, "\n", out);
        put_text(topic->text, ".", out);
    }
    print_examples(out);
    fputs(".SH EXIT STATUS\n", out);
    for (const struct exit_meaning *row = exit_meanings; row->text; row++) {
        snprintf(code, sizeof code, "%d", row->code);
        put_line(".TP\n.B ", code, "\n", out);
        put_text(row->text, ".", out);
    }
}

void manual_print(FILE *out)
{
    fputs(".TH RUNNER 1 " MANUAL_DATE " \"runner " RUNNER_VERSION "\" \"User Commands\"\n"
          ".SH NAME\nrunner \\- equal conditions and honest figures for Go demos\n",
          out);
    print_synopsis(out);
    fputs(".SH DESCRIPTION\n", out);
    put_text("A YAML manifest fixes the machine; each demo runs sandboxed in its own control group, bare and "
             "observed by eBPF probes. Every run leaves a bundle with all evidence, and the figures are "
             "compared with honest statistics. Results go to standard output, progress and errors to "
             "standard error.",
             "", out);
    fputs(".SH COMMANDS\n", out);
    for (const struct command *command = commands; command->name; command++)
        print_command(command, out);
    print_list(out);
    fputs(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\n", out);
    put_text("Where it is set and not empty, nothing is coloured unless --color always is given.", "", out);
    fputs(".SH FILES\n.TP\n.I runs/latest\nThe bundle of the last run in this folder.\n"
          ".SH SEE ALSO\n.BR cgroups (7),\n.BR babeltrace2 (1)\n",
          out);
}
