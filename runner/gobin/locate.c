#include "runner/gobin/locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runner/support/fd.h"

#define CODE_MAX    ((size_t)1 << 14) /* the longest of these functions has 3,887 bytes */
#define ANCHORS_MAX 6

/* What a function may refer to, in the order of its code. */
struct references {
    uint64_t *items;
    size_t count;
};

struct search {
    const struct image *image;
    const struct functions *functions;
    uint8_t *code; /* CODE_MAX bytes */
};

static bool is_writable(const struct image *image, uint64_t address)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (segment->writable && address >= segment->address &&
            address - segment->address < segment->memory_size)
            return true;
    }
    return false;
}

static size_t read_code(const struct search *search, const char *name, uint64_t *address)
{
    const struct function *function = functions_find(search->functions, name);
    if (!function)
        return 0;
    *address = function->address;
    return image_read(search->image, function->address, search->code,
                      function->size < CODE_MAX ? function->size : CODE_MAX);
}

/* Operands that an immediate follows count from behind that, and are not looked for. Call free() on the
 * items. */
static struct references read_references(const struct search *search, const char *name)
{
    struct references found = {0};
    uint64_t address;
    size_t size = read_code(search, name, &address);
    found.items = size ? calloc(size, sizeof *found.items) : NULL;
    for (size_t at = 0; found.items && size - at >= 4; at++) {
        int32_t distance;
        memcpy(&distance, search->code + at, sizeof distance);
        uint64_t target = address + at + 4 + (uint64_t)(int64_t)distance;
        if (is_writable(search->image, target))
            found.items[found.count++] = target;
    }
    return found;
}

static size_t count_of(const struct references *references, uint64_t address)
{
    size_t count = 0;
    for (size_t i = 0; i < references->count; i++)
        count += references->items[i] == address;
    return count;
}

/* A field of the structure that is looked for, and a function that uses it. */
struct anchor {
    const char *function;
    uint32_t offset;
};

struct pattern {
    struct anchor anchors[ANCHORS_MAX];
    uint32_t alignment;
    uint64_t known, known_size; /* it is not in there */
};

static size_t anchor_count(const struct pattern *pattern)
{
    size_t count = 0;
    while (count < ANCHORS_MAX && pattern->anchors[count].function)
        count++;
    return count;
}

static bool fits(const struct pattern *pattern, const struct references *references, uint64_t base)
{
    if (base % pattern->alignment != 0 ||
        (pattern->known && base >= pattern->known && base - pattern->known < pattern->known_size))
        return false;
    for (size_t i = 0; i < anchor_count(pattern); i++)
        if (!count_of(&references[i], base + pattern->anchors[i].offset))
            return false;
    return true;
}

/* Where a variable is that is used so; 0: nowhere, or at more than one place. */
static uint64_t find(const struct search *search, const struct pattern *pattern)
{
    struct references references[ANCHORS_MAX] = {0};
    size_t count = anchor_count(pattern);
    bool known = true;
    for (size_t i = 0; i < count; i++) {
        references[i] = read_references(search, pattern->anchors[i].function);
        known = known && references[i].count && pattern->anchors[i].offset != GO_ABSENT;
    }
    uint64_t found = 0;
    bool several = false;
    for (size_t i = 0; known && i < references[0].count; i++) {
        uint64_t base = references[0].items[i] - pattern->anchors[0].offset;
        if (!fits(pattern, references, base))
            continue;
        several = several || (found && found != base);
        found = base;
    }
    for (size_t i = 0; i < count; i++)
        free(references[i].items);
    return several ? 0 : found;
}

/* Of what both functions refer to, the one that allgadd names only once. */
static uint64_t find_allglen(const struct search *search)
{
    struct references add = read_references(search, "runtime.allgadd");
    struct references each = read_references(search, "runtime.forEachGRace");
    uint64_t found = 0;
    bool several = false;
    for (size_t i = 0; i < add.count; i++) {
        if (add.items[i] % 8 != 0 || count_of(&add, add.items[i]) != 1 || !count_of(&each, add.items[i]))
            continue;
        several = several || found;
        found = add.items[i];
    }
    free(add.items);
    free(each.items);
    return several ? 0 : found;
}

void locate_variables(const struct image *image, const struct functions *functions,
                      const struct version *version, struct gobin_variables *variables)
{
    AUTO_FREE uint8_t *code = malloc(CODE_MAX);
    struct search search = {image, functions, code};
    if (!code)
        return;
#define IN(function, offset)                                                                                 \
    {                                                                                                        \
        "runtime." function, offset                                                                          \
    }
    const struct go_offsets *offsets = &version->offsets;
    const struct go_layout *layout = &version->layout;
    const struct pattern sched = {{IN("newproc1", offsets->sched_goidgen),
                                   IN("newproc1", offsets->sched_ngsys), IN("retake", offsets->sched_npidle),
                                   IN("retake", offsets->sched_nmspinning)},
                                  8};
    /* startCycle's receiver, and what is told of the cycle */
    const struct pattern controller = {{IN("gcStart", 0), IN("gcMarkTermination", layout->gc_assist_time),
                                        IN("gcMarkTermination", layout->gc_dedicated_time),
                                        IN("gcMarkTermination", layout->gc_fractional_time),
                                        IN("gcMarkTermination", layout->gc_idle_time),
                                        IN("gcMarkTermination", offsets->gc_heap_live)},
                                       8};
    /* numforcedgc follows numgc */
    const struct pattern memstats = {{IN("gcMarkTermination", offsets->mem_numgc),
                                      IN("gcMarkTermination", offsets->mem_numgc + 4),
                                      IN("gcMarkTermination", offsets->mem_pause_total_ns)},
                                     8};
    /* a slice: address, length, capacity */
    const struct pattern allp = {{IN("retake", 0), IN("retake", 8), IN("stopTheWorldWithSema", 0),
                                  IN("stopTheWorldWithSema", 8), IN("procresize", 8), IN("procresize", 16)},
                                 8};
    if (!variables->sched)
        variables->sched = find(&search, &sched);
    if (!variables->gc_controller)
        variables->gc_controller = find(&search, &controller);
    if (!variables->memstats)
        variables->memstats = find(&search, &memstats);
    if (!variables->allp)
        variables->allp = find(&search, &allp);
    const struct pattern gomaxprocs = {{IN("stopTheWorldWithSema", 0), IN("procresize", 0), IN("handoffp", 0),
                                        IN("(*gcControllerState).enlistWorker", 0)},
                                       4,
                                       variables->sched,
                                       8192};
    if (!variables->gomaxprocs && variables->sched)
        variables->gomaxprocs = find(&search, &gomaxprocs);
    if (!variables->allglen)
        variables->allglen = find_allglen(&search);
}
