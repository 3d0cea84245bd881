#include "runner/findings/findings.h"

#include <jansson.h>

#include "findings_case.h"
#include "runner/findings/record.h"
#include "runner/findings/words.h"

Test(findings, every_row_is_complete_and_at_its_place)
{
    for (unsigned id = 0; id < FINDING_COUNT; id++) {
        const struct finding_info *info = finding_info((enum finding_id)id);
        cr_assert_eq(info->id, id);
        cr_expect_eq(finding_by_name(info->name), info);
        cr_expect(info->severity > SEVERITY_NONE && info->severity < SEVERITY_COUNT, "%s", info->name);
        cr_expect_neq(info->needs, 0, "%s", info->name);
        cr_expect_not_null(info->judge, "%s", info->name);
        cr_expect_gt(strlen(info->meaning), 10);
        cr_expect_gt(strlen(info->advice), 20);
        unsigned thresholds = 0;
        for (unsigned i = 0; i < THRESHOLD_COUNT; i++)
            thresholds += threshold_info((enum threshold_id)i)->finding == info->id;
        cr_expect_gt(thresholds, 0, "%s is judged by something", info->name);
    }
    cr_expect_null(finding_info(FINDING_COUNT));
    cr_expect_null(finding_by_name("no-such-finding"));
}

Test(findings, every_threshold_has_its_reason)
{
    for (unsigned id = 0; id < THRESHOLD_COUNT; id++) {
        const struct threshold *row = threshold_info((enum threshold_id)id);
        cr_assert_eq(row->id, id);
        cr_expect_gt(threshold(row->id), 0);
        cr_expect_gt(strlen(row->why), 20, "%s", row->meaning);
    }
    cr_expect_null(threshold_info(THRESHOLD_COUNT));
}

Test(findings, severities_have_names)
{
    for (unsigned i = 0; i < SEVERITY_COUNT; i++)
        cr_expect_eq(severity_by_name(severity_name((enum severity)i)), i);
    cr_expect_eq(severity_by_name("dreadful"), SEVERITY_COUNT);
    cr_expect_lt(SEVERITY_NONE, SEVERITY_NOTE, "below every finding");
}

Test(findings, a_clean_trial_shows_none_and_all_were_looked_for)
{
    struct findings_case *c = case_open();
    findings_judge(&c->input, &c->findings);
    cr_expect_eq(c->findings.count, 0);
    for (unsigned id = 0; id < FINDING_COUNT; id++)
        cr_expect_eq(c->findings.looked_for[id], id != FINDING_THROTTLED, "%s: %s",
                     finding_info((enum finding_id)id)->name, c->findings.not_looked_for[id]);
    case_close(c);
}

/* What is missing, and which findings rest on it. */
Test(findings, what_the_probes_cannot_see_is_not_looked_for)
{
    struct findings_case *c = case_open();
    c->input.no_full = "recorded with `go: full` only";
    findings_judge(&c->input, &c->findings);
    cr_expect(c->findings.looked_for[FINDING_GOROUTINE_LEAK]);
    cr_expect_not(c->findings.looked_for[FINDING_TIMER_ABUSE]);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_TIMER_ABUSE], "recorded with `go: full` only");
    c->input.no_go = "not a Go program";
    findings_judge(&c->input, &c->findings);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_GOROUTINE_LEAK], "not a Go program");
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_TIMER_ABUSE], "not a Go program");
    cr_expect(c->findings.looked_for[FINDING_OVERSUBSCRIBED], "threads are the kernel's");
    c->input.no_sched = "the kernel probes were off";
    findings_judge(&c->input, &c->findings);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_OVERSUBSCRIBED], "the kernel probes were off");
    case_close(c);
}

Test(findings, without_names_of_reasons_waits_are_not_judged)
{
    static const enum finding_id ids[] = {FINDING_GOROUTINE_LEAK, FINDING_BLOCKED_SENDS, FINDING_LOCK_CONVOY};
    struct findings_case *c = case_open();
    c->tallies.reasons_named = false;
    findings_judge(&c->input, &c->findings);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        cr_expect_str_eq(c->findings.not_looked_for[ids[i]],
                         "what this Go version calls its wait reasons is not known");
    cr_expect(c->findings.looked_for[FINDING_GOROUTINE_CHURN]);
    case_close(c);
}

