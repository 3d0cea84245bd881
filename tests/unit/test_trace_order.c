#include "tests/unit/trace_sample.h"

#include "runner/trace/order.h"

static bool add(struct order *order, uint64_t time)
{
    union sample_record record;
    sample_event(&record, EVENT_GO_RUN, time);
    return order_add(order, &record.header);
}

static uint64_t time_at(const struct order *order, size_t index)
{
    return ((const struct event_go *)order->records)[index].header.time;
}

/* The sort against every order of 8 records, equal times included. */
Test(trace_order, every_order_of_eight_records_is_sorted_stably)
{
    for (unsigned pattern = 0; pattern < 1u << 16; pattern++) {
        struct order order;
        cr_assert_eq(order_open(&order, 8 * sizeof(struct event_go)), 0);
        for (unsigned i = 0; i < 8; i++) {
            struct event_go event = {
                .header = {.kind = EVENT_GO_RUN, .time = pattern >> 2 * i & 3, .seq = i}};
            cr_assert(order_add(&order, &event.header));
        }
        cr_assert_eq(order_until(&order, 3), 8 * sizeof(struct event_go));
        const struct event_go *sorted = (const struct event_go *)order.records;
        for (unsigned i = 1; i < 8; i++) {
            const struct event_header *a = &sorted[i - 1].header;
            const struct event_header *b = &sorted[i].header;
            cr_assert(a->time < b->time || (a->time == b->time && a->seq < b->seq), "pattern %x", pattern);
        }
        order_close(&order);
    }
}

Test(trace_order, a_full_window_takes_no_more)
{
    struct order order;
    cr_assert_eq(order_open(&order, 4 * sizeof(struct event_go)), 0);
    for (uint64_t time = 4; time > 0; time--)
        cr_assert(add(&order, time));
    cr_assert_not(add(&order, 5));
    cr_assert_eq(order_middle(&order), 3);
    order_close(&order);
}

Test(trace_order, what_stays_is_moved_to_the_front)
{
    struct order order;
    cr_assert_eq(order_open(&order, 8 * sizeof(struct event_go)), 0);
    for (unsigned i = 0; i < 5; i++)
        add(&order, (uint64_t[]){10, 30, 20, 50, 40}[i]);
    size_t ready = order_until(&order, 30);
    cr_assert_eq(ready, 3 * sizeof(struct event_go));
    order_drop(&order, ready);
    cr_assert_eq(time_at(&order, 0), 40);
    cr_assert_eq(order.newest, 50);
    add(&order, 45);
    cr_assert_eq(order_until(&order, 60), 3 * sizeof(struct event_go));
    cr_assert_eq(time_at(&order, 1), 45);
    order_close(&order);
}
