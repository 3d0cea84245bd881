#include "runner/replay/coroutines.h"

#include <errno.h>

/* Threads that coroutines have just switched on. */
#define SWITCHES_MAX (1u << 14)

int coroutines_open(struct coroutines *coroutines)
{
    *coroutines = (struct coroutines){0};
    return table_open(&coroutines->switches, sizeof(struct coroutine_switch), SWITCHES_MAX);
}

void coroutines_close(struct coroutines *coroutines)
{
    table_close(&coroutines->switches);
}

int coroutines_switch(struct coroutines *coroutines, uint32_t tid, uint64_t from, uint64_t to, uint32_t space,
                      uint64_t now)
{
    struct coroutine_switch *newest = table_find(&coroutines->switches, tid, 0);
    int result = newest ? 0 : table_insert(&coroutines->switches, tid, 0, &newest);
    if (result < 0) /* beyond the limit a slice is lost, and no more */
        return result == -ENOSPC ? 0 : result;
    newest->from = from;
    newest->to = to;
    newest->at = now;
    newest->space = space;
    return 0;
}

struct coroutine_switch *coroutines_of(const struct coroutines *coroutines, uint32_t tid, uint32_t space)
{
    struct coroutine_switch *newest =
        coroutines->switches.count ? table_find(&coroutines->switches, tid, 0) : NULL;
    return newest && newest->space == space ? newest : NULL;
}

void coroutines_drop(struct coroutines *coroutines, uint32_t tid)
{
    struct coroutine_switch *newest = table_find(&coroutines->switches, tid, 0);
    if (newest)
        table_remove(&coroutines->switches, newest);
}
