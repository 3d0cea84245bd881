/*
 * Real groups for tests: an experiment in a slice of its own, processes that enter groups as demos do.
 */
#ifndef TEST_CGROUP_FIXTURE_H
#define TEST_CGROUP_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgroup/cgroup.h"

struct fixture {
    struct cgroup_root *root;
    struct cgroup *experiment;
    struct cgroup *group;
    char slice[64];
};

/* Root, experiment and one group below it; skips the test where this process may not make groups. */
void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* Only a root; skips like fixture_open(). */
struct cgroup_root *fixture_root(void);

extern const struct cgroup_settings fixture_unset;
/* Applies and expects it to work; returns the number of rows. */
int fixture_apply(struct cgroup *group, const struct cgroup_settings *settings,
                  struct cgroup_applied applied[CGROUP_APPLIED_MAX]);

/* Forks a process that enters `group` and then runs `work`; it exits with what that returns. */
pid_t fixture_spawn(struct cgroup *group, int (*work)(int fd), int fd);
/* Waits for its end. */
int fixture_wait(pid_t pid);

#endif
