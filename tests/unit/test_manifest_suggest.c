#include "runner/manifest/suggest.h"

#include <criterion/criterion.h>
#include <stdint.h>

Test(manifest_suggest, the_distance_counts_edits_and_swaps)
{
    cr_assert_eq(suggest_distance("gomaxproc", "gomaxprocs"), 1);
    cr_assert_eq(suggest_distance("gomaxporcs", "gomaxprocs"), 1); /* two in Levenshtein's count */
    cr_assert_eq(suggest_distance("kitten", "sitting"), 3);
    cr_assert_eq(suggest_distance("", "abc"), 3);
    cr_assert_eq(suggest_distance("abc", ""), 3);
    cr_assert_eq(suggest_distance("ca", "abc"), 3); /* the restricted form: no edit inside a swap */
    cr_assert_eq(suggest_distance("same", "same"), 0);
    cr_assert_eq(suggest_distance("Same", "same"), 1);
}

Test(manifest_suggest, long_words_have_no_distance)
{
    char word[SUGGEST_LONGEST + 2] = {0};
    for (unsigned i = 0; i < SUGGEST_LONGEST + 1; i++)
        word[i] = 'a';
    cr_assert_eq(suggest_distance(word, "a"), SIZE_MAX);
    word[SUGGEST_LONGEST] = 0;
    cr_assert_eq(suggest_distance(word, "a"), SUGGEST_LONGEST - 1);
}

static const char *nearest(const char *word)
{
    static const char *const known[] = {"version", "trials", "probes", "go", "ring", "trace_max"};
    struct suggest suggest = {.word = word};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        suggest_candidate(&suggest, known[i]);
    return suggest.best;
}

Test(manifest_suggest, only_near_words_are_suggested)
{
    cr_assert_str_eq(nearest("trails"), "trials");
    cr_assert_str_eq(nearest("trace-max"), "trace_max");
    cr_assert_str_eq(nearest("RING"), "ring");
    cr_assert_str_eq(nearest("prob"), "probes");
    cr_assert_null(nearest("net"));
    cr_assert_null(nearest("load"));
    cr_assert_null(nearest("gates"));
    cr_assert_null(nearest(""));
}
