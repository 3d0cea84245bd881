/* What the observer does for the CPU profile: the ring's size, the program, a timer on each CPU. */
#ifndef BPF_PROFILE_TIMERS_H
#define BPF_PROFILE_TIMERS_H

#include "bpf/state.h"

/* Between opening and loading: sizes the ring. 0 or a negative errno. */
int profile_timers_prepare(struct observer *observer);
/* The verifier refused the program: there will be no profile. */
void profile_timers_refused(struct observer *observer, const char *why);
/* After loading: maps the ring, lets its fill wake observer_fd(). */
int profile_timers_open(struct observer *observer, struct error *error);
void profile_timers_close(struct observer *observer);

/* Zeroes the counters, empties the ring and starts the timers. What this host refuses is no error:
   observer_profile_off() tells. */
int profile_timers_start(struct observer *observer, struct error *error);
void profile_timers_stop(struct observer *observer);

#endif
