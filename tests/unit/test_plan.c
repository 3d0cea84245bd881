#include "runner/plan/plan.h"

#include <criterion/criterion.h>
#include <string.h>

static struct demo demos[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};

static struct experiment example(uint32_t warmup, uint32_t bare, uint32_t observed, bool aa)
{
    return (struct experiment){
        .name = "x",
        .demos = demos,
        .demo_count = 3,
        .baseline = 1,
        .trials = {.warmup = warmup, .bare = bare, .observed = observed, .aa = aa, .seed = 42}};
}

static size_t count(const struct plan *plan, size_t demo, enum trial_role role, unsigned block)
{
    size_t found = 0;
    for (size_t i = 0; i < plan->count; i++)
        found += plan->trials[i].demo == demo && plan->trials[i].role == role &&
                 (block == UINT32_MAX || plan->trials[i].block == block);
    return found;
}

Test(plan, every_demo_gets_its_trials_and_only_the_baseline_its_copy)
{
    struct experiment experiment = example(2, 10, 6, true);
    struct plan plan;
    cr_assert_eq(plan_make(&experiment, &plan), 0);
    for (size_t demo = 0; demo < 3; demo++) {
        cr_expect_eq(count(&plan, demo, ROLE_WARMUP, UINT32_MAX), 2);
        cr_expect_eq(count(&plan, demo, ROLE_BARE, UINT32_MAX), 10);
        cr_expect_eq(count(&plan, demo, ROLE_OBSERVED, UINT32_MAX), 6);
        cr_expect_eq(count(&plan, demo, ROLE_AA, UINT32_MAX), demo == 1 ? 10 : 0);
    }
    plan_free(&plan);
}

Test(plan, a_block_holds_each_demo_at_most_once_a_role)
{
    struct experiment experiment = example(0, 7, 3, false);
    struct plan plan;
    cr_assert_eq(plan_make(&experiment, &plan), 0);
    for (unsigned block = 1; block <= 7; block++)
        for (size_t demo = 0; demo < 3; demo++) {
            cr_expect_eq(count(&plan, demo, ROLE_BARE, block), 1);
            cr_expect_leq(count(&plan, demo, ROLE_OBSERVED, block), 1);
        }
    plan_free(&plan);
}

Test(plan, the_seed_decides_the_order)
{
    struct experiment experiment = example(1, 8, 8, true);
    struct plan first, again, other;
    plan_make(&experiment, &first);
    plan_make(&experiment, &again);
    experiment.trials.seed = 43;
    plan_make(&experiment, &other);
    size_t size = first.count * sizeof *first.trials;
    cr_assert_eq(memcmp(first.trials, again.trials, size), 0);
    cr_assert_neq(memcmp(first.trials, other.trials, size), 0);
    plan_free(&first);
    plan_free(&again);
    plan_free(&other);
}

Test(plan, numbers_of_a_demo_count_up_in_the_order_of_the_plan)
{
    struct experiment experiment = example(1, 4, 2, true);
    for (int order = ORDER_INTERLEAVED; order <= ORDER_SEQUENTIAL; order++) {
        struct plan plan;
        experiment.trials.order = order;
        plan_make(&experiment, &plan);
        unsigned last[3] = {0};
        for (size_t i = 0; i < plan.count; i++)
            cr_expect_eq(plan.trials[i].number, ++last[plan.trials[i].demo]);
        plan_free(&plan);
    }
}
