#include "runner/replay/places.h"

#include <errno.h>
#include <stdlib.h>

/* The pair of functions; text is never larger than 4 GiB, so the lower half of an address tells it apart. */
struct place_row {
    struct table_key key; /* id: creator_pc, space: start_pc */
    uint32_t row;
};

int places_open(struct places *places)
{
    *places = (struct places){.count = 1};
    places->rows = calloc(PLACES_MAX, sizeof *places->rows);
    if (!places->rows)
        return -ENOMEM;
    int result = table_open(&places->table, sizeof(struct place_row), PLACES_MAX);
    if (result < 0)
        places_close(places);
    return result;
}

void places_close(struct places *places)
{
    table_close(&places->table);
    free(places->rows);
    *places = (struct places){0};
}

static uint32_t row_of(struct places *places, uint64_t creator_pc, uint64_t start_pc, bool runtime)
{
    if (start_pc == 0)
        return 0;
    struct place_row *found = table_find(&places->table, creator_pc, (uint32_t)start_pc);
    if (found)
        return found->row;
    if (places->count == PLACES_MAX ||
        table_insert(&places->table, creator_pc, (uint32_t)start_pc, &found) < 0)
        return 0;
    found->row = places->count++;
    places->rows[found->row] =
        (struct place){.creator_pc = creator_pc, .start_pc = start_pc, .runtime = runtime};
    return found->row;
}

uint32_t places_created(struct places *places, uint64_t creator_pc, uint64_t start_pc, bool runtime,
                        uint64_t now)
{
    uint32_t row = row_of(places, creator_pc, start_pc, runtime);
    struct place *place = &places->rows[row];
    if (place->created++ == 0)
        place->first_created = now;
    place->last_created = now;
    return row;
}

void places_known(struct places *places)
{
    if (places->rows[0].created)
        places->rows[0].created--;
}

void places_exited(struct places *places, uint32_t row, uint64_t lived)
{
    places->rows[row].exited++;
    places->rows[row].lived += lived;
}

void places_ran(struct places *places, uint32_t row, uint64_t ran)
{
    places->rows[row].ran += ran;
}

void places_parked(struct places *places, uint32_t row, uint8_t reason, uint64_t now, uint32_t stack)
{
    struct place_wait *wait = &places->rows[row].waits[reason];
    if (wait->first == 0)
        wait->first = now;
    wait->last = now;
    if (stack)
        wait->stack = stack;
}

void places_waited(struct places *places, uint32_t row, uint8_t reason, uint64_t time)
{
    struct place_wait *wait = &places->rows[row].waits[reason];
    wait->ended++;
    wait->time += time;
}

void places_stuck(struct places *places, uint32_t row, uint8_t reason, uint64_t since, uint64_t end,
                  uint32_t stack)
{
    struct place *place = &places->rows[row];
    struct place_wait *wait = &place->waits[reason];
    uint64_t middle = place->first_created + (place->last_created - place->first_created) / 2;
    if (wait->stuck++ == 0 || since < wait->stuck_first)
        wait->stuck_first = since;
    if (since > wait->stuck_last)
        wait->stuck_last = since;
    wait->stuck_late += since > middle;
    wait->stuck_time += end - since;
    if (stack)
        wait->stuck_stack = stack;
}
