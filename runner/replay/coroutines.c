#include "runner/replay/coroutines.h"

#include <errno.h>

/* Threads that stand in a switch at once, and goroutines that have ever been resumed by one and live. */
#define SWITCHES_MAX (1u << 14)
#define PEERS_MAX    (1u << 18)

struct peer {
    struct table_key key; /* id: goid */
    uint64_t goid;
};

int coroutines_open(struct coroutines *coroutines)
{
    *coroutines = (struct coroutines){0};
    int result = table_open(&coroutines->switches, sizeof(struct coroutine_switch), SWITCHES_MAX);
    return result < 0 ? result : table_open(&coroutines->peers, sizeof(struct peer), PEERS_MAX);
}

void coroutines_close(struct coroutines *coroutines)
{
    table_close(&coroutines->switches);
    table_close(&coroutines->peers);
}

static struct coroutine_switch *find(const struct coroutines *coroutines, uint32_t tid)
{
    return coroutines->switches.count ? table_find(&coroutines->switches, tid, 0) : NULL;
}

int coroutines_switch(struct coroutines *coroutines, uint32_t tid, uint64_t goid, uint32_t space,
                      uint64_t now)
{
    struct coroutine_switch *pending = find(coroutines, tid);
    if (!pending) {
        int result = table_insert(&coroutines->switches, tid, 0, &pending);
        if (result < 0)
            return result == -ENOSPC ? 0 : result;
    }
    const struct peer *peer = table_find(&coroutines->peers, goid, space);
    pending->from = goid;
    pending->space = space;
    pending->guess = peer ? peer->goid : 0;
    pending->at = now;
    return 0;
}

bool coroutines_gave(const struct coroutines *coroutines, uint32_t tid, uint64_t goid, uint32_t space)
{
    const struct coroutine_switch *pending = find(coroutines, tid);
    return pending && pending->from == goid && pending->space == space;
}

bool coroutines_take(struct coroutines *coroutines, uint32_t tid, uint64_t goid, uint32_t space,
                     uint64_t *since)
{
    struct coroutine_switch *pending = find(coroutines, tid);
    if (!pending || pending->space != space || pending->from == goid)
        return false;
    *since = pending->at;
    uint64_t from = pending->from;
    table_remove(&coroutines->switches, pending);
    /* Beyond the limit, and without memory, the guess is worse and nothing else. */
    struct peer *peer = table_find(&coroutines->peers, goid, space);
    if (peer || table_insert(&coroutines->peers, goid, space, &peer) == 0)
        peer->goid = from;
    return true;
}

void coroutines_drop(struct coroutines *coroutines, uint32_t tid)
{
    struct coroutine_switch *pending = find(coroutines, tid);
    if (pending)
        table_remove(&coroutines->switches, pending);
}

void coroutines_forget(struct coroutines *coroutines, uint64_t goid, uint32_t space)
{
    struct peer *peer = coroutines->peers.count ? table_find(&coroutines->peers, goid, space) : NULL;
    if (peer)
        table_remove(&coroutines->peers, peer);
}
