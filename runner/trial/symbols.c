#include "runner/trial/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define SYMBOLS_MAX 65536

int symbols_open(struct symbols *symbols)
{
    return table_open(&symbols->addresses, sizeof(struct table_key), SYMBOLS_MAX);
}

void symbols_close(struct symbols *symbols)
{
    table_close(&symbols->addresses);
}

static int note(struct symbols *symbols, uint64_t address)
{
    struct table_key *entry;
    if (!address || table_find(&symbols->addresses, address, 0))
        return 0;
    int result = table_insert(&symbols->addresses, address, 0, &entry);
    return result == -ENOSPC ? 0 : result;
}

int symbols_event(struct symbols *symbols, const struct event_header *event)
{
    int result = 0;
    if (event->kind == EVENT_GO_CREATE) {
        const struct event_go_create *create = (const struct event_go_create *)event;
        result = note(symbols, create->start_pc);
        return result ? result : note(symbols, create->creator_pc);
    }
    if (event->kind == EVENT_GO_STACK) {
        const struct event_go_stack *stack = (const struct event_go_stack *)event;
        for (size_t i = 0; i < EVENT_STACK_DEPTH && result == 0; i++)
            result = note(symbols, stack->pcs[i]);
    }
    return result;
}

json_t *symbols_json(const struct symbols *symbols, const char *(*function_at)(void *context, uint64_t pc),
                     void *context)
{
    json_t *functions = json_object();
    struct table_key *entry = NULL;
    while ((entry = table_next(&symbols->addresses, entry))) {
        char key[32];
        const char *name = function_at(context, entry->id);
        snprintf(key, sizeof key, "0x%" PRIx64, entry->id);
        if (name)
            json_object_set_new(functions, key, json_string(name));
    }
    return json_pack("{s: i, s: o}", "schema", 1, "functions", functions);
}
