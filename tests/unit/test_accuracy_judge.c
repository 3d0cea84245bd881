/* That the matrix of `make accuracy` can fail. */
#include "tests/accuracy/judge.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/accuracy/facts.h"

static const struct fact exact = {"spawn", "created", "goroutines.created", "created"};
static const struct fact loose = {.below = 2, .above = INFINITY, .share = 0.1};

static enum verdict verdict(const struct fact *fact, double value, double lost, double truth)
{
    return judge(fact, (struct seen){value, lost}, truth);
}

Test(accuracy_judge, one_more_or_less_than_an_exact_truth_is_a_miss)
{
    cr_expect_eq(verdict(&exact, 2401, 0, 2401), VERDICT_OK);
    cr_expect_eq(verdict(&exact, 2402, 0, 2401), VERDICT_MISS);
    cr_expect_eq(verdict(&exact, 2400, 0, 2401), VERDICT_MISS);
    cr_expect_eq(verdict(&exact, 0, 0, 1), VERDICT_MISS);
}

Test(accuracy_judge, a_tolerance_has_two_sides_of_its_own)
{
    cr_expect_eq(verdict(&loose, 8, 0, 10), VERDICT_OK);
    cr_expect_eq(verdict(&loose, 7, 0, 10), VERDICT_MISS);
    cr_expect_eq(verdict(&loose, 1e9, 0, 10), VERDICT_OK);
    cr_expect_eq(verdict(&loose, 90, 0, 100), VERDICT_OK, "a share of the truth, where that is more");
    cr_expect_eq(verdict(&loose, 89, 0, 100), VERDICT_MISS);
}

Test(accuracy_judge, lost_events_excuse_what_is_missing_but_nothing_that_is_too_much)
{
    cr_expect_eq(verdict(&exact, 95, 5, 100), VERDICT_LOSSY);
    cr_expect_eq(verdict(&exact, 94, 5, 100), VERDICT_MISS);
    cr_expect_eq(verdict(&exact, 101, 5, 100), VERDICT_MISS);
    cr_expect_eq(verdict(&exact, 100, 5, 100), VERDICT_OK);
    cr_expect(!verdict_is_miss(VERDICT_LOSSY));
}

Test(accuracy_judge, what_nobody_says_is_a_miss)
{
    cr_expect_eq(verdict(&loose, NAN, 0, 10), VERDICT_UNKNOWN);
    cr_expect_eq(verdict(&loose, 10, 0, NAN), VERDICT_UNKNOWN);
    cr_expect(verdict_is_miss(VERDICT_UNKNOWN));
    cr_expect(verdict_is_miss(VERDICT_MISS));
    cr_expect(!verdict_is_miss(VERDICT_NONE), "a fact that a version cannot have is none");
}

Test(accuracy_judge, each_fact_belongs_to_a_program_and_says_why_it_is_not_exact_or_not_there)
{
    for (size_t i = 0; i < fact_count; i++) {
        const struct fact *fact = &facts[i];
        size_t owners = 0;
        for (size_t j = 0; j < program_count; j++)
            owners += fact_of(fact, &programs[j]);
        cr_expect_gt(owners, 0, "%s", fact->name);
        cr_expect_eq(fact->below > 0 || fact->above > 0 || fact->share > 0, fact->tolerance != NULL, "%s: %s",
                     fact->mode, fact->name);
        cr_expect_eq(fact->since || fact->until || fact->least_procs || fact->most_procs, fact->why != NULL,
                     "%s: %s", fact->mode, fact->name);
    }
}

static struct seen seen(const char *trial, const char *path)
{
    json_t *json = json_loads(trial, 0, NULL);
    cr_assert(json);
    struct seen result = facts_seen(json, path);
    json_decref(json);
    return result;
}

static const char trial[] =
    "{\"metrics\": {\"a\": {\"value\": 3}, \"b\": {\"value\": 4, \"lossy\": true, \"lost\": 2},"
    " \"p\": {\"value\": 9, \"parts\": {\"chan send\": 5, \"select\": {\"n\": 7, \"min\": 2}}},"
    " \"h\": {\"value\": null, \"reason\": \"it did not happen\"}}}";

Test(accuracy_facts, a_number_is_found_by_its_path)
{
    cr_expect_eq(seen(trial, "a").value, 3);
    cr_expect_eq(seen(trial, "a").lost, 0);
    cr_expect_eq(seen(trial, "b").lost, 2);
    cr_expect_eq(seen(trial, "a + b").value, 7);
    cr_expect_eq(seen(trial, "a + b").lost, 2);
    cr_expect_eq(seen(trial, "p/parts/chan send").value, 5);
    cr_expect_eq(seen(trial, "p/parts/select/n").value, 7);
    cr_expect_eq(seen(trial, "p/parts/select/min").value, 2);
}

Test(accuracy_facts, what_did_not_happen_is_none_and_what_is_not_measured_is_unknown)
{
    cr_expect_eq(seen(trial, "p/parts/sleep").value, 0);
    cr_expect_eq(seen(trial, "p/parts/sleep/n").value, 0);
    cr_expect_eq(seen(trial, "h/histogram/n").value, 0);
    cr_expect(isnan(seen(trial, "p/parts/sleep/min").value));
    cr_expect(isnan(seen(trial, "h").value));
    cr_expect(isnan(seen(trial, "missing").value));
    cr_expect(isnan(seen(trial, "missing/histogram/n").value));
    cr_expect(isnan(seen(trial, "a + missing").value));
}

Test(accuracy_facts, a_program_says_key_and_value_at_the_start_of_a_line)
{
    cr_expect_eq(facts_said("made=3\ncreated=14\n", "created"), 14);
    cr_expect_eq(facts_said("made=3\ncreated=14\n", "made"), 3);
    cr_expect(isnan(facts_said("unmade=3\n", "made")));
    cr_expect(isnan(facts_said("made\n", "made")));
    cr_expect(isnan(facts_said("", "made")));
}
