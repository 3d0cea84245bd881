/*
 * Names of the functions that a trial's events refer to, for readers of the trace that do not have the
 * program: symbols.json, {"schema": 1, "functions": {"0x4a0020": "main.worker", ...}}. Addresses are those of
 * the events.
 */
#ifndef RUNNER_TRIAL_SYMBOLS_H
#define RUNNER_TRIAL_SYMBOLS_H

#include <jansson.h>

#include "bpf/events.h"
#include "runner/replay/table.h"

struct symbols {
    struct table addresses;
};

int symbols_open(struct symbols *symbols); /* 0 or -ENOMEM */
void symbols_close(struct symbols *symbols);
/* Notes the functions of creates and stacks; up to 65,536, what is beyond has no name. 0 or -ENOMEM. */
int symbols_event(struct symbols *symbols, const struct event_header *event);
/* `function_at`: the name of the function that contains an address, or NULL. Owned by the caller. */
json_t *symbols_json(const struct symbols *symbols, const char *(*function_at)(void *context, uint64_t pc),
                     void *context);

#endif
