#include "runner/replay/carriers.h"

/* More threads than any trial's pids.max lets live at once. */
#define CARRIERS_MAX (1u << 18)

int carriers_open(struct carriers *carriers)
{
    *carriers = (struct carriers){0};
    return table_open(&carriers->table, sizeof(struct carrier), CARRIERS_MAX);
}

void carriers_close(struct carriers *carriers)
{
    table_close(&carriers->table);
}

struct carrier *carriers_of(struct carriers *carriers, uint32_t tid)
{
    struct carrier *carrier = table_find(&carriers->table, tid, 0);
    if (carrier)
        return carrier;
    if (table_insert(&carriers->table, tid, 0, &carrier) < 0)
        return NULL;
    carrier->proc = PROC_NONE;
    return carrier;
}

struct carrier *carriers_find(const struct carriers *carriers, uint32_t tid)
{
    return table_find(&carriers->table, tid, 0);
}

void carriers_end(struct carriers *carriers, uint32_t tid)
{
    struct carrier *carrier = carriers_find(carriers, tid);
    if (carrier)
        table_remove(&carriers->table, carrier);
}

/* A thread's number may be given again: its clock then begins anew. */
static uint64_t since_mark(const struct carrier *carrier, uint64_t clock)
{
    return clock > carrier->mark ? clock - carrier->mark : 0;
}

void carrier_runs(struct carrier *carrier, uint64_t clock)
{
    carrier->runs = carrier->has_run = true;
    carrier->called = carrier->interrupted = carrier->lost_proc = false;
    carrier->mark = clock;
}

uint64_t carrier_leaves(struct carrier *carrier, uint64_t clock)
{
    uint64_t ran = carrier->runs ? since_mark(carrier, clock) : 0;
    carrier->runs = false;
    carrier->mark = clock;
    return ran;
}

void carrier_stops(struct carriers *carriers, struct carrier *carrier, uint64_t clock)
{
    if (!carrier->runs) {
        carriers->looks++;
        carriers->looked += since_mark(carrier, clock);
    }
    carriers->parked++;
    carriers->in_vain += !carrier->has_run;
    carrier->runs = carrier->has_run = false;
    carrier->mark = clock;
}

static void forget(struct carrier *carrier)
{
    carrier->goid = carrier->lock = 0;
    carrier->stack = 0;
}

void carrier_announces(struct carrier *carrier, uint64_t goid)
{
    if (carrier->goid != goid)
        forget(carrier);
    carrier->goid = goid;
}

void carrier_take(struct carrier *carrier, uint64_t goid, uint32_t *stack, uint64_t *lock)
{
    bool told = goid != 0 && carrier->goid == goid;
    *stack = told ? carrier->stack : 0;
    *lock = told ? carrier->lock : 0;
    forget(carrier);
}
