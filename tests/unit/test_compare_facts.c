/* What forbids a comparison, and what is only told. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/compare_fixture.h"

#define N 10

static struct bundle_fixture make(const char *name)
{
    struct bundle_fixture fixture = fixture_make(name, "a");
    double values[N];
    fixture_spread(values, N, 1e9, 0.02, 1);
    fixture_values(&fixture, "a", "bare", "cpu.time", values, N);
    fixture_spread(values, N, 1e9, 0.02, 2);
    fixture_values(&fixture, "b", "bare", "cpu.time", values, N);
    return fixture;
}

/* One warning of this kind that says so; `refuses` as given. */
static void assert_warned(struct comparison *comparison, const char *kind, bool refuses, const char *says)
{
    json_t *head = compare_head_json(comparison);
    const json_t *warnings = json_object_get(head, "warnings"), *row = json_array_get(warnings, 0);
    char *dump = json_dumps(warnings, 0);
    cr_assert_eq(json_array_size(warnings), 1, "%s: %s", kind, dump);
    cr_assert_str_eq(json_string_value(json_object_get(row, "kind")), kind);
    cr_assert_eq(json_is_true(json_object_get(row, "refuses")), refuses, "%s", dump);
    cr_assert_eq(compare_refusals(comparison), refuses);
    cr_assert_not_null(strstr(json_string_value(json_object_get(row, "text")), says), "%s", dump);
    free(dump);
    json_decref(head);
}

Test(compare_facts, bundles_of_the_same_conditions_are_compared_without_a_word)
{
    struct bundle_fixture a = make("b1"), b = make("b2");
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, 2);
    json_t *head = compare_head_json(comparison);
    cr_assert_eq(json_array_size(json_object_get(head, "warnings")), 0);
    json_decref(head);
    compare_free(comparison);
    fixture_free(&a);
    fixture_free(&b);
}

Test(compare_facts, each_other_condition_is_named_with_both_sides)
{
    static const struct {
        const char *path, *value, *kind, *says;
        bool refuses;
    } rows[] = {
        {"environment.cpu_model", "\"Pascaline\"", "cpu", "the CPU is Abacus in A and Pascaline in B", true},
        {"environment.governor", "\"powersave\"", "cpu",
         "the frequency governor is not set in A and powersave in B", true},
        {"environment.cpus_online", "\"0-7\"", "cpu", "the CPUs online are 0-1 in A and 0-7 in B", true},
        {"environment.kernel_release", "\"6.2.0\"", "kernel", "the kernel is 6.1.0 in A and 6.2.0 in B",
         true},
        {"environment.kernel_options", "[\"nosmt\"]", "kernel",
         "the kernel's options are [] in A and [\"nosmt\"] in B", true},
        {"manifest.controls.gomaxprocs", "4", "limits", "controls: gomaxprocs is 2 in A and 4 in B", true},
        {"manifest.controls.cgroup.cpu_quota_us", "\"max\"", "limits",
         "controls: cpu_quota_us is 50000 in A and max in B", true},
        {"manifest.load", "{\"rates_per_s\":[500]}", "load",
         "the load is not set in A and {\"rates_per_s\":[500]} in B", true},
        {"manifest.probes.go", "\"full\"", "probes", "the level of the Go probes is core in A and full in B",
         false},
        {"enforcement", "\"hybrid: v1 cpu at /y\"", "enforcement",
         "limits are enforced by v2 in A and hybrid: v1 cpu in B", true},
        {"runner_version", "\"0.2.0\"", "runner", "runner is 0.1.0 in A and 0.2.0 in B", false},
        {"complete", "false", "incomplete", "B did not run to its end", true},
        {"noise.after.steal_ticks", "101", "host", "the hypervisor took 10.0% of the CPUs' time while B ran",
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle_fixture a = make("b1"), b = make("b2");
        fixture_set(b.experiment, rows[i].path, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, 2);
        assert_warned(comparison, rows[i].kind, rows[i].refuses, rows[i].says);
        compare_free(comparison);
        fixture_free(&a);
        fixture_free(&b);
    }
}

Test(compare_facts, where_limits_are_enforced_may_differ_in_place)
{
    struct bundle_fixture a = make("b1"), b = make("b2");
    json_object_set_new(a.experiment, "enforcement", json_string("hybrid: v2 at /sys/x, v1 cpu at /sys/y/1"));
    json_object_set_new(b.experiment, "enforcement",
                        json_string("hybrid: v2 at /sys/x, v1 cpu at /sys/y/22"));
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, 2);
    cr_assert_eq(compare_refusals(comparison), 0);
    compare_free(comparison);
    fixture_free(&a);
    fixture_free(&b);
}

