/*
 * Helpers of the observer's integration tests: a cgroup of our own, a child that enters it at a barrier,
 * everything that the observer delivered meanwhile.
 */
#ifndef TESTS_INTEGRATION_OBSERVED_H
#define TESTS_INTEGRATION_OBSERVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/observer.h"

/* A group below the cgroup v2 mount. */
struct group {
    char path[512];
    uint64_t id;
    uint32_t level;
};

void group_make(struct group *group, const char *name);
void group_make_below(struct group *group, const struct group *parent, const char *name);
void group_enter(const struct group *group); /* the calling process */
void group_remove(struct group *group);

/* A child that waits until it is released, in `group` (NULL: where its parent is). */
struct child {
    pid_t pid;
    int release;
};
void child_start(struct child *child, const struct group *group, int (*work)(void *), void *argument);
void child_start_program(struct child *child, const struct group *group, char *const *argv, int output);
void child_release(struct child *child);
int child_wait(struct child *child); /* its exit status; -1: a signal ended it */

/* Returns once the task sleeps: only then a write wakes it. */
void wait_for_sleep(pid_t pid);

/* All events that were drained, in the ring's order. */
struct recording {
    unsigned char *bytes;
    size_t used, room;
    size_t counts[EVENT_KIND_COUNT];
    size_t total;
};
int recording_take(void *recording, const struct event_header *event, size_t size);
void recording_free(struct recording *recording);
/* The next event after `event`, NULL after the last; NULL gives the first. */
const struct event_header *recording_next(const struct recording *recording,
                                          const struct event_header *event);

/* All events by time: two CPUs share the ring. The caller frees the array, not what it points to. */
const struct event_header **recording_sorted(const struct recording *recording, size_t *count);

/* Opens an observer or fails the test; skips it where this host has no BPF. */
struct observer *observer_for_test(uint64_t ring_bytes, bool sched, bool go);
struct observer *observer_with(const struct observer_settings *settings);

/* Arms for `group` once the child sleeps at its barrier, releases the child, drains every 10 ms until it has
   ended, disarms, drains. Returns the child's exit status. */
int observe_child(struct observer *observer, const struct group *group, struct child *child,
                  struct recording *recording);

#endif
