#include "runner/replay/table.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

struct number {
    struct table_key key;
    uint64_t square;
};

static struct number *put(struct table *table, uint64_t id, uint32_t space)
{
    struct number *number = NULL;
    cr_assert_eq(table_insert(table, id, space, &number), 0);
    number->square = id * id + space;
    return number;
}

Test(replay_table, what_is_put_is_found_and_what_is_removed_is_not)
{
    struct table table;
    cr_assert_eq(table_open(&table, sizeof(struct number), 100000), 0);
    for (uint64_t id = 0; id < 10000; id++)
        put(&table, id * 7, (uint32_t)id % 3);
    for (uint64_t id = 0; id < 10000; id += 2)
        table_remove(&table, table_find(&table, id * 7, (uint32_t)id % 3));
    cr_assert_eq(table.count, 5000);
    for (uint64_t id = 0; id < 10000; id++) {
        const struct number *number = table_find(&table, id * 7, (uint32_t)id % 3);
        if (id % 2 == 0)
            cr_assert_null(number, "%llu", (unsigned long long)id);
        else
            cr_assert_eq(number->square, id * 7 * id * 7 + id % 3);
        cr_assert_null(table_find(&table, id * 7, 3));
    }
    table_close(&table);
}

/* Random turnover against an array that knows the truth: the backward shift must never lose an entry. */
Test(replay_table, it_agrees_with_an_array_over_random_turnover)
{
    enum { IDS = 300 };
    bool present[IDS] = {0};
    struct table table;
    cr_assert_eq(table_open(&table, sizeof(struct number), IDS), 0);
    srand(1);
    for (unsigned step = 0; step < 200000; step++) {
        unsigned id = (unsigned)rand() % IDS;
        struct number *number = table_find(&table, id, 9);
        cr_assert_eq(number != NULL, present[id]);
        if (number)
            table_remove(&table, number);
        else
            put(&table, id, 9);
        present[id] = !present[id];
    }
    size_t seen = 0;
    for (const struct number *number = NULL; (number = table_next(&table, number)); seen++)
        cr_assert(present[number->key.id]);
    cr_assert_eq(seen, table.count);
    table_close(&table);
}

Test(replay_table, turnover_does_not_make_it_grow)
{
    struct table table;
    cr_assert_eq(table_open(&table, sizeof(struct number), 1000), 0);
    for (uint64_t id = 0; id < 1000000; id++) {
        put(&table, id, 0);
        if (id >= 30)
            table_remove(&table, table_find(&table, id - 30, 0));
    }
    cr_assert_eq(table.mask + 1, 64);
    table_close(&table);
}

Test(replay_table, the_limit_is_kept)
{
    struct table table;
    struct number *number;
    cr_assert_eq(table_open(&table, sizeof(struct number), 2), 0);
    put(&table, 1, 0);
    put(&table, 2, 0);
    cr_assert_eq(table_insert(&table, 3, 0, &number), -ENOSPC);
    cr_assert_eq(table.count, 2);
    table_close(&table);
}

/* At several fill levels, so that clusters wrap around the end of the slots. */
Test(replay_table, a_space_goes_as_a_whole_and_the_others_stay)
{
    for (unsigned count = 1; count < 600; count += 7) {
        struct table table;
        cr_assert_eq(table_open(&table, sizeof(struct number), 1000), 0);
        for (unsigned i = 0; i < count; i++)
            put(&table, i, i % 3);
        table_remove_space(&table, 1);
        for (unsigned i = 0; i < count; i++)
            cr_assert_eq(table_find(&table, i, i % 3) != NULL, i % 3 != 1);
        cr_assert_eq(table.count, count - (count + 1) / 3);
        table_close(&table);
    }
}
