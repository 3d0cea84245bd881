/*
 * The kernel's eyes: loads the BPF programs once for an experiment, attaches them, drains their ring, counts
 * every loss. Knows nothing of Go executables or manifests: it gets {site, offset, cookie} and a cgroup id.
 *
 * Theory of operation. One ring buffer for all CPUs; a program takes the time and its CPU's next sequence
 * number, then reserves; a refused reserve is counted by {program, reason}. Nothing wakes the reader for an
 * event: a timer of the trial's epoll loop calls observer_drain(); only past half of the ring a submit forces
 * a wake-up. The filter is the cgroup of the task that the event is about. Kernel tracepoint links live only
 * during observed trials; uprobe links live as long as the experiment, because they belong to an inode.
 */
#ifndef BPF_OBSERVER_H
#define BPF_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/support/error.h"

struct observer;

struct observer_settings {
    uint64_t ring_bytes;         /* rounded up to a power of two of pages */
    bool sched;                  /* load the kernel scheduler's programs */
    bool go;                     /* load the Go programs */
    uint32_t profile_hz;         /* samples a second and CPU for the CPU profile (bpf/profile.h); 0: none */
    uint64_t profile_ring_bytes; /* for tests; 0: what the frequency asks for */
    bool net;             /* load the network's programs (bpf/net.h), as far as this kernel takes them */
    bool net_without_tcx; /* for tests: attach by clsact where the kernel has tcx, too */
};

/* Some observations can be made at one place that is hit more often than needed, or at many that are not. */
enum site_use {
    SITE_ALWAYS,
    SITE_INSTEAD_OF_MANY, /* only where each site costs a link of its own */
    SITE_ONE_OF_MANY,     /* only where one link holds them all: uprobe.multi */
};

/* One place in an executable file. */
struct probe_site {
    enum go_site site;
    uint64_t offset;  /* in the file */
    bool stack_check; /* on the jbe of the stack check: hits whose branch is taken are dropped */
    enum site_use use;
};

/* What happened while loading and attaching, for the bundle's health block. */
struct observer_health {
    uint32_t programs_loaded, programs_failed; /* fallbacks count as failed */
    uint32_t programs_jited;
    uint64_t verifier_ns, verified_instructions;
    uint32_t sites_wanted, sites_attached;
    bool uprobe_multi;             /* else one perf event a site */
    uint64_t attach_ns, detach_ns; /* of the last executable */
};

/* Counters since observer_arm(). `produced` of a kind counts delivered and lost ones, not those that were
   only counted (bpf/counts.h). */
struct observer_losses {
    uint64_t produced[EVENT_KIND_COUNT];
    uint64_t lost[EVENT_KIND_COUNT]; /* refused by the ring */
    uint64_t counted[EVENT_KIND_COUNT];
    uint64_t filtered_restarts; /* stack-check hits dropped by design, not a loss */
    uint64_t unseen_switches;   /* the kernel switched without running our program, on any CPU and for any
                                   task: a switch-in or a wake-up of the trial may be among them */
    uint64_t ring_bytes_peak;   /* highest fill seen by a drain */
    struct {
        uint64_t lost; /* kinds that the ring refused there: bit 1 << kind */
        uint32_t next; /* the sequence number that the next event would have; the first one had 0 */
    } cpus[EVENT_CPU_USER];
};

/* Opens and loads. ERROR_HOST with the mend where BPF, BTF or a program type is missing. */
int observer_open(const struct observer_settings *settings, struct observer **observer, struct error *error);
void observer_close(struct observer *observer);

/* Announces executable number `index` (bpf/executables.h) and attaches its sites to the file behind `path`:
   uprobe.multi, else single links, and of the sites those that are for it. Stays attached until
   observer_detach. */
int observer_attach(struct observer *observer, uint32_t index, const char *path,
                    const struct go_layout *layout, const struct probe_site *sites, size_t count,
                    struct error *error);
int observer_detach(struct observer *observer, uint32_t index);

/* Sets the filter to cgroup v2 id `cgroup_id` at depth `level` (root is 0), zeroes the counters and attaches
   the tracepoints. Called at the barrier of an observed trial. */
int observer_arm(struct observer *observer, uint64_t cgroup_id, uint32_t level, struct error *error);
/* Detaches the tracepoints and matches no cgroup any more. Drain once more afterwards. */
int observer_disarm(struct observer *observer);

/* A descriptor that becomes readable only when the ring is more than half full. */
int observer_fd(const struct observer *observer);

/* Calls `take` for every record in the ring. `event` is valid during the call only. A negative result of
   `take` ends the drain and is returned; else the number of records. */
typedef int (*observer_take)(void *context, const struct event_header *event, size_t size);
int observer_drain(struct observer *observer, observer_take take, void *context);

void observer_read_losses(const struct observer *observer, struct observer_losses *losses);
void observer_read_health(const struct observer *observer, struct observer_health *health);

#endif
