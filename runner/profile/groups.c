#include "runner/profile/groups.h"

#include <errno.h>
#include <stdlib.h>

#define GROUPS_MOST 65536

struct number {
    struct table_key key; /* id: both names, space: kind */
    uint32_t group;
};

const char *group_kind_text(enum group_kind kind)
{
    static const char *const texts[] = {
        [GROUP_GOROUTINE] = "goroutine", [GROUP_RUNTIME] = "runtime", [GROUP_THREAD] = "thread"};
    return texts[kind];
}

int groups_open(struct groups *groups)
{
    *groups = (struct groups){0};
    int result = table_open(&groups->numbers, sizeof(struct number), GROUPS_MOST);
    return result < 0
               ? result
               : table_open(&groups->goroutines, sizeof(struct group_goroutine), GROUPS_GOROUTINES_MOST);
}

void groups_close(struct groups *groups)
{
    free(groups->items);
    table_close(&groups->numbers);
    table_close(&groups->goroutines);
    *groups = (struct groups){0};
}

int64_t groups_find(struct groups *groups, enum group_kind kind, uint32_t function, uint32_t creator)
{
    uint64_t id = (uint64_t)function << 32 | creator;
    struct number *entry = table_find(&groups->numbers, id, kind);
    if (entry)
        return entry->group;
    if (groups->count == groups->room) {
        size_t room = groups->room ? 2 * groups->room : 64;
        struct group *larger = realloc(groups->items, room * sizeof *larger);
        if (!larger)
            return -ENOMEM;
        groups->items = larger;
        groups->room = room;
    }
    int result = table_insert(&groups->numbers, id, kind, (void *)&entry);
    if (result < 0)
        return result;
    entry->group = (uint32_t)groups->count;
    groups->items[groups->count++] = (struct group){.kind = kind, .function = function, .creator = creator};
    return entry->group;
}

int groups_add(struct groups *groups, uint32_t group, uint32_t pid, uint64_t goid)
{
    groups->items[group].samples++;
    if (!goid)
        return 0;
    struct group_goroutine *goroutine = table_find(&groups->goroutines, goid, pid);
    if (!goroutine) {
        int result = table_insert(&groups->goroutines, goid, pid, (void *)&goroutine);
        if (result < 0)
            return result == -ENOSPC ? 0 : result;
        goroutine->group = group;
        groups->items[group].goroutines++;
    }
    goroutine->samples++;
    return 0;
}

static int by_samples(const void *left, const void *right)
{
    const struct group_goroutine *a = *(const struct group_goroutine *const *)left;
    const struct group_goroutine *b = *(const struct group_goroutine *const *)right;
    if (a->samples != b->samples)
        return a->samples < b->samples ? 1 : -1;
    if (a->key.id != b->key.id)
        return a->key.id < b->key.id ? -1 : 1;
    return a->key.space < b->key.space ? -1 : a->key.space > b->key.space;
}

const struct group_goroutine **groups_busiest(const struct groups *groups, size_t most, size_t *count)
{
    const struct group_goroutine **list = calloc(groups->goroutines.count + 1, sizeof *list);
    *count = 0;
    if (!list)
        return NULL;
    const void *entry = NULL;
    while ((entry = table_next(&groups->goroutines, entry)))
        list[(*count)++] = entry;
    qsort(list, *count, sizeof *list, by_samples);
    if (*count > most)
        *count = most;
    return list;
}
