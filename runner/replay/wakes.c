#include "runner/replay/wakes.h"

void wakes_close(struct wakes *wakes)
{
    histogram_free(&wakes->go_queue);
    histogram_free(&wakes->run_queue);
    histogram_free(&wakes->throttled);
}

int wakes_add(struct wakes *wakes, const struct threads *threads, const struct event_header *run,
              uint64_t ready, uint64_t now)
{
    struct wait_times kept = threads_waited(threads, run->tid, ready, now);
    wakes->derived = (struct event_go_wake){
        .header = {.time = run->time,
                   .kind = EVENT_GO_WAKE,
                   .cpu = EVENT_CPU_USER,
                   .tid = run->tid,
                   .pid = run->pid,
                   .goid = run->goid},
        .go_queue = now - ready - kept.run_queue - kept.throttled,
        .run_queue = kept.run_queue,
        .throttled = kept.throttled,
    };
    int result = histogram_add(&wakes->go_queue, wakes->derived.go_queue);
    if (result == 0)
        result = histogram_add(&wakes->run_queue, kept.run_queue);
    return result < 0 ? result : histogram_add(&wakes->throttled, kept.throttled);
}