Test(findings, where_too_much_is_lost_nothing_is_claimed)
{
    struct findings_case *c = case_open();
    c->tallies.events = 1000;
    c->metrics.values[METRIC_GC_COUNT].lossy = true;
    c->metrics.values[METRIC_GC_COUNT].lost = 100;
    findings_judge(&c->input, &c->findings);
    cr_expect(c->findings.looked_for[FINDING_GC_PRESSURE], "a tenth");
    c->metrics.values[METRIC_GC_COUNT].lost = 101;
    findings_judge(&c->input, &c->findings);
    cr_expect_not(c->findings.looked_for[FINDING_GC_PRESSURE]);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_GC_PRESSURE],
                     "101 events that it rests on are missing");
    case_close(c);
}

Test(findings, a_kind_is_told_a_few_times_at_most)
{
    struct findings_case *c = case_open();
    for (size_t i = 0; i < FINDINGS_OF_A_KIND; i++)
        cr_assert_not_null(findings_add(&c->findings, FINDING_LOCK_CONVOY));
    cr_expect_null(findings_add(&c->findings, FINDING_LOCK_CONVOY));
    cr_expect_not_null(findings_add(&c->findings, FINDING_GOROUTINE_LEAK));
    case_close(c);
}

Test(findings, a_record_has_what_is_known_and_nothing_else)
{
    struct findings_case *c = case_open();
    struct finding *full = findings_add(&c->findings, FINDING_GOROUTINE_LEAK);
    finding_figure(full, "created", 12);
    finding_says(full, "%d goroutines", 12);
    full->creator = "main.main";
    full->function = "main.\xff"; /* no text: a prepared executable */
    full->stack = (struct tally_stack){.frames = {"runtime.gopark", NULL}, .depth = 2};
    full->has_span = true;
    full->last = 7;
    full->lost = 3;
    findings_add(&c->findings, FINDING_SPINNING);
    json_t *list = findings_json(&c->findings);
    cr_assert_eq(json_array_size(list), 2);
    const json_t *row = json_array_get(list, 0);
    cr_expect_str_eq(json_string_value(json_object_get(row, "name")), "goroutine-leak");
    cr_expect_str_eq(json_string_value(json_object_get(row, "severity")), "serious");
    cr_expect_str_eq(json_string_value(json_object_get(row, "sentence")), "12 goroutines");
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(row, "evidence"), "created")), 12);
    cr_expect_null(json_object_get(row, "function"));
    cr_expect_eq(json_array_size(json_object_get(row, "stack")), 2);
    cr_expect(json_is_null(json_array_get(json_object_get(row, "stack"), 1)));
    cr_expect_eq(json_integer_value(json_object_get(row, "last_ns")), 7);
    cr_expect(json_is_true(json_object_get(row, "lossy")));
    row = json_array_get(list, 1);
    cr_expect_null(json_object_get(row, "lossy"));
    cr_expect_null(json_object_get(row, "stack"));
    cr_expect_null(json_object_get(row, "first_ns"));
    json_decref(list);
    case_close(c);
}

Test(findings, names_are_short_and_machinery_is_left_out)
{
    cr_expect_str_eq(words_function("example.org/shop/till.(*Till).Add.func1"), "till.(*Till).Add.func1");
    cr_expect_str_eq(words_function("runtime.main"), "main.main", "what the main goroutine runs");
    cr_expect_str_eq(words_function(NULL), "a function without a name");
    const struct tally_stack stack = {.frames = {"runtime.gopark", NULL, "internal/sync.(*Mutex).lockSlow",
                                                 "sync.(*Mutex).Lock", "net/http.(*conn).serve"},
                                      .depth = 5};
    cr_expect_str_eq(words_blocks_in(&stack), "net/http.(*conn).serve");
    cr_expect_str_eq(words_place(&stack), "http.(*conn).serve");
    const struct tally_stack none = {.frames = {"runtime.gopark"}, .depth = 1};
    cr_expect_null(words_blocks_in(&none));
    cr_expect_str_eq(words_in(&none), "");
}
