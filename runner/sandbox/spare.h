/*
 * The namespaces of the next sandbox, made ahead. Only for runner/sandbox; sandbox.h has what others see.
 *
 * A thread of its own leaves runner's namespaces for new ones, builds the ground there, opens a descriptor of
 * each and ends: the descriptors keep the namespaces alive, and nobody has ever run in them.
 */
#ifndef RUNNER_SANDBOX_SPARE_H
#define RUNNER_SANDBOX_SPARE_H

#include <stdbool.h>

#include "runner/sandbox/protocol.h"
#include "runner/sandbox/sandbox.h"

enum spare_namespace { SPARE_MOUNT, SPARE_IPC, SPARE_UTS, SPARE_NETWORK, SPARE_NAMESPACES };

/* Descriptors; -1: none. SPARE_NETWORK stays -1 with network_host. */
struct spare_namespaces {
    int fds[SPARE_NAMESPACES];
};

void spare_namespaces_clear(struct spare_namespaces *namespaces);
void spare_namespaces_close(struct spare_namespaces *namespaces);
/* Init's part: enters all that are there, and closes the descriptors. */
int spare_namespaces_enter(struct spare_namespaces *namespaces, struct failure *failure);

/* Waits until they are made, if they are under way, and moves them to *namespaces. False where there are
   none, or where they were made for another kind of sandbox than `spec` wants. */
bool spare_take(struct sandbox_spare *spare, const struct sandbox_spec *spec,
                struct spare_namespaces *namespaces);

#endif
