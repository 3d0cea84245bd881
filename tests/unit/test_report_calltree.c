/* Profiles of several trials become one tree. */
#include <criterion/criterion.h>

#include "runner/report/page/calltree.h"

/* work and leaf of group 0; samples in brackets: work(1) { leaf(4) { work(2) } }, and gc(3) of group 1. */
static const char first[] =
    "{\"period_ns\": 1000, \"samples\": 10, \"functions\": [{\"name\": \"work\", \"kind\": \"function\"},"
    "{\"name\": \"leaf\", \"kind\": \"function\"}, {\"name\": \"gc\", \"kind\": \"function\"}],"
    "\"groups\": [{\"kind\": \"goroutine\", \"function\": 0, \"creator\": null, \"samples\": 7, "
    "\"goroutines\": 2},"
    "{\"kind\": \"runtime\", \"function\": null, \"creator\": null, \"samples\": 3, \"goroutines\": 0}],"
    "\"nodes\": {\"parent\": [-1, 0, -2, 1], \"function\": [0, 1, 2, 0], \"samples\": [1, 4, 3, 2]}}";
/* The same names in another order, and a kernel function of the name "leaf". */
static const char second[] =
    "{\"period_ns\": 1000, \"samples\": 5, \"functions\": [{\"name\": \"leaf\", \"kind\": \"kernel\"},"
    "{\"name\": \"work\", \"kind\": \"function\"}],"
    "\"groups\": [{\"kind\": \"goroutine\", \"function\": 1, \"creator\": null, \"samples\": 5, "
    "\"goroutines\": 1}],"
    "\"nodes\": {\"parent\": [-1, 0], \"function\": [1, 0], \"samples\": [2, 3]}}";

static bool add(struct calltree *tree, const char *text)
{
    json_t *profile = json_loads(text, 0, NULL);
    cr_assert_not_null(profile);
    bool whole = calltree_add(tree, profile);
    json_decref(profile);
    return whole;
}

static json_int_t at(const json_t *json, const char *list, size_t index)
{
    return json_integer_value(json_array_get(json_object_get(json_object_get(json, "nodes"), list), index));
}

Test(report_calltree, same_paths_add_up_and_others_stand_beside_them)
{
    struct calltree tree;
    cr_assert_eq(calltree_open(&tree), 0);
    cr_expect(add(&tree, first));
    cr_expect(add(&tree, second));
    json_t *json = calltree_json(&tree);
    const json_t *groups = json_object_get(json, "groups");
    cr_expect_eq(json_integer_value(json_object_get(json, "samples")), 15);
    cr_expect_eq(json_array_size(json_object_get(json, "functions")), 4, "leaf twice, of two kinds");
    cr_expect_eq(json_array_size(groups), 2);
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(groups, 0), "samples")), 12);
    cr_expect_eq(json_integer_value(json_object_get(json_array_get(groups, 0), "goroutines")), 3);
    cr_expect_eq(json_array_size(json_object_get(json_object_get(json, "nodes"), "parent")), 5);
    cr_expect_eq(at(json, "samples", 0), 3, "work of both");
    cr_expect_eq(at(json, "samples", 1), 4, "leaf of the demo alone");
    cr_expect_eq(at(json, "samples", 4), 3, "leaf of the kernel");
    cr_expect_eq(at(json, "parent", 4), 0);
    cr_expect_eq(at(json, "parent", 2), -2);
    json_decref(json);
    calltree_close(&tree);
}

Test(report_calltree, recursion_counts_once_and_the_hottest_come_first)
{
    struct calltree tree;
    struct calltree_function list[3];
    cr_assert_eq(calltree_open(&tree), 0);
    cr_expect(add(&tree, first));
    cr_assert_eq(calltree_hottest(&tree, list, 3), 3);
    cr_expect_str_eq(list[0].name, "leaf");
    cr_expect_eq(list[0].self, 4);
    cr_expect_eq(list[0].total, 6);
    cr_expect_str_eq(list[1].name, "work");
    cr_expect_eq(list[1].self, 3);
    cr_expect_eq(list[1].total, 7);
    cr_expect_eq(calltree_hottest(&tree, list, 1), 1);
    calltree_close(&tree);
}

/* A stranger's bundle may hold anything. */
Test(report_calltree, damaged_trees_are_refused)
{
    static const char *const damaged[] = {
        "{}",
        "{\"nodes\": {\"parent\": [0], \"function\": [0], \"samples\": [1]}}",
        "{\"functions\": [{\"name\": \"a\", \"kind\": \"function\"}], \"groups\": [],"
        "\"nodes\": {\"parent\": [-1], \"function\": [0], \"samples\": [1]}}",
        "{\"functions\": [{\"name\": \"a\", \"kind\": \"function\"}], \"groups\": [{\"kind\": \"runtime\"}],"
        "\"nodes\": {\"parent\": [1, -1], \"function\": [0, 0], \"samples\": [1, 1]}}",
        "{\"functions\": [{\"name\": \"a\", \"kind\": \"function\"}], \"groups\": [{\"kind\": \"runtime\"}],"
        "\"nodes\": {\"parent\": [-1], \"function\": [7], \"samples\": [1]}}",
        "{\"functions\": [{\"name\": \"a\", \"kind\": \"function\"}], \"groups\": [{\"kind\": \"runtime\"}],"
        "\"nodes\": {\"parent\": [-1], \"function\": [0], \"samples\": [-5]}}",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct calltree tree;
        struct calltree_function list[3];
        cr_assert_eq(calltree_open(&tree), 0);
        bool whole = add(&tree, damaged[i]);
        cr_expect_eq(whole, i == 0, "%s", damaged[i]);
        cr_expect_eq(calltree_hottest(&tree, list, 3), 0);
        calltree_close(&tree);
    }
}
