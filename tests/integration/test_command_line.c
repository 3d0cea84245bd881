/* The command line as people and their shells meet it: the program itself, man, and real shells. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a bash script prints, stderr included; $R is runner. */
static int run(const char *script, char *said, size_t size)
{
    char line[4096];
    snprintf(line, sizeof line, "R=%s/runner; cd /; %s", getenv("RUNNER_TEST_BIN"), script);
    return lab_bash(line, said, size);
}

static void expect(const char *script, int code, const char *wanted)
{
    char said[65536];
    int got = run(script, said, sizeof said);
    cr_expect_eq(got, code, "%s: %d, %s", script, got, said);
    cr_expect_str_eq(said, wanted, "%s", script);
}

static void expect_part(const char *script, int code, const char *wanted)
{
    char said[65536];
    int got = run(script, said, sizeof said);
    cr_expect_eq(got, code, "%s: %d, %s", script, got, said);
    cr_expect_not_null(strstr(said, wanted), "%s: %s", script, said);
}

Test(command_line, mistyped_commands_are_asked_about)
{
    expect("$R comprae x", 2,
           "runner: unknown command 'comprae'; did you mean 'compare'?; see `runner help`\n");
    expect("$R qwertz", 2,
           "runner: unknown command 'qwertz', and no manifest of that name; see `runner help`\n");
    expect("$R help compaer", 2,
           "runner: no help on 'compaer'; did you mean 'compare'?; see `runner help`\n");
    expect("$R --jsn", 2, "runner: unknown option '--jsn'; did you mean '--json'?; see `runner help run`\n");
}

Test(command_line, help_of_a_command_is_the_same_by_each_way)
{
    expect_part("$R help compare", 0, "usage: runner compare BUNDLE... [OPTION...]\n");
    expect("cmp <($R help compare) <($R compare --help) && cmp <($R help) <($R --help)", 0, "");
    expect("$R version; $R --version --json", 0, "runner 0.1.0\n{\"version\": \"0.1.0\"}\n");
}

Test(command_line, the_manual_page_has_no_faults)
{
    expect("mandoc -Tlint -Wall <($R help man)", 0, "");
    /* What man --warnings does; man itself is a stub where a system has been minimized. */
    expect("groff -man -Tutf8 -ww -z <($R help man)", 0, "");
    expect_part("groff -man -Tutf8 -P -cbou <($R help man)", 0, "runner compare BUNDLE...");
}

Test(command_line, completions_are_sound_to_their_shells)
{
    expect("for s in bash zsh fish; do $s -n <($R help completion $s) || exit; done", 0, "");
    expect("shellcheck -s bash -e SC2207 <($R help completion bash)", 0, "");
}

#define BASH                                                                                                 \
    "source <($R help completion bash); try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _runner; "      \
    "printf '%s ' \"${COMPREPLY[@]}\"; echo; }; D=$(mktemp -d); trap 'rm -r $D' EXIT; cd $D; mkdir runs; "   \
    "touch 'my one.yaml' other.yml notes; "

Test(command_line, bash_completes_commands_options_words_and_files)
{
    expect(BASH "try runner c", 0, "check compare \n");
    expect(BASH "try runner compare --f", 0, "--format --force \n");
    expect(BASH "try runner compare --format m", 0, "markdown \n");
    expect(BASH "try runner compare --format = m", 0, "markdown \n");
    expect(BASH "try runner compare --format =", 0, "terminal json markdown csv benchmarks \n");
    expect(BASH "try runner compare r", 0, "runs \n");
    expect(BASH "try runner other.yml --dry", 0, "--dry-run \n");
    expect(BASH "try runner run ''", 0, "my one.yaml other.yml runs \n");
    expect(BASH "try runner export -o n", 0, "notes \n");
    expect(BASH "try runner help met", 0, "metrics \n");
    expect(BASH "try runner check x", 0, " \n");
}

#define FISH(line)                                                                                           \
    "D=$(mktemp -d); trap 'rm -r $D' EXIT; cd $D; mkdir runs; touch my.yaml notes; export HOME=$D; "         \
    "$R help completion fish >z.fish; "                                                                      \
    "fish --no-config -c 'source z.fish; complete -C \"" line "\"' | cut -f 1"

Test(command_line, fish_completes_commands_options_words_and_files)
{
    expect(FISH("runner c"), 0, "check\ncompare\n");
    expect(FISH("runner compare --fo"), 0, "--force\n--format\n");
    expect(FISH("runner compare --format m"), 0, "markdown\n");
    expect(FISH("runner my.yaml --dry"), 0, "--dry-run\n");
    expect(FISH("runner run my"), 0, "my.yaml\n");
    expect(FISH("runner compare r"), 0, "runs/\n");
}

/* zsh's completion runs in its line editor, on a terminal: zsh/zpty is one. */
Test(command_line, zsh_completes_options)
{
    static const char script[] =
        "D=$(mktemp -d); trap 'rm -r $D' EXIT; cd $D; $R help completion zsh >_runner; "
        "cat >t.zsh <<'END'\n"
        "zmodload zsh/zpty\n"
        "zpty -b z zsh -f -i\n"
        "zpty -w z 'PS1=; stty -echo; autoload -Uz compinit; compinit -u -d d; source ./_runner; "
        "print rea''dy'\n"
        "until [[ $text == *ready* ]]; do zpty -r z line && text+=$line; done\n"
        "zpty -w -n z $'runner compare --forc\\t\\x01print -r -- \"<\\x05>\"\\n'\n"
        "text=\n"
        "for ((i = 0; i < 1200; i++)) { zpty -rt z line && text+=$line; [[ $text == *'--force>'* ]] && "
        "break; "
        "sleep 0.05 }\n"
        "print -r -- $text\n"
        "zpty -d z\n"
        "END\n"
        "zsh -f t.zsh";
    expect_part(script, 0, "<runner compare --force>");
}

Test(command_line, a_manifest_is_judged_for_programs_too)
{
    expect_part(
        "printf 'version: 1\\nexperimnt: x\\n' >/tmp/cli-$$.yaml; $R validate --json /tmp/cli-$$.yaml; "
        "c=$?; rm /tmp/cli-$$.yaml; exit $c",
        2, "\"message\": \"unknown key 'experimnt' in the manifest; did you mean 'experiment'?\"");
    expect_part("printf 'version: 1\\nexperiment: x\\ndemos:\\n  - {name: a, exec: [/bin/true]}\\n' "
                ">/tmp/cli-$$.yaml; $R validate --json /tmp/cli-$$.yaml; $R run --dry-run --json "
                "/tmp/cli-$$.yaml; c=$?; rm /tmp/cli-$$.yaml; exit $c",
                0, "\"role\": \"observed\"");
}

Test(command_line, colour_is_for_terminals_and_for_who_asks)
{
    expect("$R check --color always | grep -c $'\\e' | grep -qv '^0$' && ! $R check | grep $'\\e'", 0, "");
    expect("TERM=xterm script -qec \"$R check\" /dev/null | grep -q $'\\e'", 0, "");
    expect("TERM=dumb script -qec \"$R check\" /dev/null | grep $'\\e'; true", 0, "");
    expect("NO_COLOR=1 TERM=xterm script -qec \"$R check\" /dev/null | grep $'\\e'; true", 0, "");
}
