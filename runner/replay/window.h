/*
 * With a load, distributions are of its measured window alone: what the demo does while it starts, warms up
 * and stops is not what the load asks about. Counts and sums stay those of the whole life, so that created -
 * exited = alive.
 */
#ifndef RUNNER_REPLAY_WINDOW_H
#define RUNNER_REPLAY_WINDOW_H

#include <stdbool.h>

#include "runner/support/histogram.h"

struct replay;

/* The distributions as they stood when the window ended. */
struct window {
    bool ended;
    struct histogram *kept;
};

/* The mark that begins it: forgets what came before. */
void window_start(struct replay *replay);
/* The mark that ends it: what comes later does not count. 0 or -ENOMEM. */
int window_end(struct replay *replay);
/* At the end of the trace: the figures become those of the window, where one has ended. */
void window_restore(struct replay *replay);
void window_close(struct replay *replay);

#endif
