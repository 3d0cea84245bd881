/* Ps, Ms, sysmon and work stealing, at level full, against the truth that tests/accuracy/scheduler prints. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/observed_go.h"

#define TRIES   8
#define PROCS   2 /* GOMAXPROCS of all these runs */
#define NOBODY  0
#define NO_PROC UINT32_MAX

#define THREADS 64

struct binding {
    uint32_t owners[PROCS];
    uint32_t in_call[THREADS]; /* threads whose goroutine is in a system call */
};

/* The place of a thread that is in a system call; a free one where it is not. */
static uint32_t *call_of(struct binding *binding, uint32_t tid)
{
    uint32_t *free_place = NULL;
    for (size_t i = 0; i < THREADS; i++) {
        if (binding->in_call[i] == tid)
            return &binding->in_call[i];
        if (binding->in_call[i] == NOBODY && !free_place)
            free_place = &binding->in_call[i];
    }
    cr_assert(free_place);
    return free_place;
}

/* True where a thread binds a P that another one has neither given back nor lost. A thread that comes back
   from a system call may take its former P out of another's. */
static bool bind_twice(struct binding *binding, const struct event_header *event)
{
    const struct event_go_proc *proc = (const void *)event;
    switch (event->kind) {
    case EVENT_GO_SYSCALL_ENTER:
        *call_of(binding, event->tid) = event->tid;
        return false;
    case EVENT_GO_SYSCALL_EXIT:
        *call_of(binding, event->tid) = NOBODY;
        return false;
    case EVENT_GO_P_UNBIND:
    case EVENT_GO_P_HANDOFF:
        cr_assert_lt(proc->proc, PROCS);
        binding->owners[proc->proc] = NOBODY;
        return false;
    case EVENT_GO_P_BIND: {
        cr_assert_lt(proc->proc, PROCS);
        uint32_t owner = binding->owners[proc->proc];
        binding->owners[proc->proc] = event->tid;
        return owner != NOBODY && owner != event->tid && *call_of(binding, owner) != owner;
    }
    default:
        return false;
    }
}

static void check_binding(const char *path, uint32_t minor, const struct group *group)
{
    static const char *const modes[] = {"none", "threads", "syscalls", "echo"};
    for (size_t mode = 0; mode < sizeof modes / sizeof modes[0]; mode++) {
        struct go_run run;
        struct binding binding = {0};
        size_t twice = 0, count = 0;
        go_observe(&run, path, modes[mode], GO_FULL, false, group);
        const struct event_header **events = recording_sorted(&run.seen, &count);
        for (size_t i = 0; i < count; i++)
            twice += bind_twice(&binding, events[i]);
        free(events);
        cr_expect_eq(twice, 0, "1.%u %s: %zu", minor, modes[mode], twice);
        cr_expect_gt(run.seen.counts[EVENT_GO_P_BIND], 0, "1.%u", minor);
        go_run_free(&run);
    }
}

Test(observer_go_procs, a_p_has_one_thread_at_a_time)
{
    go_each_version("scheduler", "2", check_binding);
}

/* The kernel tells how many threads the process made; the runtime makes all but the first. */
static void check_threads(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t threads = 0, stopped_unknown = 0;
    uint64_t made[64], made_count = 0;
    go_observe(&run, path, "threads", GO_FULL, true, group);
    const struct event_header *event = NULL;
    while ((event = recording_next(&run.seen, event))) {
        const struct event_process *fork = (const void *)event;
        const struct event_go_value *value = (const void *)event;
        const struct event_go_proc *start = (const void *)event;
        if (event->kind == EVENT_PROCESS_FORK)
            threads += fork->child_pid == event->pid;
        if (event->kind == EVENT_GO_M_START)
            cr_expect((start->proc < PROCS || start->proc == NO_PROC) && start->spinning <= 1);
        if (event->kind == EVENT_GO_M_CREATE && made_count < 64)
            made[made_count++] = value->value;
        if (event->kind == EVENT_GO_M_STOP) {
            bool known = event->tid == event->pid; /* the first M */
            for (size_t i = 0; i < made_count; i++)
                known |= made[i] == value->value;
            stopped_unknown += !known;
        }
    }
    cr_expect_eq(made_count, threads, "1.%u: %zu made, %zu threads", minor, (size_t)made_count, threads);
    cr_expect_geq(made_count + 1, go_printed(&run, "threads"), "1.%u", minor);
    cr_expect_eq(stopped_unknown, 0, "1.%u", minor);
    cr_expect_gt(run.seen.counts[EVENT_GO_M_START], 0, "1.%u", minor);
    go_run_free(&run);
}

