/*
 * What a replay holds; for the modules of this folder only.
 */
#ifndef RUNNER_REPLAY_STATE_H
#define RUNNER_REPLAY_STATE_H

#include "runner/replay/carriers.h"
#include "runner/replay/collector.h"
#include "runner/replay/goroutines.h"
#include "runner/replay/losses.h"
#include "runner/replay/plausible.h"
#include "runner/replay/remarks.h"
#include "runner/replay/replay.h"
#include "runner/replay/stacks.h"
#include "runner/replay/tallies.h"
#include "runner/replay/threads.h"
#include "runner/replay/window.h"

struct replay {
    struct replay_settings settings;
    uint64_t events, go_events;
    uint64_t first, now; /* times of the first event and of the newest */
    bool started, ended; /* the marks were seen */
    uint64_t start, end; /* their times */
    struct sequences sequences;
    struct threads threads;
    struct goroutines goroutines;
    struct collector collector;
    struct carriers carriers;
    struct remark_counts remarks;
    struct stacks stacks;
    struct tallies tallies; /* since replay_finish() */
    struct plausible plausible;
    struct window window;
};

#endif
