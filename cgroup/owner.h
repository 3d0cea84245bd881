/*
 * Who made a group, written into its name, so that a later runner can tell a dead owner's groups from a
 * living one's: <prefix>-<boot>-<pid namespace>-<pid>-<start time>. A pid means something only within its
 * boot and its PID namespace; the start time (proc(5), field 22 of stat) tells a reused pid from the owner.
 */
#ifndef CGROUP_OWNER_H
#define CGROUP_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/support/error.h"

struct owner {
    char boot[33];          /* /proc/sys/kernel/random/boot_id without its hyphens */
    uint64_t pid_namespace; /* inode of /proc/self/ns/pid */
    uint64_t pid;
    uint64_t start_time; /* clock ticks after boot */
};

#define OWNER_GROUP    "runner"      /* prefix of an experiment's group */
#define OWNER_LEAF     "runner-self" /* prefix of the leaf that runner moves itself into */
#define OWNER_NAME_MAX 128

/* This process. */
int owner_self(struct owner *owner, struct error *error);
void owner_format(const struct owner *owner, const char *prefix, char name[OWNER_NAME_MAX]);
/* False where the name is not `prefix` and an owner. */
bool owner_parse(const char *name, const char *prefix, struct owner *owner);

/* The pid, the state and the start time of the text of /proc/<pid>/stat. False where it makes no sense. */
bool owner_parse_stat(const char *stat, uint64_t *pid, char *state, uint64_t *start_time);

/* Whether `owner`, as seen by the process `self`, is known to be dead: another boot; or the same PID
   namespace and no such process, or a zombie, or one that started at another time. An owner in a PID
   namespace that we cannot look into counts as alive. */
bool owner_is_dead(const struct owner *owner, const struct owner *self);

#endif
