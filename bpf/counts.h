/*
 * Kinds of Go events that come too often are counted in the kernel instead: no record, no loss, and the
 * counts stay exact. Changes of goroutines' status are counted by the function that the goroutine began with,
 * so that the runtime's own can be told apart, and parks by their reason; other kinds altogether
 * (observer_losses.counted). When to do it is the trial's to decide.
 */
#ifndef BPF_COUNTS_H
#define BPF_COUNTS_H

#include "bpf/observer.h"

/* From now on until the next observer_arm(): bit 1 << kind. Kinds of the Go runtime only. */
void observer_count_only(struct observer *observer, uint64_t kinds);

struct observer_count {
    uint64_t start_pc;
    enum event_kind kind;
    uint32_t reason; /* waitReason, of parks and unparks */
    uint64_t count;
};
/* Calls `take` for every row that status changes were counted by. 0 or a negative errno. */
int observer_read_counts(const struct observer *observer,
                         void (*take)(void *context, const struct observer_count *count), void *context);

#endif
