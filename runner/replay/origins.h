/*
 * What a goroutine is by the function that it began with: the demo's, the runtime's own, or the other side of
 * an iter.Pull. A name costs a search in the symbol table, so each function is asked about once.
 */
#ifndef RUNNER_REPLAY_ORIGINS_H
#define RUNNER_REPLAY_ORIGINS_H

#include <stdbool.h>
#include <stdint.h>

enum origin { ORIGIN_DEMO, ORIGIN_RUNTIME, ORIGIN_COROUTINE };

struct origins {
    /* Either may be NULL: then all are the demo's, and no coroutine is known from its birth. */
    bool (*is_runtime)(void *context, uint64_t start_pc);
    const char *(*function_at)(void *context, uint64_t pc);
    void *context;
    struct {
        uint64_t pc;
        bool known;
        uint8_t origin;
    } cache[256];
};

enum origin origin_of(struct origins *origins, uint64_t start_pc);

#endif
