#include "runner/summary/shown.h"

#include <criterion/criterion.h>
#include <string.h>

#include "runner/summary/summary.h"

static json_t *row(const char *name, const char *sentence)
{
    return json_pack("{s: s, s: s, s: s}", "name", name, "severity", "warning", "sentence", sentence);
}

struct shown_trial {
    enum trial_role role;
    json_t *findings, *not_looked_for;
    bool load_invalid;
};

static json_t *summary_of(const struct shown_trial *trials, size_t count)
{
    struct summary *summary = summary_create("shop", "till");
    for (size_t i = 0; i < count; i++) {
        struct metrics metrics = {0};
        const struct summary_trial trial = {.demo = "till",
                                            .role = trials[i].role,
                                            .number = (unsigned)i + 1,
                                            .metrics = &metrics,
                                            .verdict = "ok",
                                            .expected = true,
                                            .load_invalid = trials[i].load_invalid,
                                            .findings = trials[i].findings,
                                            .not_looked_for = trials[i].not_looked_for};
        cr_assert_eq(summary_add_trial(summary, &trial), 0);
        json_decref(trials[i].findings);
        json_decref(trials[i].not_looked_for);
    }
    json_t *json = summary_json(summary);
    summary_free(summary);
    return json;
}

static const json_t *find(const json_t *summary, const char *list, const char *name)
{
    size_t i;
    const json_t *found;
    const json_t *demo = json_object_get(json_object_get(summary, "demos"), "till");
    json_array_foreach (json_object_get(demo, list), i, found)
        if (strcmp(json_string_value(json_object_get(found, "name")), name) == 0)
            return found;
    return NULL;
}

Test(summary_shown, a_finding_tells_in_how_many_trials_it_was_seen)
{
    const struct shown_trial trials[] = {
        {ROLE_OBSERVED, json_array(), json_array(), false},
        {ROLE_OBSERVED, json_pack("[o, o]", row("goroutine-leak", "first"), row("goroutine-leak", "second")),
         json_array(), false},
        {ROLE_OBSERVED, json_pack("[o, o]", row("goroutine-leak", "third"), row("gc-pressure", "often")),
         json_array(), false},
        {ROLE_BARE, json_pack("[o]", row("throttled", "still")), json_array(), false},
        {ROLE_WARMUP, json_pack("[o]", row("throttled", "warm-up")), json_array(), false},
    };
    json_t *summary = summary_of(trials, sizeof trials / sizeof *trials);
    const json_t *leak = find(summary, "findings", "goroutine-leak");
    cr_assert_not_null(leak);
    cr_expect_eq(json_integer_value(json_object_get(leak, "shown")), 2);
    cr_expect_eq(json_integer_value(json_object_get(leak, "of")), 3);
    cr_expect(json_is_true(json_object_get(leak, "any")));
    cr_expect(json_is_true(json_object_get(leak, "median")));
    cr_expect_eq(json_integer_value(json_array_get(json_object_get(leak, "trials"), 0)), 2);
    cr_expect_eq(json_array_size(json_object_get(leak, "examples")), 2, "all places of the first trial");
    cr_expect_str_eq(json_string_value(json_object_get(leak, "severity")), "serious", "the table's word");
    const json_t *pressure = find(summary, "findings", "gc-pressure");
    cr_expect(json_is_true(json_object_get(pressure, "any")));
    cr_expect(json_is_false(json_object_get(pressure, "median")), "one of three");
    const json_t *throttled = find(summary, "findings", "throttled");
    cr_expect_str_eq(json_string_value(json_object_get(throttled, "role")), "bare");
    cr_expect_eq(json_integer_value(json_object_get(throttled, "of")), 1);
    cr_expect_null(find(summary, "findings", "timer-abuse"));
    cr_expect_null(find(summary, "findings_not_looked_for", "timer-abuse"), "it was looked for");
    json_decref(summary);
}

Test(summary_shown, what_no_trial_could_look_for_has_its_reason)
{
    const struct shown_trial trials[] = {
        {ROLE_OBSERVED, json_array(),
         json_pack("[{s: s, s: s}]", "name", "timer-abuse", "reason", "recorded with `go: full` only"),
         false},
        {ROLE_OBSERVED, json_pack("[o]", row("gc-pressure", "often")), json_array(), true},
    };
    json_t *summary = summary_of(trials, 1);
    const json_t *timers = find(summary, "findings_not_looked_for", "timer-abuse");
    cr_assert_not_null(timers);
    cr_expect_str_eq(json_string_value(json_object_get(timers, "reason")), "recorded with `go: full` only");
    cr_expect_str_eq(
        json_string_value(json_object_get(find(summary, "findings_not_looked_for", "throttled"), "reason")),
        "there was no bare trial");
    json_decref(summary);
    summary = summary_of(trials + 1, 1);
    cr_expect_null(find(summary, "findings", "gc-pressure"), "a load that was late proves nothing");
    cr_expect_str_eq(
        json_string_value(json_object_get(find(summary, "findings_not_looked_for", "gc-pressure"), "reason")),
        "load_invalid");
    json_decref(summary);
}
