#include "runner/trial/readback.h"

#include <criterion/criterion.h>
#include <fcntl.h>

static struct readback read_values(int32_t *gomaxprocs, int32_t *gc_percent)
{
    struct readback readback = {
        .process = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC),
        .gomaxprocs_at = (uint64_t)(uintptr_t)gomaxprocs,
        .gc_percent_at = (uint64_t)(uintptr_t)gc_percent,
        .reason = "no sample",
    };
    readback_sample(&readback);
    return readback;
}

static bool overridden(const struct readback *readback, uint32_t gomaxprocs, int32_t gogc)
{
    struct controls controls = {.gomaxprocs = gomaxprocs, .gogc = gogc};
    json_t *json = readback_json(readback, &controls, 0);
    const json_t *value = json_object_get(json, "controls_overridden");
    cr_assert(json_is_boolean(value));
    bool result = json_is_true(value);
    json_decref(json);
    return result;
}

Test(readback, values_in_memory_are_compared_with_the_controls)
{
    int32_t gomaxprocs = 2, gc_percent = -1;
    struct readback readback = read_values(&gomaxprocs, &gc_percent);
    cr_expect_not(overridden(&readback, 2, -1));
    cr_expect_not(overridden(&readback, 0, INT32_MIN), "what is not set cannot be overridden");
    cr_expect(overridden(&readback, 4, -1));
    cr_expect(overridden(&readback, 2, 100));
    readback_close(&readback);
}

Test(readback, a_runtime_that_has_not_started_tells_nothing)
{
    int32_t gomaxprocs = 0, gc_percent = 0;
    struct readback readback = read_values(&gomaxprocs, &gc_percent);
    struct controls controls = {.gomaxprocs = 2};
    json_t *json = readback_json(&readback, &controls, 0);
    cr_expect(json_is_null(json_object_get(json, "controls_overridden")));
    cr_expect_str_eq(json_string_value(json_object_get(json, "reason")), "no sample");
    json_decref(json);
    readback_close(&readback);
}
