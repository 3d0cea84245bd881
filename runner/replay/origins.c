#include "runner/replay/origins.h"

#include <stddef.h>
#include <string.h>

static enum origin look_up(const struct origins *origins, uint64_t pc)
{
    if (origins->is_runtime && origins->is_runtime(origins->context, pc))
        return ORIGIN_RUNTIME;
    /* runtime/coro.go: every coroutine begins there, parked. */
    const char *name = origins->function_at ? origins->function_at(origins->context, pc) : NULL;
    return name && strcmp(name, "runtime.corostart") == 0 ? ORIGIN_COROUTINE : ORIGIN_DEMO;
}

enum origin origin_of(struct origins *origins, uint64_t start_pc)
{
    if (start_pc == 0)
        return ORIGIN_DEMO;
    size_t place = (start_pc * 0x9e3779b97f4a7c15U) >> 56;
    if (!origins->cache[place].known || origins->cache[place].pc != start_pc) {
        origins->cache[place].pc = start_pc;
        origins->cache[place].known = true;
        origins->cache[place].origin = (uint8_t)look_up(origins, start_pc);
    }
    return (enum origin)origins->cache[place].origin;
}
