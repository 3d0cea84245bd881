#include "runner/gobin/callers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/gobin/calls.h"
#include "runner/support/fd.h"

#define CODE_MAX ((size_t)1 << 18) /* of a function; a larger one tells nothing */

/* runtime/proc.go, runtime/stack.go. exitsyscall0 and exitsyscallNoP (Go 1.26) are not among them: there the
   goroutine has to queue. */
static const char *const left_out[] = {
    "runtime.reentersyscall", "runtime.entersyscallblock",
    "runtime.exitsyscall",    "runtime.newstack",
    "runtime.needm",          "runtime.dropm",
    "runtime.oneNewExtraM",
};

/* Where goroutines are born, run, park, become runnable, yield and end (goexit0 until Go 1.21). One of each
   row. */
static const char *const required[][2] = {
    {"runtime.newproc1"},    {"runtime.execute"},
    {"runtime.park_m"},      {"runtime.ready"},
    {"runtime.injectglist"}, {"runtime.findRunnable"},
    {"runtime.goschedImpl"}, {"runtime.gdestroy", "runtime.goexit0"},
};
#define REQUIRED (sizeof required / sizeof *required)

bool callers_left_out(const char *function)
{
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (strcmp(function, left_out[i]) == 0)
            return true;
    return false;
}

struct search {
    const struct image *image;
    uint64_t callee;
    enum go_site site;
    uint8_t *code; /* CODE_MAX bytes */
    struct probe_site *places;
    size_t count;
    bool has[REQUIRED];
};

static void remember_caller(struct search *search, const char *name)
{
    for (size_t i = 0; i < REQUIRED; i++)
        for (size_t j = 0; j < 2; j++)
            if (required[i][j] && strcmp(name, required[i][j]) == 0)
                search->has[i] = true;
}

/* False where a call has no place that can be probed, or there are too many. */
static bool add_caller(struct search *search, const struct function *function, const char *name)
{
    size_t size = function->size < CODE_MAX ? function->size : CODE_MAX;
    size = image_read(search->image, function->address, search->code, size);
    for (size_t at = 0;; at++) {
        at = calls_find(search->code, size, function->address, search->callee, at);
        if (at == size)
            return true;
        remember_caller(search, name);
        if (callers_left_out(name))
            continue;
        if (search->count == CALLERS_PLACES_MAX)
            return false;
        struct probe_site *place = &search->places[search->count++];
        *place = (struct probe_site){.site = search->site, .use = SITE_ONE_OF_MANY};
        if (!image_code_offset(search->image, function->address + at, &place->offset))
            return false;
    }
}

static bool has_all(const struct search *search)
{
    for (size_t i = 0; i < REQUIRED; i++)
        if (!search->has[i])
            return false;
    return true;
}

size_t callers_find(const struct image *image, const struct functions *functions,
                    const struct function *callee, enum go_site site,
                    struct probe_site places[CALLERS_PLACES_MAX])
{
    AUTO_FREE uint8_t *code = malloc(CODE_MAX);
    if (!code)
        return 0;
    struct search search = {
        .image = image, .callee = callee->address, .site = site, .code = code, .places = places};
    uint64_t seen = 0;
    for (size_t i = 0; i < functions->count; i++) {
        const struct function *function = &functions->items[i];
        const char *name = functions->names + function->name;
        if (strncmp(name, "runtime.", 8) != 0 || function->address == seen)
            continue;
        seen = function->address;
        if (!add_caller(&search, function, name))
            return 0;
    }
    return has_all(&search) ? search.count : 0;
}