Test(observer_go_procs, each_thread_of_the_runtime_is_made_by_an_m)
{
    go_each_version("scheduler", "2", check_threads);
}

/* sysmon sleeps 20 us to 10 ms (runtime/proc.go), on a thread that never runs a goroutine. */
static void check_sysmon(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    uint32_t tid = 0;
    uint64_t last = 0, asked = 0;
    size_t too_short = 0, elsewhere = 0, goroutines = 0;
    go_observe(&run, path, "spin", GO_FULL, false, group);
    const struct event_header *event = NULL;
    while ((event = recording_next(&run.seen, event))) {
        if (event->kind != EVENT_GO_SYSMON_SLEEP)
            continue;
        elsewhere += tid != 0 && event->tid != tid;
        too_short += event->time < last + asked;
        tid = event->tid;
        last = event->time;
        asked = ((const struct event_go_value *)event)->value;
        cr_expect(asked >= 20000 && asked <= 10000000, "1.%u: %zu ns", minor, (size_t)asked);
    }
    while ((event = recording_next(&run.seen, event)))
        goroutines += event->kind == EVENT_GO_RUN && event->tid == tid;
    cr_expect_gt(run.seen.counts[EVENT_GO_SYSMON_SLEEP], 10, "1.%u", minor);
    cr_expect_eq(elsewhere, 0, "1.%u: %zu on another thread", minor, elsewhere);
    cr_expect_eq(too_short, 0, "1.%u: %zu shorter than asked", minor, too_short);
    cr_expect_eq(goroutines, 0, "1.%u", minor);
    go_run_free(&run);
}

Test(observer_go_procs, sysmon_sleeps_at_least_as_long_as_it_asks)
{
    go_each_version("scheduler", "2", check_sysmon);
}

/* Those that began on another thread than their maker's were stolen, and a few of them, and the runtime's
   own, once more. A goroutine that another has preempted comes by way of the global queue. */
static bool stolen_as_told(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    uint64_t stolen = 0;
    size_t in_vain = 0, count = 0;
    go_observe(&run, path, "steal", GO_FULL, false, group);
    const struct event_header *event = NULL;
    while ((event = recording_next(&run.seen, event))) {
        const struct event_go_steal *steal = (const void *)event;
        if (event->kind != EVENT_GO_STEAL)
            continue;
        cr_expect(steal->thief < PROCS && steal->victim < PROCS && steal->thief != steal->victim,
                  "1.%u: %u from %u", minor, steal->thief, steal->victim);
        stolen += steal->count;
        in_vain += steal->count == 0;
        count++;
    }
    uint64_t elsewhere = go_printed(&run, "elsewhere");
    cr_log_info("1.%u: %zu stolen by %zu of %zu attempts, %zu began elsewhere", minor, (size_t)stolen,
                count - in_vain, count, (size_t)elsewhere);
    go_run_free(&run);
    return elsewhere > 0 && stolen >= elsewhere && stolen <= elsewhere + 30;
}

static void check_stealing(const char *path, uint32_t minor, const struct group *group)
{
    bool right = false;
    for (int tries = 0; tries < TRIES && !right; tries++)
        right = stolen_as_told(path, minor, group);
    cr_expect(right, "1.%u", minor);
}

Test(observer_go_procs, what_began_on_another_thread_was_stolen)
{
    go_each_version("scheduler", "2", check_stealing);
}
