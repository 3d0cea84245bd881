/*
 * Address spaces of the processes that are sampled, and what else than the executable is mapped in them. They
 * are read while a process runs, from /proc: at its first sample that asks for it, and again when code turns
 * up that was not there. A process that is gone by then has no names for it.
 */
#ifndef RUNNER_PROFILE_MAPPED_H
#define RUNNER_PROFILE_MAPPED_H

#include <stdint.h>

#include "bpf/shared.h"
#include "runner/replay/table.h"

struct mapped {
    struct table table; /* struct space by its address in the kernel and pid */
    int proc;           /* /proc */
};

/* 0 or -ENOMEM. mapped_close() in any case. */
int mapped_open(struct mapped *mapped);
void mapped_close(struct mapped *mapped);
/* What holds the code at `address` in the sample's process: "[libc.so.6]". NULL: not known. The text is valid
   until the next call. */
const char *mapped_name_at(struct mapped *mapped, const struct profile_sample *sample, uint64_t address);

#endif
