#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bpf/run_time.h"
#include "runner/support/fd.h"
#include "tests/integration/observed_go.h"

#define RING (8 << 20)

static uint64_t sum_of_ids(const struct go_run *run, enum event_kind kind)
{
    uint64_t sum = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(&run->seen, event)))
        sum += event->kind == kind ? event->goid : 0;
    return sum;
}

static void check_spawn(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run none, many;
    go_observe(&none, path, "0", GO_CORE, false, group);
    go_observe(&many, path, "1000", GO_CORE, false, group);
    cr_expect_eq(many.seen.counts[EVENT_GO_CREATE] - none.seen.counts[EVENT_GO_CREATE], 1000);
    /* From Go 1.25 on one of them watches what GOMAXPROCS should be. */
    cr_expect_eq(none.seen.counts[EVENT_GO_CREATE], minor < 25 ? 5 : 6, "1.%u: %zu of the runtime", minor,
                 none.seen.counts[EVENT_GO_CREATE]);
    cr_expect_eq(many.seen.counts[EVENT_GO_EXIT], 1000);
    cr_expect_eq(sum_of_ids(&many, EVENT_GO_EXIT), go_printed(&many, "id_sum"));

    /* Creation knows its id but where the P's cache of ids has just been used up: every 16th of a P. */
    size_t children = 0, known = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(&many.seen, event))) {
        const struct event_go_create *create = (const void *)event;
        if (event->kind != EVENT_GO_CREATE || create->parent != go_printed(&many, "main"))
            continue;
        children++;
        known += event->goid != 0;
        cr_expect(create->start_pc && create->creator_pc);
    }
    cr_expect_geq(children, 1000);
    cr_expect_geq(known, children * 14 / 16);
    go_run_free(&none);
    go_run_free(&many);
}

Test(observer_go, n_goroutines_are_created_and_exit_with_their_ids)
{
    go_each_version("spawn", "2", check_spawn);
}

static void check_pingpong(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run none, many;
    go_observe(&none, path, "0", GO_CORE, false, group);
    go_observe(&many, path, "2000", GO_CORE, false, group);
    size_t parks = go_parks(&many, minor, "chan receive") + go_parks(&many, minor, "chan send");
    cr_expect_geq(parks, 4000, "1.%u: %zu parks", minor, parks);
    cr_expect_leq(parks, 4004, "1.%u: %zu parks", minor, parks);
    size_t parked = many.seen.counts[EVENT_GO_PARK] - none.seen.counts[EVENT_GO_PARK];
    size_t readied = many.seen.counts[EVENT_GO_READY] - none.seen.counts[EVENT_GO_READY];
    cr_expect(parked <= readied + 8 && readied <= parked + 8, "1.%u: %zu parks, %zu readied", minor, parked,
              readied);
    go_run_free(&none);
    go_run_free(&many);
}

Test(observer_go, a_ping_pong_of_m_rounds_on_one_p_parks_2m_times)
{
    go_each_version("pingpong", "1", check_pingpong);
}

/* A goroutine may not become ready while it runs, nor run twice without having left: the status changes that
   we see have to make a consistent life. Events are ordered by time, because two CPUs share the ring. */
struct life {
    uint64_t g;
    enum event_kind last;
};

static int by_time(const void *a, const void *b)
{
    const struct event_header *const *left = a, *const *right = b;
    return ((*left)->time > (*right)->time) - ((*left)->time < (*right)->time);
}

static bool may_follow(enum event_kind last, enum event_kind next)
{
    switch (next) {
    case EVENT_GO_CREATE:
        return last == EVENT_NONE || last == EVENT_GO_EXIT;
    case EVENT_GO_RUN:
        return last == EVENT_GO_CREATE || last == EVENT_GO_READY || last == EVENT_GO_YIELD;
    case EVENT_GO_READY:
    case EVENT_GO_UNPARK:
        return last == EVENT_GO_PARK;
    default:
        return last == EVENT_GO_RUN || last == EVENT_GO_UNPARK;
    }
}

static size_t count_breaks(const struct go_run *run)
{
    static struct life lives[4096];
    size_t breaks = 0, count = 0, known = 0;
    const struct event_header **events = calloc(run->seen.total, sizeof *events);
    const struct event_header *event = NULL;
    memset(lives, 0, sizeof lives);
    while ((event = recording_next(&run->seen, event)))
        if (event->kind >= EVENT_GO_CREATE && event->kind <= EVENT_GO_EXIT)
            events[count++] = event;
    qsort(events, count, sizeof *events, by_time);
    for (size_t i = 0; i < count; i++) {
        uint64_t g = events[i]->kind == EVENT_GO_CREATE ? ((const struct event_go_create *)events[i])->g
                                                        : ((const struct event_go *)events[i])->g;
        size_t at = 0;
        while (at < known && lives[at].g != g)
            at++;
        if (at == known && known < 4095)
            lives[known++].g = g;
        breaks += !may_follow(lives[at].last, events[i]->kind);
        lives[at].last = events[i]->kind;
    }
    free(events);
    return breaks;
}

