/*
 * Control groups for trials: a small library over cgroupfs with two backends behind one interface.
 *
 * Theory of operation. `v2`: one tree; the group gives identity (BPF filters), limits, statistics and the
 * kill. `hybrid`: for hosts whose cpu, memory, pids and cpuset controllers are bound to v1 hierarchies: each
 * group is made in the v2 tree (identity, cgroup.kill, cpu.stat usage, PSI) and in each v1 tree below the
 * process's own group (limits, throttling, memory peak). A group is a set of directory descriptors; paths are
 * used only for messages. Names: <root>/<slice>/runner-<boot>-<pid namespace>-<pid>-<starttime>/<trial>,
 * so that a later runner can tell a dead owner's groups from a living one's and remove them. Sources:
 * Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/{cpuacct,memory,pids,cpusets}.rst, sched-bwc.rst.
 */
#ifndef CGROUP_CGROUP_H
#define CGROUP_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/support/error.h"

enum cgroup_mode { CGROUP_V2, CGROUP_HYBRID };

#define CGROUP_UNSET       UINT64_MAX
#define CGROUP_MAX         (UINT64_MAX - 1)
#define CGROUP_HIERARCHIES 8 /* v2 and the v1 hierarchies that we join */

/* The limits of a group; CGROUP_UNSET writes nothing, CGROUP_MAX writes "max". */
struct cgroup_settings {
    uint64_t cpu_quota_us, cpu_period_us;
    const char *cpuset;
    uint64_t memory_max, memory_high, memory_low, memory_swap_max; /* bytes */
    uint64_t pids_max;
};

/* What a limit came to: for the trial's record. */
struct cgroup_applied {
    const char *key;         /* "cpu.max" */
    char asked[32];          /* as the manifest resolved it */
    char read_back[64];      /* as the kernel says it */
    const char *enforced_by; /* "v2", "v1 cpu"; "no swap", "the kernel's default": it holds without being set;
                                NULL: not enforced (and optional) */
    char reason[96];         /* why not, where it is not enforced */
};
#define CGROUP_APPLIED_MAX 8

struct cgroup_stat { /* UINT64_MAX: this host cannot tell */
    uint64_t usage_us, user_us, system_us;
    uint64_t periods, throttled_periods, throttled_us;
    uint64_t memory_current, memory_peak;
    uint64_t memory_anon, memory_file, memory_kernel;
    uint64_t oom, oom_kill, memory_max_hits, memory_high_hits;
    uint64_t pids_current, pids_peak, pids_max_hits;
    /* The peak is the highest value that cgroup_read_stat() and, for memory, cgroup_read_memory() came
       across: this kernel keeps none (memory.peak: Linux 5.19, pids.peak: 6.1). */
    bool memory_peak_sampled, pids_peak_sampled;
    uint64_t io_read_bytes, io_write_bytes;
    struct {
        uint64_t some_us, full_us;
    } psi_cpu, psi_memory, psi_io;
};

struct cgroup_root; /* the tree below which we may make groups */
struct cgroup;      /* one group in all its hierarchies */

/* Finds the backend. `path`: --cgroup-root, the directory of a v2 group (v1 groups are made below our own
   ones in any case); or NULL for the own group, where runner moves itself into a leaf of it if need be; else
   the nearest group above that passes the controllers on already; else the top of the mount. `require_v2`:
   refuse hybrid. ERROR_HOST names the controller, where it is bound, and the mend; ERROR_USAGE: `path` is no
   v2 group.
 */
int cgroup_root_open(const char *path, bool require_v2, struct cgroup_root **root, struct error *error);
void cgroup_root_close(struct cgroup_root *root);
enum cgroup_mode cgroup_root_mode(const struct cgroup_root *root);
/* A line for people: "v2 at /sys/fs/cgroup/x" or "hybrid: v2 identity at ..., v1 cpu at ..., ...". */
void cgroup_root_describe(const struct cgroup_root *root, char *text, size_t size);

/* Removes what dead runners left below `slice`: groups whose owner (boot id, pid, start time) is gone, with
   their processes; also the leaf that one moved itself into. Groups of another PID namespace stay, for their
   owner cannot be looked up. Returns how many were removed. */
int cgroup_remove_leftovers(struct cgroup_root *root, const char *slice, struct error *error);

/* Makes <slice>/runner-<...>, controllers enabled for its children; one at a time for a process and slice. It
   must outlive the groups below it. `slice`: one or more names ("runner.slice", "a/b"). */
int cgroup_open_experiment(struct cgroup_root *root, const char *slice, struct cgroup **experiment,
                           struct error *error);
/* Makes a group below `parent`. */
int cgroup_create(struct cgroup *parent, const char *name, struct cgroup **group, struct error *error);

/* Writes the limits and reads them back. `optional`: keys (names separated by spaces) that may be impossible
   here; any other impossible key is ERROR_HOST. `applied` gets a row a key asked for; returns their number.
 */
int cgroup_apply(struct cgroup *group, const struct cgroup_settings *settings, const char *optional,
                 struct cgroup_applied applied[CGROUP_APPLIED_MAX], struct error *error);

/* Descriptors for entering: write "0" to each from the single-threaded process that enters. v1: its `tasks`
   file; v2: cgroup.procs. Returns the count. They belong to the group and are O_CLOEXEC. */
int cgroup_entry_fds(struct cgroup *group, int fds[CGROUP_HIERARCHIES], struct error *error);

/* Directory descriptor of the v2 group (for CLONE_INTO_CGROUP), its id for BPF filters and its depth below
   the real root (which is at 0) as the kernel's ancestor lookups count it. A cgroup namespace hides what is
   above it: then it is the depth below the namespace's root. */
int cgroup_v2_fd(const struct cgroup *group);
uint64_t cgroup_id(const struct cgroup *group);
uint32_t cgroup_level(const struct cgroup *group);
bool cgroup_populated(struct cgroup *group);

int cgroup_read_stat(struct cgroup *group, struct cgroup_stat *stat);
/* The part that changes fast, for sampling during a trial: memory split and current only. */
int cgroup_read_memory(struct cgroup *group, struct cgroup_stat *stat);

/* Kills every process in it and its descendants (cgroup.kill, else freeze and signal), waits for `populated
 * 0`. */
int cgroup_kill(struct cgroup *group, struct error *error);
/* Kills, removes the group with its descendants (retried when cgroup.events changes), frees it. NULL is fine.
 */
int cgroup_destroy(struct cgroup *group, struct error *error);

#endif
