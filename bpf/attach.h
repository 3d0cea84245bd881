/*
 * Where programs are hooked in: tracepoints while a trial is observed, uprobes as long as the experiment.
 *
 * uprobe.multi (kernel 6.6) puts all sites of a file behind one link, so that detaching waits once for
 * running programs to end; a perf event for each site waits each time (0.1 s a site). Older kernels load the
 * program but refuse the link with EINVAL: that is tried once for an observer and remembered in its health.
 */
#ifndef BPF_ATTACH_H
#define BPF_ATTACH_H

#include "bpf/state.h"

int attach_tracepoints(struct observer *observer, struct error *error);
void detach_tracepoints(struct observer *observer);

#endif