/* Whether the goroutines that spin were seen preempted for their stacks. */
static bool collect_once(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    go_observe(&run, path, "8", GO_CORE, false, group);
    cr_expect_eq(go_printed(&run, "cycles"), 8);
    cr_expect_eq(run.seen.counts[EVENT_GO_GC_START], 8);
    cr_expect_eq(run.seen.counts[EVENT_GO_GC_END], 8);
    cr_expect_eq(run.seen.counts[EVENT_GO_STW_START], 17); /* 2 a cycle, and ReadMemStats */
    cr_expect_eq(run.seen.counts[EVENT_GO_STW_END], 17);
    bool preempted = go_parks(&run, minor, "preempted") > 0;
    size_t breaks = count_breaks(&run);
    cr_expect_eq(breaks, 0, "1.%u: %zu of %zu events do not follow from the one before", minor, breaks,
                 run.seen.total);

    const struct event_header *event = NULL;
    uint64_t heap_goal = 0, read_mem_stats = 0;
    while ((event = recording_next(&run.seen, event))) {
        const struct event_go_value *value = (const void *)event;
        if (event->kind == EVENT_GO_GC_END)
            heap_goal = ((const struct event_go_gc_end *)event)->heap_goal;
        if (event->kind == EVENT_GO_STW_START)
            read_mem_stats = value->value;
    }
    cr_expect_gt(heap_goal, 0);
    cr_expect_eq(read_mem_stats, minor >= 21 ? 7 : 0);
    go_run_free(&run);
    return preempted;
}

/* On a busy machine they may all be off their CPUs whenever the collector looks: tried again. */
static void check_collect(const char *path, uint32_t minor, const struct group *group)
{
    bool preempted = false;
    for (int tries = 0; tries < 8 && !preempted; tries++)
        preempted = collect_once(path, minor, group);
    cr_expect(preempted, "Go 1.%u", minor);
}

Test(observer_go, k_collections_stop_the_world_twice_each_and_lives_stay_consistent)
{
    go_each_version("collect", "2", check_collect);
}

static bool kernel_before(unsigned version, unsigned patchlevel)
{
    struct utsname name;
    unsigned is[2] = {0};
    cr_assert_eq(uname(&name), 0);
    cr_assert_eq(sscanf(name.release, "%u.%u", &is[0], &is[1]), 2);
    return is[0] < version || (is[0] == version && is[1] < patchlevel);
}

/* Spawning 1,000 goroutines hits probes; nothing is counted once the programs are no longer timed. */
Test(observer_go, hits_are_timed_while_it_is_asked_for)
{
    char path[512];
    struct group group;
    struct child child;
    struct observer_run_time before, timed, after;
    if (!go_program(path, sizeof path, "spawn", 23))
        cr_skip("no program spawn was built");
    group_make(&group, "timed");
    struct observer *observer = observer_for_test(RING, true, true);
    char *argv[] = {path, "1000", NULL};
    AUTO_FD null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    go_attach(observer, 3, path, GO_CORE);
    observer_read_run_time(observer, &before);
    for (int turn = 0; turn < 2; turn++) {
        struct recording seen = {0};
        observer_time_programs(observer, turn == 0);
        child_start_program(&child, &group, argv, null);
        cr_assert_eq(observe_child(observer, &group, &child, &seen), 0);
        recording_free(&seen);
        observer_read_run_time(observer, turn ? &after : &timed);
    }
    cr_expect_eq(before.hits, 0);
    cr_expect_geq(timed.hits, 1000);
    cr_expect_gt(timed.ns, timed.hits);
    cr_expect_eq(after.hits, timed.hits);
    observer_close(observer);
    group_remove(&group);
}

Test(observer_go, health_tells_what_was_loaded_and_attached)
{
    char path[512];
    if (!go_program(path, sizeof path, "spawn", 23))
        cr_skip("no program spawn was built");
    struct observer *observer = observer_for_test(RING, true, true);
    struct observer_health health;
    go_attach(observer, 3, path, GO_CORE);
    observer_read_health(observer, &health);
    cr_expect_eq(health.programs_loaded, 11);
    cr_expect_leq(health.programs_jited, health.programs_loaded);
    cr_expect_gt(health.verifier_ns, 0);
    cr_expect(health.verified_instructions > 0 || kernel_before(5, 16)); /* aba64c7da983 */
    cr_expect_gt(health.sites_wanted, 0);
    cr_expect_eq(health.sites_attached, health.sites_wanted);
    cr_expect_eq(health.programs_failed, health.uprobe_multi ? 0 : 1);
    cr_expect_eq(observer_detach(observer, 3), 0);
    cr_expect_lt(observer_detach(observer, 3), 0, "it was attached once");
    observer_close(observer);
}

Test(observer_go, a_site_outside_of_the_file_is_refused_with_a_sentence)
{
    char path[512];
    if (!go_program(path, sizeof path, "spawn", 23))
        cr_skip("no program spawn was built");
    struct observer *observer = observer_for_test(RING, false, true);
    struct go_layout layout = {0};
    struct probe_site site = {.site = GO_SITE_GC_START, .offset = 1ull << 40};
    struct error error = {0};
    cr_expect_lt(observer_attach(observer, 0, path, &layout, &site, 1, &error), 0);
    cr_expect(strstr(error.text, path), "%s", error.text);
    site.offset = 0;
    cr_expect_lt(observer_attach(observer, 0, "/no/such/file", &layout, &site, 1, &error), 0);
    cr_expect(strstr(error.text, "No such file"), "%s", error.text);
    observer_close(observer);
}
