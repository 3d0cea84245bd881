/*
 * The network's part of an observed trial: counts what the sandbox's namespace carries between barrier and
 * end, as metrics net.* and as trial.json's "net" block.
 */
#ifndef RUNNER_TRIAL_TRAFFIC_H
#define RUNNER_TRIAL_TRAFFIC_H

#include <jansson.h>
#include <stdbool.h>

#include "bpf/net.h"
#include "bpf/observer.h"
#include "runner/metrics/metrics.h"

struct traffic {
    struct observer *observer;
    struct net_attachment *attachment; /* between begin and end */
    const char *off;                   /* why nothing is counted; static; NULL: it is */
    bool wanted;                       /* by the manifest: without it there is no figure and no reason */
    struct net_counts counts;
    struct net_health health;
};

/* At the barrier. `network_fd` is the sandbox's namespace, -1: the demo shares the host's, where its packets
   cannot be told from others'. What this kernel lacks is no error. */
int traffic_begin(struct traffic *traffic, struct observer *observer, int network_fd, struct error *error);
/* When the demo has ended: the counters stand, everything is taken off again. */
void traffic_end(struct traffic *traffic);
/* Metrics, known or with a reason, and record["net"]. Nothing where it is not wanted. */
void traffic_evaluate(const struct traffic *traffic, struct metrics *metrics, json_t *record);
/* After an error: as traffic_end(), without a reading. */
void traffic_close(struct traffic *traffic);

#endif
