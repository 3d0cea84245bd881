#include "runner/report/advice.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *printed(json_t *summary, bool color)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    advice_print(summary, color, out);
    fclose(out);
    json_decref(summary);
    return text;
}

static json_t *row(const char *name, const char *severity, const char *sentence)
{
    return json_pack("{s: s, s: s, s: s, s: i, s: i, s: [{s: s, s: s}]}", "name", name, "severity", severity,
                     "role", "observed", "shown", 2, "of", 3, "examples", "sentence", sentence, "advice",
                     "Do it otherwise.");
}

static json_t *summary(json_t *findings, json_t *not_looked_for)
{
    return json_pack("{s: {s: {s: o, s: o}}}", "demos", "till", "findings", findings,
                     "findings_not_looked_for", not_looked_for);
}

Test(report_advice, findings_are_told_the_worst_first)
{
    char *text = printed(summary(json_pack("[o, o]", row("spinning", "note", "Threads looked for work."),
                                           row("goroutine-leak", "serious", "Nine never ended.")),
                                 json_array()),
                         false);
    const char *leak = strstr(text, "  till: goroutine-leak (serious), in 2 of 3 observed trials\n"
                                    "    Nine never ended.\n    Do it otherwise.\n");
    const char *spinning = strstr(text, "  till: spinning (note)");
    cr_assert_not_null(leak, "%s", text);
    cr_assert_not_null(spinning, "%s", text);
    cr_expect_lt(leak, spinning);
    cr_expect_null(strchr(text, '\033'));
    free(text);
}

Test(report_advice, long_sentences_are_broken_between_words)
{
    char *text = printed(
        summary(json_pack("[o]", row("goroutine-leak", "serious",
                                     "A sentence that goes on and on until it does not fit on a line of a "
                                     "terminal any more, whereupon it continues on the next one.")),
                json_array()),
        false);
    cr_assert_not_null(strstr(text, "any more, whereupon\n    it"), "%s", text);
    free(text);
}

Test(report_advice, what_could_not_be_looked_for_stands_once)
{
    json_t *list = json_pack("[{s: s, s: s}, {s: s, s: s}]", "name", "timer-abuse", "reason",
                             "recorded with `go: full` only", "name", "spinning", "reason",
                             "recorded with `go: full` only");
    json_t *demos = json_pack("{s: {s: {s: o}, s: {s: O}}}", "demos", "pool", "findings_not_looked_for", list,
                              "no-pool", "findings_not_looked_for", list);
    char *text = printed(demos, false);
    cr_expect_str_eq(text, "not looked for: timer-abuse, spinning (recorded with `go: full` only)\n");
    free(text);
}

Test(report_advice, nothing_to_say_prints_nothing)
{
    char *text = printed(summary(json_array(), json_array()), true);
    cr_expect_str_empty(text);
    free(text);
    text = printed(json_pack("{s: {s: {s: i, s: [i, {s: i}]}}}", "demos", "till", "findings", 3,
                             "findings_not_looked_for", 1, "name", 2),
                   false);
    cr_expect_str_empty(text, "a stranger's bundle");
    free(text);
}

Test(report_advice, a_strangers_words_are_cleaned)
{
    char *text = printed(
        summary(json_pack("[o]", row("goroutine-leak", "serious", "\033[2Jgone")), json_array()), false);
    cr_assert_not_null(strstr(text, "    ?[2Jgone\n"), "%s", text);
    free(text);
}
