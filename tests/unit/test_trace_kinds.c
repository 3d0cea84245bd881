#include "runner/export/rows.h"
#include "runner/trace/trace.h"

#include <criterion/criterion.h>

Test(trace_kinds, fields_follow_the_header_without_gaps)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        if (!type)
            continue;
        cr_assert_eq((unsigned)type->kind, kind);
        size_t at = sizeof(struct event_header);
        for (size_t i = 0; i < type->field_count; i++) {
            cr_assert_eq(type->fields[i].offset, at, "%s.%s", type->name, type->fields[i].name);
            at += type->fields[i].size;
        }
        cr_assert_eq(at + event_padding(type), type->size, "%s", type->name);
        cr_assert(event_padding(type) == 0 || event_padding(type) == 4 || event_padding(type) == 8);
        cr_assert_leq(type->size, EVENT_SIZE_MAX);
        cr_assert_eq(type->size % 8, 0);
        cr_assert_leq(type->field_count, ROW_FIELDS_MAX);
    }
}

Test(trace_kinds, every_kind_is_found_by_its_name)
{
    unsigned found = 0;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        if (!type)
            continue;
        cr_assert_eq(event_type_by_name(type->name), type);
        found++;
    }
    cr_assert_eq(found, 8 + 32 + 3, "a kind of bpf/events.h has no row");
    cr_assert_null(event_type_by_name("sched_nothing"));
}

Test(trace_kinds, numbers_that_are_no_kind_have_no_type)
{
    cr_assert_null(event_type(EVENT_NONE));
    cr_assert_null(event_type(EVENT_PROCESS_EXIT + 1));
    cr_assert_null(event_type(EVENT_KIND_COUNT));
    cr_assert_null(event_type(UINT16_MAX));
}

Test(trace_kinds, a_field_is_read_at_its_width)
{
    struct event_go_park park = {.g = 0xc000123456789a, .reason = 0xfedcba98, .pad = UINT32_MAX};
    const struct event_type *type = event_type(EVENT_GO_PARK);
    cr_assert_eq(event_field_value(&park.header, &type->fields[0]), 0xc000123456789a);
    cr_assert_eq(event_field_value(&park.header, &type->fields[1]), 0xfedcba98);
}
