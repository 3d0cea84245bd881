#include "runner/load/arrivals.h"

#include <criterion/criterion.h>
#include <math.h>

#define SECOND UINT64_C(1000000000)

static size_t count(struct cursor *cursor)
{
    size_t found = 0;
    uint64_t due;
    int step;
    for (; cursor_peek(cursor, &due, &step); cursor_advance(cursor))
        found++;
    return found;
}

Test(load_arrivals, constant_ones_are_due_without_rounding_that_adds_up)
{
    static const uint64_t rates[] = {1, 3, 7, 500, 19999, 999999937};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const struct phase phase = {rates[i], 12345, 3600 * SECOND};
        struct arrivals arrivals;
        arrivals_start(&arrivals, ARRIVALS_CONSTANT, &phase, 1);
        for (uint64_t k = 0; k < 3600 && k < rates[i] * 3600; k++) {
            uint64_t due;
            arrivals.index = k * rates[i]; /* k seconds later, exactly */
            cr_assert(arrivals_peek(&arrivals, &due));
            cr_assert_eq(due, 12345 + k * SECOND);
        }
        arrivals.index = rates[i] * 3600;
        cr_assert_not(arrivals_peek(&arrivals, &(uint64_t){0}));
    }
}

Test(load_arrivals, constant_ones_at_500_a_second_are_50_in_every_100_ms)
{
    const struct phase phase = {500, 0, 10 * SECOND};
    struct arrivals arrivals;
    unsigned counts[100] = {0};
    uint64_t due;
    arrivals_start(&arrivals, ARRIVALS_CONSTANT, &phase, 1);
    for (; arrivals_peek(&arrivals, &due); arrivals_advance(&arrivals))
        counts[due / (SECOND / 10)]++;
    for (size_t i = 0; i < 100; i++)
        cr_assert_eq(counts[i], 50);
}

Test(load_arrivals, a_phase_without_a_rate_or_a_duration_has_none)
{
    struct arrivals arrivals;
    uint64_t due;
    for (int kind = ARRIVALS_CONSTANT; kind <= ARRIVALS_POISSON; kind++) {
        arrivals_start(&arrivals, (enum load_arrivals)kind, &(struct phase){0, 5, SECOND}, 1);
        cr_assert_not(arrivals_peek(&arrivals, &due));
        arrivals_start(&arrivals, (enum load_arrivals)kind, &(struct phase){100, 5, 0}, 1);
        cr_assert_not(arrivals_peek(&arrivals, &due));
    }
}

Test(load_arrivals, poisson_ones_follow_from_the_seed)
{
    const struct phase phase = {1000, 7, SECOND};
    struct arrivals first, same, other;
    arrivals_start(&first, ARRIVALS_POISSON, &phase, 1);
    arrivals_start(&same, ARRIVALS_POISSON, &phase, 1);
    arrivals_start(&other, ARRIVALS_POISSON, &phase, 2);
    uint64_t a, b, c, differ = 0, before = 0;
    while (arrivals_peek(&first, &a)) {
        cr_assert(arrivals_peek(&same, &b));
        cr_assert_eq(a, b);
        cr_assert_geq(a, before);
        cr_assert(a >= 7 && a < 7 + SECOND);
        if (arrivals_peek(&other, &c)) {
            differ += a != c;
            arrivals_advance(&other);
        }
        before = a;
        arrivals_advance(&first);
        arrivals_advance(&same);
    }
    cr_assert_not(arrivals_peek(&same, &b));
    cr_assert_gt(differ, 500);
}

