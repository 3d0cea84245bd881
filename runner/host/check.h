/*
 * What the rows of the host table are made of. Internal to the room: host.c holds the table, one file a group
 * of rows holds the functions that look. A function tries the thing itself and fills state, detail and mend.
 */
#ifndef RUNNER_HOST_CHECK_H
#define RUNNER_HOST_CHECK_H

#include <linux/bpf.h>

#include "cgroup/cgroup.h"
#include "cgroup/hierarchy.h"
#include "runner/host/host.h"

/* Opened once for all rows. */
struct host_context {
    int root; /* descriptor of "/", or of a made-up tree in tests: files are read relative to it */
    struct hierarchy_list hierarchies;
    struct cgroup_root *groups; /* NULL: groups_error tells why */
    struct error groups_error;
};

struct host_check {
    const char *group;
    const char *name;
    bool required;
    void (*look)(const struct host_context *context, const struct host_check *check, struct host_row *row);
    const char *word;     /* what else the function needs to know: a path, a mend, ... */
    unsigned long number; /* ... or a flag, a controller, a system call */
};

void host_found(struct host_row *row, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* MISSING or DEGRADED with the mend. */
void host_lacks(struct host_row *row, enum host_state state, const char *mend, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* MISSING because a call failed with `number` (positive errno): the mend is to become root where that is the
   reason, else `mend`. `what` names the call. */
void host_refused(struct host_row *row, int number, const char *mend, const char *what);
/* MISSING with an error's own sentences: the last one is the mend. */
void host_failed(struct host_row *row, const struct error *error);

/* Reads a small file below context->root; `path` without a leading slash. 0 or a negative errno. */
int host_text(const struct host_context *context, const char *path, char *text, size_t size);
/* "always [madvise] never": cuts text down to the word in brackets. False where there is none. */
bool host_bracketed(char *text);

/* kernel.c */
void host_look_release(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_privileges(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_btf(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_lockdown(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_psi(const struct host_context *, const struct host_check *, struct host_row *);

/* programs.c */
/* Loads `return 0`, of BPF_PROG_TYPE_TRACING for a tracepoint. A descriptor or a negative errno. */
int host_load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach, const char *tracepoint);
void host_look_jit(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_tracing(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_tracepoints(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_uprobe_program(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_ring_buffer(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_uprobe_pmu(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_uprobe_multi(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_cpu_profile(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_helper(const struct host_context *, const struct host_check *, struct host_row *);

/* network.c */
void host_look_tcx(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_clsact(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_xdp(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_net_tracepoints(const struct host_context *, const struct host_check *, struct host_row *);

/* groups.c */
void host_groups_open(struct host_context *context, const char *cgroup_root);
void host_groups_close(struct host_context *context);
void host_look_group_root(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_controller(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_delegation(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_group_kill(const struct host_context *, const struct host_check *, struct host_row *);

/* isolation.c */
void host_look_namespace(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_system_call(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_seccomp(const struct host_context *, const struct host_check *, struct host_row *);

/* toolchains.c */
void host_look_go(const struct host_context *, const struct host_check *, struct host_row *);

/* noise.c */
void host_look_governor(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_turbo(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_smt(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_huge_pages(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_clock(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_steal(const struct host_context *, const struct host_check *, struct host_row *);
void host_look_load(const struct host_context *, const struct host_check *, struct host_row *);

#endif
