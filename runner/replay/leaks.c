#include "runner/replay/leaks.h"

#include <stdlib.h>

static int compare_origin(const void *a, const void *b)
{
    const struct leak_group *x = a;
    const struct leak_group *y = b;
    if (x->creator_pc != y->creator_pc)
        return x->creator_pc < y->creator_pc ? -1 : 1;
    if (x->start_pc != y->start_pc)
        return x->start_pc < y->start_pc ? -1 : 1;
    return (x->reason > y->reason) - (x->reason < y->reason);
}

static int compare_size(const void *a, const void *b)
{
    const struct leak_group *x = a;
    const struct leak_group *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return compare_origin(a, b);
}

size_t leaks_group(struct leak_group *leaks, size_t count)
{
    size_t groups = 0;
    qsort(leaks, count, sizeof *leaks, compare_origin);
    for (size_t i = 0; i < count; i++) {
        if (groups && compare_origin(&leaks[groups - 1], &leaks[i]) == 0)
            leaks[groups - 1].count += leaks[i].count;
        else
            leaks[groups++] = leaks[i];
    }
    qsort(leaks, groups, sizeof *leaks, compare_size);
    return groups;
}
