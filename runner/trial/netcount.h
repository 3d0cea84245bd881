/*
 * The network's part of an observed trial: counts what the sandbox's namespace carries between barrier and
 * end, as metrics net.* and as trial.json's "net" block.
 */
#ifndef RUNNER_TRIAL_NETCOUNT_H
#define RUNNER_TRIAL_NETCOUNT_H

#include <jansson.h>
#include <stdbool.h>

#include "bpf/net.h"
#include "bpf/observer.h"
#include "runner/metrics/metrics.h"

struct netcount {
    struct observer *observer;
    struct net_attachment *attachment; /* between begin and end */
    const char *off;                   /* why nothing is counted; static; NULL: it is */
    bool wanted;                       /* by the manifest: without it there is no figure and no reason */
    struct net_counts counts;
    struct net_health health;
};

/* At the barrier. `network_fd` is the sandbox's namespace, -1: the demo shares the host's, where its packets
   cannot be told from others'. What this kernel lacks is no error. */
int netcount_begin(struct netcount *netcount, struct observer *observer, int network_fd, struct error *error);
/* When the demo has ended: the counters stand, everything is taken off again. */
void netcount_end(struct netcount *netcount);
/* Metrics, known or with a reason, and record["net"]. Nothing where it is not wanted. */
void netcount_evaluate(const struct netcount *netcount, struct metrics *metrics, json_t *record);
/* After an error: as netcount_end(), without a reading. */
void netcount_close(struct netcount *netcount);

#endif
