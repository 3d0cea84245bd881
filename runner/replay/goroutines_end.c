/* What is left when the program has ended. */
#include <errno.h>
#include <stdlib.h>

#include "runner/replay/goroutine.h"

#define MAIN_GOID 1

static int finish_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t end)
{
    uint64_t now = end > goroutine->since ? end : goroutine->since;
    goroutine_end_lock_wait(goroutines, goroutine, now);
    places_stuck(&goroutines->places, goroutine->place, goroutine->reason, goroutine->since, now,
                 goroutine->stack);
    return goroutine_end_slice(goroutines, goroutine, goroutine->since);
}

int goroutines_finish(struct goroutines *goroutines, uint64_t end)
{
    struct leak_group *leaks = calloc(goroutines->table.count + 1, sizeof *leaks);
    if (!leaks)
        return -ENOMEM;
    int result = 0;
    struct goroutine *goroutine = NULL;
    while (result == 0 && (goroutine = table_next(&goroutines->table, goroutine))) {
        if (goroutine->state != GOROUTINE_WAITING && goroutine->state != GOROUTINE_SWITCHED)
            continue;
        result = finish_wait(goroutines, goroutine, end);
        /* main was not started by a go statement; where it waits the program does. */
        if (!goroutine->runtime && goroutine->key.id != MAIN_GOID)
            leaks[goroutines->leaked++] =
                (struct leak_group){goroutine->creator_pc, goroutine->start_pc, 1, goroutine->reason};
    }
    size_t groups = leaks_group(leaks, goroutines->leaked);
    goroutines->leak_count = groups < LEAK_GROUPS_MAX ? (unsigned)groups : LEAK_GROUPS_MAX;
    for (unsigned i = 0; i < goroutines->leak_count; i++)
        goroutines->leaks[i] = leaks[i];
    free(leaks);
    return result;
}