/* Of demo b in the second bundle, or against a in the first. */
static void assert_build(const char *key, const char *value, bool several, const char *kind, bool refuses,
                         const char *says)
{
    struct bundle_fixture a = make("b1"), b = make("b2");
    struct bundle_fixture *changed = several ? &b : &a;
    json_object_set_new(json_object_get(json_object_get(changed->experiment, "demos"), "b"), key,
                        json_string(value));
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, several ? 2 : 1);
    assert_warned(comparison, kind, refuses, says);
    compare_free(comparison);
    fixture_free(&a);
    fixture_free(&b);
}

Test(compare_facts, another_go_forbids_between_bundles_and_is_told_within_one)
{
    assert_build("go_version", "go1.22", true, "go", true, "Go is go1.23.5 in A and go1.22 in B");
    assert_build("go_version", "go1.22", false, "go", false, "Go is go1.23.5 in a and go1.22 in b");
    assert_build("go_line", "1.21", true, "go_line", false, "is 1.23 in A and 1.21 in B");
    assert_build("go_line", "1.21", false, "go_line", false, "is 1.23 in a and 1.21 in b");
}

Test(compare_facts, of_two_defaults_of_godebug_only_what_differs_is_told)
{
    struct bundle_fixture a = make("b1");
    json_t *demos = json_object_get(a.experiment, "demos");
    json_object_set_new(json_object_get(demos, "a"), "godebug_default",
                        json_string("asynctimerchan=1,gotypesalias=0,httplaxcontentlength=1,winsymlink=0"));
    json_object_set_new(json_object_get(demos, "b"), "godebug_default",
                        json_string("gotypesalias=0,httplaxcontentlength=1,winsymlink=1"));
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a}, 1);
    assert_warned(comparison, "godebug", false,
                  "is asynctimerchan=1,winsymlink=0 in a and winsymlink=1 in b");
    compare_free(comparison);
    fixture_free(&a);
}

Test(compare_facts, invalid_and_unexpected_trials_forbid_also_in_one_bundle)
{
    struct bundle_fixture a = make("b1");
    json_t *b = json_object_get(json_object_get(a.summary, "demos"), "b");
    json_object_set_new(json_object_get(b, "verdicts"), "bare",
                        json_pack("{s:i, s:i}", "ok", 8, "load_invalid", 2));
    json_object_set_new(b, "unexpected", json_integer(2));
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a}, 1);
    assert_warned(comparison, "invalid_trials", true, "the load of 2 of 10 trials of b in A was invalid");
    compare_free(comparison);
    json_object_set_new(json_object_get(b, "verdicts"), "bare", json_pack("{s:i, s:i}", "ok", 7, "panic", 3));
    json_object_set_new(b, "unexpected", json_integer(3));
    comparison = fixture_compare((struct bundle_fixture *[]){&a}, 1);
    assert_warned(comparison, "unexpected", true,
                  "3 of 10 trials of b in A did not do what the manifest expects");
    compare_free(comparison);
    fixture_free(&a);
}

Test(compare_facts, values_that_are_all_alike_do_not_drift)
{
    static const double same[10] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    struct bundle_fixture fixture = fixture_make("b1", "a");
    fixture_values(&fixture, "a", "bare", "cpu.time", same, 10);
    fixture_values(&fixture, "b", "bare", "cpu.time", same, 10);
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&fixture}, 1);
    json_t *head = compare_head_json(comparison);
    cr_expect_eq(json_array_size(json_object_get(head, "warnings")), 0);
    json_decref(head);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare_facts, a_figure_that_drifts_is_told)
{
    struct bundle_fixture a = make("b1");
    double values[12];
    for (int i = 0; i < 12; i++)
        values[i] = 1e9 + i * 1e7;
    fixture_values(&a, "b", "bare", "cpu.time", values, 12);
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a}, 1);
    assert_warned(comparison, "drift", false, "cpu.time of b in A drifts: it grows from trial to trial");
    compare_free(comparison);
    fixture_free(&a);
}

Test(compare_facts, facts_of_another_type_are_no_crash)
{
    static const char *const paths[] = {"environment", "manifest", "demos", "enforcement", "noise"};
    static const char *const values[] = {"7", "[]", "\"x\"", "null", "{\"controls\":[1]}"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            struct bundle_fixture a = make("b1"), b = make("b2");
            json_object_set_new(b.experiment, paths[i], json_loads(values[j], JSON_DECODE_ANY, NULL));
            struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, 2);
            json_t *all = compare_json(comparison);
            cr_assert_not_null(all);
            json_decref(all);
            compare_free(comparison);
            fixture_free(&a);
            fixture_free(&b);
        }
}
