/*
 * Address spaces of the processes that are sampled, and what else than the executable is mapped in them. They
 * are read while a process runs, from /proc: at its first sample that asks for it, and again when code turns
 * up that was not there. A process that is gone by then has no names for it.
 */
#ifndef RUNNER_PROFILE_SPACES_H
#define RUNNER_PROFILE_SPACES_H

#include <stdint.h>

#include "bpf/shared.h"
#include "runner/replay/table.h"

struct spaces {
    struct table table; /* struct space by its address in the kernel and pid */
    int proc;           /* /proc */
};

/* 0 or -ENOMEM. spaces_close() in any case. */
int spaces_open(struct spaces *spaces);
void spaces_close(struct spaces *spaces);
/* What holds the code at `address` in the sample's process: "[libc.so.6]". NULL: not known. The text is valid
   until the next call. */
const char *spaces_name_at(struct spaces *spaces, const struct profile_sample *sample, uint64_t address);

#endif
