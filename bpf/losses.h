/* The counters of the BPF programs: produced and lost events, by CPU in the kernel, summed here. */
#ifndef BPF_LOSSES_H
#define BPF_LOSSES_H

#include "bpf/state.h"

/* Makes room for one set of counters a CPU. 0 or a negative errno. */
int losses_open(struct observer *observer);
/* Counters and sequence numbers start at 0 again. Nothing may be observed meanwhile. 0 or a negative errno.
 */
int losses_zero(struct observer *observer);

#endif
