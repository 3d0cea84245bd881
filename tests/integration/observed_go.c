#include "tests/integration/observed_go.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define RING (8 << 20)

static const uint32_t versions[] = {19, 21, 22, 23, 24, 25, 26, 27};
#define VERSIONS (sizeof versions / sizeof versions[0])

void go_run_free(struct go_run *run)
{
    recording_free(&run->seen);
}

uint64_t go_printed(const struct go_run *run, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *at = strstr(run->printed, quoted);
    cr_assert(at, "no %s in: %s", key, run->printed);
    return strtoull(at + strlen(quoted), NULL, 10);
}

bool go_program(char *path, size_t size, const char *name, uint32_t minor)
{
    const char *folder = getenv("RUNNER_TEST_BIN");
    snprintf(path, size, "%s/accuracy/%s-1.%u", folder ? folder : "build", name, minor);
    return access(path, X_OK) == 0;
}

void go_attach(struct observer *observer, uint32_t index, const char *path, enum go_level level)
{
    struct error error = {0};
    struct gobin *binary = NULL;
    struct probe_plan plan = {0};
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(gobin_open(fd, path, &binary, &error), 0, "%s", error.text);
    cr_assert_eq(gobin_plan_probes(binary, level, &plan, &error), 0, "%s", error.text);
    cr_assert_eq(plan.found, plan.wanted, "missing: %s", plan.missing);
    cr_assert_eq(observer_attach(observer, index, path, &plan.layout, plan.sites, plan.site_count, &error), 0,
                 "%s", error.text);
    gobin_plan_free(&plan);
    gobin_close(binary);
}

static void observe(struct go_run *run, const char *path, char *const *argv, enum go_level level, bool sched,
                    const struct group *group)
{
    struct observer *observer = observer_for_test(RING, sched, true);
    struct child child;
    int out[2];
    *run = (struct go_run){0};
    go_attach(observer, 1, path, level);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    child_start_program(&child, group, argv, out[1]);
    close(out[1]);
    cr_assert_eq(observe_child(observer, group, &child, &run->seen), 0);
    ssize_t size = read(out[0], run->printed, sizeof run->printed - 1);
    run->printed[size > 0 ? size : 0] = 0;
    close(out[0]);
    observer_read_losses(observer, &run->losses);
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        cr_expect_eq(run->losses.lost[kind], 0);
    cr_assert_eq(observer_detach(observer, 1), 0);
    observer_close(observer);
}

void go_observe(struct go_run *run, const char *path, const char *argument, enum go_level level, bool sched,
                const struct group *group)
{
    char *argv[] = {(char *)path, (char *)argument, NULL};
    observe(run, path, argv, level, sched, group);
}

void go_observe_command(struct go_run *run, const char *path, char *const *argv, enum go_level level,
                        const struct group *group)
{
    observe(run, path, argv, level, false, group);
}

/* The versions whose program was built; RUNNER_TEST_GO=ends: the oldest and the newest of them. */
static size_t find_versions(const char *name, uint32_t found[VERSIONS])
{
    const char *wanted = getenv("RUNNER_TEST_GO");
    char path[512];
    size_t count = 0;
    for (size_t i = 0; i < VERSIONS; i++)
        if (go_program(path, sizeof path, name, versions[i]))
            found[count++] = versions[i];
    if (!wanted || strcmp(wanted, "ends") != 0 || count < 3)
        return count;
    found[1] = found[count - 1];
    return 2;
}

void go_each_version(const char *name, const char *threads,
                     void (*check)(const char *path, uint32_t minor, const struct group *group))
{
    struct group group;
    uint32_t found[VERSIONS];
    char path[512];
    size_t count = find_versions(name, found);
    if (!count)
        cr_skip("no program %s was built", name);
    group_make(&group, name);
    setenv("GOMAXPROCS", threads, 1);
    setenv("GOGC", "off", 1);
    for (size_t i = 0; i < count; i++) {
        go_program(path, sizeof path, name, found[i]);
        check(path, found[i], &group);
    }
    group_remove(&group);
}

size_t go_parks(const struct go_run *run, uint32_t minor, const char *reason)
{
    size_t count = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(&run->seen, event))) {
        const struct event_go_park *park = (const void *)event;
        const char *name = event->kind == EVENT_GO_PARK ? gobin_wait_reason_of(minor, park->reason) : NULL;
        count += name && strcmp(name, reason) == 0;
    }
    return count;
}
