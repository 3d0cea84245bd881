#include "runner/gobin/probes.h"

#include <stdlib.h>

#include "runner/gobin/calls.h"
#include "runner/gobin/prologue.h"
#include "runner/support/fd.h"

#define CODE_MAX                                                                                             \
    ((size_t)1 << 16) /* of a function that is searched for calls; the longest has 1,162 bytes               \
                       */

static size_t find_entry(const struct image *image, const struct function *function,
                         const struct version_site *wanted, struct probe_site *site)
{
    uint8_t code[PROLOGUE_BYTES];
    size_t size = image_read(image, function->address, code, sizeof code);
    if (function->size && function->size < size)
        size = function->size;
    struct prologue prologue = prologue_decode(code, size, wanted->registers);
    *site = (struct probe_site){.site = wanted->site, .stack_check = prologue.place == PROLOGUE_STACK_CHECK};
    return prologue.place != PROLOGUE_NONE &&
           image_code_offset(image, function->address + prologue.offset, &site->offset);
}

struct code {
    const struct image *image;
    const struct version_site *wanted;
    const uint8_t *bytes;
    size_t size;
    uint64_t address;
};

/* The places where the function calls `callee`, behind `count` places that are known already. */
static size_t add_calls(const struct code *code, const struct function *callee, struct probe_site *places,
                        size_t count)
{
    for (size_t at = 0; count < PROBES_PLACES_MAX; at++) {
        at = calls_find(code->bytes, code->size, code->address, callee->address, at);
        if (at == code->size)
            break;
        size_t place = at;
        if (code->wanted->place == SITE_AFTER_CALL &&
            !calls_branch_on_result(code->bytes, code->size, at, &place))
            continue;
        places[count] = (struct probe_site){.site = code->wanted->site};
        count += image_code_offset(code->image, code->address + place, &places[count].offset);
    }
    return count;
}

static size_t find_calls(const struct image *image, const struct functions *functions,
                         const struct function *function, const struct version_site *wanted,
                         struct probe_site *places)
{
    AUTO_FREE uint8_t *bytes = malloc(CODE_MAX);
    if (!bytes)
        return 0;
    size_t size = function->size < CODE_MAX ? function->size : CODE_MAX;
    struct code code = {image, wanted, bytes, image_read(image, function->address, bytes, size),
                        function->address};
    size_t count = 0;
    const struct function *callee = NULL;
    while ((callee = functions_next(functions, wanted->callee, callee)))
        count = add_calls(&code, callee, places, count);
    return count;
}

static size_t find_entry_and_calls(const struct image *image, const struct functions *functions,
                                   const struct function *function, const struct version_site *wanted,
                                   struct probe_site *places)
{
    size_t count = find_entry(image, function, wanted, places);
    if (!count || !wanted->by_calls)
        return count;
    size_t calls = callers_find(image, functions, function, wanted->site, places + count);
    if (calls)
        places[0].use = SITE_INSTEAD_OF_MANY;
    return count + calls;
}

size_t probes_find(const struct image *image, const struct functions *functions,
                   const struct version_site *wanted, struct probe_site places[PROBES_PLACES_MAX])
{
    const struct function *function = functions_find(functions, wanted->function);
    if (!function)
        return 0;
    if (wanted->place == SITE_ENTRY)
        return find_entry_and_calls(image, functions, function, wanted, places);
    return find_calls(image, functions, function, wanted, places);
}
