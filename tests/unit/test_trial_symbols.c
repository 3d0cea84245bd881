#include "runner/trial/symbols.h"

#include <criterion/criterion.h>

#include "tests/unit/replay_events.h"

static const char *function_at(void *context, uint64_t pc)
{
    ++*(int *)context;
    return pc == 0x400100 ? "main.main" : pc == 0x400200 ? "main.worker" : NULL;
}

Test(trial_symbols, functions_of_creates_and_stacks_are_named_once)
{
    struct symbols symbols;
    cr_assert_eq(symbols_open(&symbols), 0);
    union any_event create = create_event(100, 7, 0x400200);
    union any_event stack = {.stack = {.header = {.kind = EVENT_GO_STACK}, .pcs = {0x400100, 0x999}}};
    union any_event other = go_event(EVENT_GO_RUN, 100, 7);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(symbols_event(&symbols, &create.header), 0);
        cr_assert_eq(symbols_event(&symbols, &stack.header), 0);
        cr_assert_eq(symbols_event(&symbols, &other.header), 0);
    }
    int asked = 0;
    json_t *json = symbols_json(&symbols, function_at, &asked);
    const json_t *functions = json_object_get(json, "functions");
    cr_expect_eq(asked, 3, "0x999 as well");
    cr_expect_eq(json_object_size(functions), 2);
    cr_expect_str_eq(json_string_value(json_object_get(functions, "0x400100")), "main.main");
    cr_expect_str_eq(json_string_value(json_object_get(functions, "0x400200")), "main.worker");
    json_decref(json);
    symbols_close(&symbols);
}

Test(trial_symbols, what_is_beyond_the_limit_has_no_name)
{
    struct symbols symbols;
    int asked = 0;
    cr_assert_eq(symbols_open(&symbols), 0);
    for (uint64_t pc = 1; pc <= 70000; pc++) {
        union any_event create = create_event(100, pc, pc);
        cr_assert_eq(symbols_event(&symbols, &create.header), 0);
    }
    json_decref(symbols_json(&symbols, function_at, &asked));
    cr_expect_eq(asked, 65536);
    symbols_close(&symbols);
}
