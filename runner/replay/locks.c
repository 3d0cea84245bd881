#include "runner/replay/locks.h"

#include <errno.h>
#include <stdlib.h>

/* A lock with fewer waits than this gives up its row when rows are short. */
#define FEW_WAITS 64

struct lock_row {
    struct table_key key; /* id: address, space: the process's */
    uint32_t row;
};

int locks_open(struct locks *locks)
{
    *locks = (struct locks){.count = 1};
    locks->rows = calloc(LOCKS_MAX, sizeof *locks->rows);
    if (!locks->rows)
        return -ENOMEM;
    int result = table_open(&locks->table, sizeof(struct lock_row), LOCKS_MAX);
    if (result < 0)
        locks_close(locks);
    return result;
}

void locks_close(struct locks *locks)
{
    table_close(&locks->table);
    free(locks->rows);
    *locks = (struct locks){0};
}

/* Its waits count with the others from now on; the row is free. */
static void give_up(struct locks *locks, uint32_t row)
{
    struct lock *lock = &locks->rows[row];
    struct lock_row *found = table_find(&locks->table, lock->address, lock->space);
    if (found)
        table_remove(&locks->table, found);
    locks->rows[0].waits += lock->waits;
    locks->rows[0].time += lock->time;
    *lock = (struct lock){0};
}

static uint32_t free_row(struct locks *locks)
{
    if (locks->count < LOCKS_MAX)
        return locks->count++;
    uint32_t found = 0;
    for (uint32_t row = 1; row < LOCKS_MAX; row++) {
        const struct lock *lock = &locks->rows[row];
        if (lock->address && (lock->waiting || lock->waits >= FEW_WAITS))
            continue;
        if (lock->address)
            give_up(locks, row);
        found = row;
    }
    return found;
}

uint32_t locks_row(struct locks *locks, uint64_t address, uint32_t space)
{
    struct lock_row *found = table_find(&locks->table, address, space);
    if (found)
        return found->row;
    uint32_t row = free_row(locks);
    if (row == 0 || table_insert(&locks->table, address, space, &found) < 0)
        return 0;
    found->row = row;
    locks->rows[row].address = address;
    locks->rows[row].space = space;
    return row;
}

void locks_wait_begun(struct locks *locks, uint32_t row, const struct lock_wait *wait, uint64_t now)
{
    struct lock *lock = &locks->rows[row];
    if (lock->waits++ == 0)
        lock->first = now;
    lock->last = now;
    lock->place = wait->place;
    lock->reason = wait->reason;
    if (wait->stack)
        lock->stack = wait->stack;
    if (++lock->waiting > lock->peak)
        lock->peak = lock->waiting;
}

void locks_wait_ended(struct locks *locks, uint32_t row, uint64_t time)
{
    struct lock *lock = &locks->rows[row];
    lock->time += time;
    if (lock->waiting)
        lock->waiting--;
}
