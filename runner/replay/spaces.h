/*
 * Which program numbered a goroutine: processes number theirs from 1, and a program that a process executes
 * does so again. Each program gets a space of its own, so that (goid, space) is a key for good.
 */
#ifndef RUNNER_REPLAY_SPACES_H
#define RUNNER_REPLAY_SPACES_H

#include <stdint.h>

#include "runner/replay/table.h"

struct spaces {
    struct table processes;
    uint32_t given, last_pid, last_space; /* last_space 0: nothing remembered */
};

int spaces_open(struct spaces *spaces);
void spaces_close(struct spaces *spaces);
int spaces_look_up(struct spaces *spaces, uint32_t pid, uint32_t *space);
/* Of what the process runs now; never 0. 0, -ENOSPC beyond the limit, or -ENOMEM. */
static inline int spaces_of(struct spaces *spaces, uint32_t pid, uint32_t *space)
{
    if (!spaces->last_space || spaces->last_pid != pid)
        return spaces_look_up(spaces, pid, space);
    *space = spaces->last_space;
    return 0;
}
/* The process ended or executes another program. */
void spaces_end(struct spaces *spaces, uint32_t pid);

#endif
