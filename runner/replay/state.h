/*
 * What a replay holds; for the modules of this folder only.
 */
#ifndef RUNNER_REPLAY_STATE_H
#define RUNNER_REPLAY_STATE_H

#include "runner/replay/carriers.h"
#include "runner/replay/collector.h"
#include "runner/replay/counted.h"
#include "runner/replay/full.h"
#include "runner/replay/goroutines.h"
#include "runner/replay/losses.h"
#include "runner/replay/plausible.h"
#include "runner/replay/remarks.h"
#include "runner/replay/replay.h"
#include "runner/replay/series.h"
#include "runner/replay/stacks.h"
#include "runner/replay/tallies.h"
#include "runner/replay/threads.h"
#include "runner/replay/wakes.h"
#include "runner/replay/window.h"

struct replay {
    struct replay_settings settings;
    uint64_t events, go_events;
    uint64_t first, now; /* times of the first event and of the newest */
    bool started, ended; /* the marks were seen */
    uint64_t start, end; /* their times */
    bool derived;        /* the newest event brought a wakes.derived */
    struct sequences sequences;
    struct threads threads;
    struct goroutines goroutines;
    struct collector collector;
    struct wakes wakes;
    struct full full; /* level full */
    struct series series;
    struct carriers carriers;
    struct remark_counts remarks;
    struct stacks stacks;
    struct tallies tallies; /* since replay_finish() */
    struct plausible plausible;
    struct window window;
    struct counted counted;
};

/* When the demo's life ended, as far as it is known now, ns. */
static inline uint64_t replay_end(const struct replay *replay)
{
    return replay->ended ? replay->end : replay->now;
}

static inline void replay_totals(const struct replay *replay, uint64_t totals[SERIES_COUNTS])
{
    const struct goroutines *goroutines = &replay->goroutines;
    totals[SERIES_CREATED] = goroutines->demo.created;
    totals[SERIES_PARKED] = goroutines->parks;
    totals[SERIES_READIED] = goroutines->readies;
    totals[SERIES_EXITED] = goroutines->demo.exited;
}

#endif
