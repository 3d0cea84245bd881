/* What the modules of bpf/ share: the observer itself. Nothing outside bpf/ includes this. */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "bpf/net.h"
#include "bpf/observer.h"
#include "bpf/profile.h"
#include "bpf/shared.h"

#include "bpf/observer.skel.h"

/* The uprobe links of one executable: one for all sites, or one for each. */
struct executable_links {
    struct bpf_link **links;
    size_t count;
};

#define TRACEPOINTS_MAX 16

/* What the network's programs can do here: bpf/net_programs.c. */
struct net_state {
    char why_not[NET_FIGURE_COUNT][NET_REASON_MAX]; /* "": its programs are loaded */
    char drops_partial[NET_REASON_MAX];             /* why drops are a lower bound; "": they are exact */
    char drop_names[NET_DROP_REASONS][NET_DROP_NAME_MAX];
    struct net_counters *per_cpu; /* one for each possible CPU; NULL: settings.net is off */
    bool tcx_refused;             /* by this kernel: not tried again */
    bool attached;
};

/* A file that was announced as an executable: bpf/executables.c. */
struct announced {
    int fd;         /* -1: none */
    uint64_t inode; /* its address in the kernel */
};

/* The CPU profile: bpf/profile_timers.c. */
struct profile_state {
    struct ring_buffer *ring; /* NULL: there is no profile */
    uint64_t period_ns;
    uint32_t depth_limit, cpus;
    struct bpf_link **links;          /* a timer for each possible CPU; NULL: not now */
    struct profile_counters *per_cpu; /* one for each possible CPU */
    char refused[256], off[256];      /* why there is none: ever, since the last arming */
    observer_take_sample take;        /* of the drain that is under way */
    void *take_context;
};

struct observer {
    struct observer_settings settings;
    struct observer_bpf *programs;
    bool has_cookies; /* a probe tells its program which site it is */
    struct ring_buffer *ring;
    int wakeup_fd;     /* epoll, edge-triggered on the ring */
    int statistics_fd; /* programs are timed while it is open; -1: they are not */
    uint64_t ring_bytes_peak;
    struct cpu_counters *per_cpu; /* one for each possible CPU, for reading and zeroing the map */
    size_t cpu_count;
    struct bpf_link *tracepoints[TRACEPOINTS_MAX];
    struct executable_links executables[GO_EXECUTABLES_MAX];
    struct announced announced[GO_EXECUTABLES_MAX];
    struct observer_health health;
    struct net_state net;
    struct profile_state profile;
    observer_take take; /* of the drain that is under way */
    void *take_context;
};

/* bpf/executables.c */
void executables_open(struct observer *observer);
void executables_close(struct observer *observer);
/* bpf/counts.c: nothing is only counted, nothing has been. 0 or a negative errno. */
int counts_zero(struct observer *observer);
/* bpf/observer.c: what the kernel knows of the next program that is loaded; begins where *index is 0. */
bool observer_next_program(const struct observer *observer, int *index, struct bpf_prog_info *info);
/* bpf/observer.c: observer_fd() is no longer readable, until a ring is more than half full again. */
void observer_rest(struct observer *observer);

#endif
