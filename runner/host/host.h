/*
 * Facts of the kernel and the machine, found by trying rather than by version numbers. `runner check` prints
 * them as rows with the mend; the bundle keeps them as its environment.
 */
#ifndef RUNNER_HOST_HOST_H
#define RUNNER_HOST_HOST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum host_state { HOST_FOUND, HOST_MISSING, HOST_DEGRADED };

struct host_row {
    const char *group; /* "kernel", "bpf", "cgroup", "sandbox", "go", "noise" */
    const char *name;  /* "uprobe.multi" */
    enum host_state state;
    bool required;    /* missing: experiments cannot run, exit 3 */
    char detail[256]; /* what was seen */
    char mend[256];   /* what to do; "" where found */
};
#define HOST_ROWS_MAX 64

/* Tries everything. Returns the number of rows. */
size_t host_check(const char *cgroup_root, struct host_row rows[HOST_ROWS_MAX]);
/* True where every required row is found or degraded. */
bool host_can_run(const struct host_row *rows, size_t count);
void host_print(FILE *out, const struct host_row *rows, size_t count, bool color);
json_t *host_rows_json(const struct host_row *rows, size_t count);

/* The environment block of a bundle: kernel release, CPU model and topology, governor, turbo, SMT, memory,
   load average, PSI, steal counters, hostname. Unknown facts are null with "<key>_reason". */
json_t *host_environment_json(void);
/* A small sample taken before, during and after: load average, steal ticks, PSI totals. */
json_t *host_noise_json(void);

#endif