/* The seed is fixed: these are facts about one sequence, not chances. */
Test(load_arrivals, poisson_gaps_have_the_mean_and_the_spread_of_an_exponential)
{
    const struct phase phase = {1000, 0, 1000 * SECOND};
    struct arrivals arrivals;
    arrivals_start(&arrivals, ARRIVALS_POISSON, &phase, 42);
    double sum = 0, squares = 0, number = 0;
    uint64_t due, before = 0, short_ones = 0;
    for (; arrivals_peek(&arrivals, &due); arrivals_advance(&arrivals)) {
        double gap = (double)(due - before) / 1e6;
        short_ones += gap < M_LN2;
        sum += gap;
        squares += gap * gap;
        number++;
        before = due;
    }
    cr_assert_float_eq(number, 1e6, 5e3);
    cr_assert_float_eq(sum / number, 1, 0.005);
    cr_assert_float_eq(squares / number, 2, 0.02);
    cr_assert_float_eq((double)short_ones / number, 0.5, 0.005, "the median is ln 2");
}

static struct load_http steps(enum load_arrivals kind)
{
    return (struct load_http){
        .rates = {100, 0, 250},
        .step_count = 3,
        .arrivals = kind,
        .warmup_ns = SECOND / 2,
        .duration_ns = 2 * SECOND,
    };
}

Test(load_arrivals, a_schedule_is_the_warm_up_and_the_steps_one_after_the_other)
{
    struct load_http http = steps(ARRIVALS_CONSTANT);
    struct schedule schedule;
    struct cursor cursor;
    schedule_make(&schedule, &http, 9, 1000);
    cr_assert_eq(schedule.window_start_ns, 1000 + SECOND / 2);
    cr_assert_eq(schedule.end_ns, 1000 + SECOND / 2 + 6 * SECOND);
    unsigned counts[4] = {0};
    uint64_t first[4] = {0};
    uint64_t due;
    int step;
    for (cursor_start(&cursor, &schedule); cursor_peek(&cursor, &due, &step); cursor_advance(&cursor)) {
        if (counts[step + 1]++ == 0)
            first[step + 1] = due;
        cr_assert_geq(due, schedule.phases[step + 1].start_ns);
        cr_assert_lt(due, schedule.phases[step + 1].start_ns + schedule.phases[step + 1].duration_ns);
    }
    cr_assert_arr_eq(counts, ((unsigned[]){50, 200, 0, 500}), sizeof counts);
    cr_assert_arr_eq(first,
                     ((uint64_t[]){1000, schedule.window_start_ns, 0, schedule.window_start_ns + 4 * SECOND}),
                     sizeof first);
    cr_assert_eq(cursor.taken, 750);
}

Test(load_arrivals, without_a_warm_up_the_first_arrival_is_the_windows)
{
    struct load_http http = steps(ARRIVALS_CONSTANT);
    http.warmup_ns = 0;
    struct schedule schedule;
    struct cursor cursor;
    uint64_t due;
    int step;
    schedule_make(&schedule, &http, 9, 1000);
    cursor_start(&cursor, &schedule);
    cr_assert(cursor_peek(&cursor, &due, &step));
    cr_assert_eq(due, 1000);
    cr_assert_eq(step, 0);
    cr_assert_eq(count(&cursor), 700);
}

Test(load_arrivals, a_copied_cursor_finds_the_same_arrivals)
{
    struct load_http http = steps(ARRIVALS_POISSON);
    struct schedule schedule;
    struct cursor ahead, behind;
    schedule_make(&schedule, &http, 9, 1000);
    cursor_start(&ahead, &schedule);
    uint64_t due[2];
    int step[2];
    for (int i = 0; i < 30 && cursor_peek(&ahead, &due[0], &step[0]); i++)
        cursor_advance(&ahead);
    behind = ahead;
    uint64_t left = count(&ahead);
    cr_assert_eq(count(&behind), left);
    cursor_start(&ahead, &schedule);
    for (cursor_start(&behind, &schedule); cursor_peek(&ahead, &due[0], &step[0]); cursor_advance(&ahead)) {
        cr_assert(cursor_peek(&behind, &due[1], &step[1]));
        cr_assert_eq(due[0], due[1]);
        cr_assert_eq(step[0], step[1]);
        cursor_advance(&behind);
    }
}
