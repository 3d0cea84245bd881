#include "runner/profile/calls.h"

#include <errno.h>
#include <stdlib.h>

struct child {
    struct table_key key; /* id: the parent, space: the function */
    uint32_t node;
};

int calls_open(struct calls *calls, size_t limit)
{
    *calls = (struct calls){.limit = limit};
    return table_open(&calls->children, sizeof(struct child), limit);
}

void calls_close(struct calls *calls)
{
    free(calls->items);
    table_close(&calls->children);
    *calls = (struct calls){0};
}

static int make_room(struct calls *calls)
{
    if (calls->count < calls->room)
        return 0;
    size_t room = calls->room ? 2 * calls->room : 1024;
    struct call *larger = realloc(calls->items, room * sizeof *larger);
    if (!larger)
        return -ENOMEM;
    calls->items = larger;
    calls->room = room;
    return 0;
}

/* The node of `function` below `parent`; a negative errno. */
static int64_t step(struct calls *calls, int64_t parent, uint32_t function)
{
    struct child *child = table_find(&calls->children, (uint64_t)parent, function);
    if (child)
        return child->node;
    int result = make_room(calls);
    if (result == 0)
        result = table_insert(&calls->children, (uint64_t)parent, function, (void *)&child);
    if (result < 0)
        return result;
    child->node = (uint32_t)calls->count;
    calls->items[calls->count++] = (struct call){.parent = parent, .function = function};
    return child->node;
}

/* Nodes without samples may stay behind where there is no room for the rest of a stack. */
int calls_add(struct calls *calls, uint32_t group, const uint32_t *functions, size_t depth)
{
    int64_t node = -1 - (int64_t)group;
    for (size_t i = depth; i-- > 0;) {
        int64_t next = step(calls, node, functions[i]);
        if (next < 0)
            return (int)next;
        node = next;
    }
    calls->items[node].samples++;
    return 0;
}
