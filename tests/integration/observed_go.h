/*
 * Helpers of the tests that observe Go programs: the programs of tests/accuracy, one for each Go version, run
 * in a group with the probes of a level attached.
 */
#ifndef TESTS_INTEGRATION_OBSERVED_GO_H
#define TESTS_INTEGRATION_OBSERVED_GO_H

#include "runner/gobin/gobin.h"
#include "tests/integration/observed.h"

/* One run under observation: what it printed and what was seen. */
struct go_run {
    struct recording seen;
    struct observer_losses losses;
    char printed[512];
};
void go_run_free(struct go_run *run);

/* Where build-programs put tests/accuracy/NAME of Go 1.`minor`; false: it was not built. */
bool go_program(char *path, size_t size, const char *name, uint32_t minor);

/* Attaches all sites of a level to the program behind `path`; fails the test where one has no place. */
void go_attach(struct observer *observer, uint32_t index, const char *path, enum go_level level);

/* Runs `path argument` under observation; sched: with the kernel scheduler's events. Fails the test where an
   event was lost. */
void go_observe(struct go_run *run, const char *path, const char *argument, enum go_level level, bool sched,
                const struct group *group);

/* The same for a command that starts the program behind `path` itself; without the kernel scheduler's events.
 */
void go_observe_command(struct go_run *run, const char *path, char *const *argv, enum go_level level,
                        const struct group *group);

/* The number behind "key": in the JSON line that the program printed. */
uint64_t go_printed(const struct go_run *run, const char *key);

/* For each version whose program was built, with GOMAXPROCS=threads: calls `check`. Skips where there is
 * none. */
void go_each_version(const char *name, const char *threads,
                     void (*check)(const char *path, uint32_t minor, const struct group *group));

size_t go_parks(const struct go_run *run, uint32_t minor, const char *reason);

#endif
