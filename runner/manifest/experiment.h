/*
 * The experiment as the manifest states it: plain data, complete, nothing after it looks at YAML again.
 *
 * Defaults are filled in, units are resolved (bytes, nanoseconds, micro-CPUs), paths are absolute. The struct
 * and all it points to belong to whoever called manifest_load(); experiment_free() releases it.
 */
#ifndef RUNNER_MANIFEST_EXPERIMENT_H
#define RUNNER_MANIFEST_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/manifest/gates.h"
#include "runner/manifest/lists.h"
#include "runner/manifest/load.h"

#define LIMIT_UNSET UINT64_MAX       /* not in the manifest: nothing is written */
#define LIMIT_MAX   (UINT64_MAX - 1) /* "max": written as max */

/* controls.cgroup. Quotas as cgroup-v2.rst has them. */
struct cgroup_limits {
    uint64_t cpu_quota_us;  /* LIMIT_UNSET, LIMIT_MAX or microseconds a period */
    uint64_t cpu_period_us; /* 100000 unless stated */
    char *cpuset;           /* NULL: not set */
    uint64_t memory_max, memory_high, memory_low, memory_swap_max; /* bytes */
    uint64_t pids_max;
};

/* A key of controls.cgroup as a bit, for `optional:`. */
enum cgroup_key {
    CGROUP_KEY_CPU_MAX = 1 << 0,
    CGROUP_KEY_CPUSET = 1 << 1,
    CGROUP_KEY_MEMORY_MAX = 1 << 2,
    CGROUP_KEY_MEMORY_HIGH = 1 << 3,
    CGROUP_KEY_MEMORY_LOW = 1 << 4,
    CGROUP_KEY_MEMORY_SWAP_MAX = 1 << 5,
    CGROUP_KEY_PIDS_MAX = 1 << 6,
};

enum cgroup_require { CGROUP_REQUIRE_AUTO, CGROUP_REQUIRE_V2 };

struct stop_policy {
    uint64_t after_ns; /* LIMIT_UNSET: only at the time-out */
    int signal;        /* SIGINT ... */
    uint64_t grace_ns; /* then SIGKILL */
};

struct controls {
    uint32_t gomaxprocs; /* 0: not set */
    int32_t gogc;        /* -1: off; INT32_MIN: not set */
    uint64_t gomemlimit; /* bytes; LIMIT_UNSET */
    struct string_list godebug;
    struct env_list env;
    char *slice;
    enum cgroup_require require;
    unsigned optional; /* enum cgroup_key bits */
    struct cgroup_limits limits;
    bool aslr;
    char *stdin_path; /* NULL: /dev/null */
    uint64_t timeout_ns;
    struct stop_policy stop;
};

enum trial_order { ORDER_INTERLEAVED, ORDER_SEQUENTIAL };

struct trial_counts {
    uint32_t warmup, bare, observed; /* for each demo */
    bool aa;                         /* the baseline's bare trials once more */
    enum trial_order order;
    uint64_t seed;
};

enum go_level { GO_NONE, GO_COUNTERS, GO_CORE, GO_FULL };

struct probe_settings {
    bool sched;
    enum go_level go;
    bool net;                 /* what the sandbox's network carries, in observed trials */
    uint32_t cpu_hz;          /* samples a second and CPU; 0: off */
    uint64_t ring_bytes;      /* all CPUs together */
    uint64_t rate_max;        /* Go events a second; what comes more often is only counted */
    uint64_t trace_max_bytes; /* a trial; what is beyond is counted, not written */
};

enum sandbox_network { NETWORK_LOOPBACK, NETWORK_HOST };

struct sandbox_settings {
    enum sandbox_network network;
    struct string_list read, write; /* absolute paths, bound at the same path */
    uint64_t tmp_bytes;
    char *seccomp; /* NULL: the default profile; else a file */
    char *user;
};

/* The names of bundle.md's verdicts, in order of precedence. */
enum verdict {
    VERDICT_START_FAILED,
    VERDICT_OOM,
    VERDICT_TIMEOUT,
    VERDICT_PIDS,
    VERDICT_FATAL,
    VERDICT_DEADLOCK,
    VERDICT_PANIC,
    VERDICT_NOT_READY,    /* with load: it never became ready */
    VERDICT_GONE,         /* it ended by itself, code 0, before the load did */
    VERDICT_LOAD_INVALID, /* the load itself was late or failed: the trial says nothing of the demo */
    VERDICT_LOAD_ERRORS,  /* wrong answers, or none for another reason than time */
    VERDICT_OVERLOADED,   /* it did not keep up */
    VERDICT_SIGNAL,
    VERDICT_STOPPED,
    VERDICT_EXIT,
    VERDICT_OK,
    VERDICT_COUNT,
};

struct expectation {
    enum verdict verdict; /* VERDICT_EXIT with code > 0: that exit code; code -1: any */
    int code;
    char *stdout_contains; /* NULL: not asked */
};

struct demo {
    char *name;
    char *go_dir;  /* absolute; NULL where exec is given */
    char *package; /* "." unless stated */
    struct string_list
        exec; /* argv; the first is absolute where it has a slash, else build/ looks it up in PATH */
    struct string_list args; /* behind exec or the built program */
    struct env_list env;     /* over controls.env */
    struct expectation expect;
    size_t line; /* in the manifest */
};

struct experiment {
    char *path;   /* the manifest's own absolute path */
    char *source; /* its bytes, for the bundle */
    size_t source_size;
    char *name;
    char *description; /* may be NULL */
    struct controls controls;
    struct load_settings load;
    struct trial_counts trials;
    struct probe_settings probes;
    struct sandbox_settings sandbox;
    struct demo *demos;
    size_t demo_count;
    size_t baseline; /* index; the first demo unless stated */
    struct gate *gates;
    size_t gate_count;
};

void experiment_free(struct experiment *experiment);

/* The verdict's name in manifests and bundles ("start_failed"). */
const char *verdict_name(enum verdict verdict);

#endif
