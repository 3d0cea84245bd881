/*
 * Completions of shells, generated from the table of commands. Each script is data in the shell's own form
 * and a few lines that look at it; none starts runner.
 */
#include <string.h>

#include "runner/cli/cli.h"

/* Inside single quotes of a POSIX shell a quote ends them: '\''. */
static void put_quoted(const char *text, const char *escaped, FILE *out)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr(escaped, *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void put_command_names(FILE *out)
{
    for (const struct command *command = commands; command->name; command++)
        fprintf(out, "%s%s", command == commands ? "" : " ", command->name);
}

/* The first words of the topics, each once. */
static void put_topic_names(FILE *out)
{
    size_t before = 0;
    for (const struct topic *topic = topics; topic->name; topic++) {
        size_t length = strcspn(topic->name, " ");
        if (topic > topics && before == length && strncmp(topic[-1].name, topic->name, length) == 0)
            continue;
        fprintf(out, " %.*s", (int)length, topic->name);
        before = length;
    }
}

/* --- bash ----------------------------------------------------------------------------------------------- */

/* bash(1), "Programmable Completion". COMP_WORDS breaks words at '=', too. */
static const char bash_head[] =
    "# bash completion of runner(1)\n"
    "_runner_files() { compopt -o filenames 2>/dev/null; }\n"
    "_runner_offer() {\n"
    "    case $1 in\n"
    "    words) mapfile -t COMPREPLY < <(compgen -W \"$2\" -- \"$current\") ;;\n"
    "    file) _runner_files; mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
    "    folder) _runner_files; mapfile -t COMPREPLY < <(compgen -d -- \"$current\") ;;\n"
    "    manifest)\n"
    "        _runner_files\n"
    "        mapfile -t COMPREPLY < <(\n"
    "            compgen -f -X '!*.yaml' -- \"$current\"\n"
    "            compgen -f -X '!*.yml' -- \"$current\"\n"
    "            compgen -d -- \"$current\"\n"
    "        )\n"
    "        ;;\n"
    "    esac\n"
    "}\n"
    "_runner() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} "
    "command=${COMP_WORDS[1]}\n"
    "    COMPREPLY=()\n"
    "    if [[ $current == '=' ]]; then\n"
    "        current=''\n"
    "    elif [[ $previous == '=' ]] && ((COMP_CWORD > 2)); then\n"
    "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

/* How `_runner_offer` is to be called for a value or an argument. */
static void bash_offer(enum cli_kind kind, const char *words, FILE *out)
{
    static const char *const names[] = {
        [CLI_MANIFEST] = "manifest", [CLI_BUNDLE] = "folder", [CLI_FOLDER] = "folder", [CLI_FILE] = "file"};
    if (words) {
        fprintf(out, "_runner_offer words '%s'", words);
    } else if (kind == CLI_TOPIC) {
        fputs("_runner_offer words '", out);
        put_command_names(out);
        put_topic_names(out);
        fputc('\'', out);
    } else if (kind == CLI_TEXT) {
        fputs(":", out);
    } else {
        fprintf(out, "_runner_offer %s", names[kind]);
    }
}

static void bash_values(const struct command *command, FILE *out)
{
    for (const struct cli_option *option = command->options; option && option->name; option++) {
        if (!option->value)
            continue;
        fprintf(out, "    %s:--%s", command->name, option->name);
        if (option->letter)
            fprintf(out, " | %s:-%c", command->name, option->letter);
        fputs(") ", out);
        bash_offer(option->kind, option->words, out);
        fputs("; return ;;\n", out);
    }
}

static void bash_command(const struct command *command, FILE *out)
{
    fprintf(out, "    %s)\n        if [[ $current == -* ]]; then\n            _runner_offer words '--help",
            command->name);
    for (const struct cli_option *option = command->options; option && option->name; option++)
        fprintf(out, " --%s", option->name);
    fputs("'\n        else\n            ", out);
    bash_offer(command->kind, NULL, out);
    fputs("\n        fi\n        ;;\n", out);
}

void completion_print_bash(FILE *out)
{
    fputs(bash_head, out);
    fputs("    if ((COMP_CWORD == 1)) && [[ $current != -* ]]; then\n"
          "        _runner_offer manifest\n"
          "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W '",
          out);
    put_command_names(out);
    fputs("' -- \"$current\")\n        return\n    fi\n    case $command in\n    ", out);
    for (const struct command *command = commands; command->name; command++)
        fprintf(out, "%s%s", command == commands ? "" : " | ", command->name);
    fputs(") ;;\n    *) command=run ;; # runner FILE\n    esac\n    case $command:$previous in\n", out);
    for (const struct command *command = commands; command->name; command++)
        bash_values(command, out);
    fputs("    esac\n    case $command in\n", out);
    for (const struct command *command = commands; command->name; command++)
        bash_command(command, out);
    fputs("    esac\n}\ncomplete -F _runner runner\n", out);
}

/* --- zsh ------------------------------------------------------------------------------------------------ */

static void zsh_action(enum cli_kind kind, const char *words, FILE *out)
{
    static const char *const actions[] = {[CLI_TEXT] = " ",
                                          [CLI_MANIFEST] = "_files -g \"*.(yaml|yml)(-.)\"",
                                          [CLI_BUNDLE] = "_files -/",
                                          [CLI_FOLDER] = "_files -/",
                                          [CLI_FILE] = "_files"};
    if (words) {
        fprintf(out, "(%s)", words);
    } else if (kind == CLI_TOPIC) {
        fputc('(', out);
        put_command_names(out);
        put_topic_names(out);
        fputc(')', out);
    } else {
        fputs(actions[kind], out);
    }
}

/* zshcompsys(1), _arguments: '*--gate=[text]:GATE: '. */
static void zsh_spec(const struct cli_option *option, bool letter, FILE *out)
{
    fprintf(out, " \\\n            '%s", option->repeats ? "*" : "");
    if (letter)
        fprintf(out, "-%c%s[", option->letter, option->value ? "+" : "");
    else
        fprintf(out, "--%s%s[", option->name, option->value ? "=" : "");
    put_quoted(option->text, "[]:\\", out);
    fputc(']', out);
    if (option->value) {
        fputc(':', out);
        put_quoted(option->value, ":\\", out);
        fputc(':', out);
        zsh_action(option->kind, option->words, out);
    }
    fputc('\'', out);
}

static void zsh_command(const struct command *command, FILE *out)
{
    fprintf(out, "    %s)\n        _arguments '--help[what it does]'", command->name);
    for (const struct cli_option *option = command->options; option && option->name; option++) {
        zsh_spec(option, false, out);
        if (option->letter)
            zsh_spec(option, true, out);
    }
    if (command->arguments) {
        fputs(" \\\n            '*:", out);
        put_quoted(command->arguments, ":\\", out);
        fputc(':', out);
        zsh_action(command->kind, NULL, out);
        fputc('\'', out);
    }
    fputs("\n        ;;\n", out);
}

void completion_print_zsh(FILE *out)
{
    fputs("#compdef runner\n"
          "_runner() {\n"
          "    local -a known\n"
          "    known=(\n",
          out);
    for (const struct command *command = commands; command->name; command++) {
        fprintf(out, "        '%s:", command->name);
        put_quoted(command->summary, ":\\", out);
        fputs("'\n", out);
    }
    fputs("    )\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe -t commands command known\n"
          "        _files -g \"*.(yaml|yml)(-.)\"\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    if ((${known[(I)$command:*]})); then\n"
          "        shift words\n"
          "        ((CURRENT--))\n"
          "    else\n"
          "        command=run # runner FILE\n"
          "    fi\n"
          "    case $command in\n",
          out);
    for (const struct command *command = commands; command->name; command++)
        zsh_command(command, out);
    fputs("    esac\n}\n"
          "if [[ $funcstack[1] == _runner ]]; then\n"
          "    _runner \"$@\"\n"
          "else\n"
          "    compdef _runner runner\n"
          "fi\n",
          out);
}

/* --- fish ----------------------------------------------------------------------------------------------- */

/* complete(1) of fish; single quotes escape by a backslash. */
static void fish_text(const char *text, FILE *out)
{
    fputc('\'', out);
    for (; *text; text++)
        fprintf(out, strchr("'\\", *text) ? "\\%c" : "%c", *text);
    fputc('\'', out);
}

static void fish_offer(enum cli_kind kind, const char *words, FILE *out)
{
    static const char *const offers[] = {[CLI_TEXT] = "",
                                         [CLI_MANIFEST] = " -k -a '(__fish_complete_suffix .yaml)'",
                                         [CLI_BUNDLE] = " -a '(__fish_complete_directories)'",
                                         [CLI_FOLDER] = " -a '(__fish_complete_directories)'",
                                         [CLI_FILE] = " -F"};
    if (words) {
        fprintf(out, " -a '%s'", words);
    } else if (kind == CLI_TOPIC) {
        fputs(" -a '", out);
        put_command_names(out);
        put_topic_names(out);
        fputc('\'', out);
    } else {
        fputs(offers[kind], out);
    }
}

/* `runner FILE` is the first command: where no other one stands. */
static void fish_condition(const struct command *command, FILE *out)
{
    if (command != commands) {
        fprintf(out, "complete -c runner -n '__fish_seen_subcommand_from %s'", command->name);
        return;
    }
    fputs("complete -c runner -n 'not __fish_seen_subcommand_from", out);
    for (const struct command *other = commands + 1; other->name; other++)
        fprintf(out, " %s", other->name);
    fputc('\'', out);
}

static void fish_command(const struct command *command, FILE *out)
{
    fputs("complete -c runner -n __fish_use_subcommand -a ", out);
    fprintf(out, "%s -d ", command->name);
    fish_text(command->summary, out);
    fputc('\n', out);
    for (const struct cli_option *option = command->options; option && option->name; option++) {
        fish_condition(command, out);
        fprintf(out, " -l %s", option->name);
        if (option->letter)
            fprintf(out, " -s %c", option->letter);
        if (option->value) {
            fputs(option->kind == CLI_FILE ? " -r" : " -x", out);
            fish_offer(option->kind, option->words, out);
        }
        fputs(" -d ", out);
        fish_text(option->text, out);
        fputc('\n', out);
    }
    if (!command->arguments || command->kind == CLI_TEXT)
        return;
    fish_condition(command, out);
    fish_offer(command->kind, NULL, out);
    fputc('\n', out);
}

void completion_print_fish(FILE *out)
{
    fputs("# fish completion of runner(1)\ncomplete -c runner -f\n"
          "complete -c runner -l help -s h -d 'what it does'\n",
          out);
    for (const struct command *command = commands; command->name; command++)
        fish_command(command, out);
}
