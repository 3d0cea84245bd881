#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/observed.h"

#define RING       (1 << 20)
#define STATE_DEAD 0x80 /* TASK_DEAD of include/linux/sched.h: the last switch of a task */

/* An observer of the scheduler, a group, what was seen in it. */
struct scene {
    struct observer *observer;
    struct group group;
    struct recording seen;
    struct child child;
};

static void scene_open(struct scene *scene, const char *name)
{
    *scene = (struct scene){0};
    group_make(&scene->group, name);
    scene->observer = observer_for_test(RING, true, false);
}

static void scene_close(struct scene *scene)
{
    recording_free(&scene->seen);
    observer_close(scene->observer);
    group_remove(&scene->group);
}

static int sleep_often(void *argument)
{
    struct timespec pause = {.tv_nsec = 2000000};
    for (int i = 0; i < *(int *)argument; i++)
        nanosleep(&pause, NULL);
    return 0;
}

/* The kernel's own counts of a task that sleeps; a pause may be over before the task has left its CPU. */
struct sleeper {
    int times;
    long slept, preempted;
};

static int sleep_and_count(void *argument)
{
    struct sleeper *sleeper = argument;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    sleep_often(&sleeper->times);
    getrusage(RUSAGE_SELF, &after);
    sleeper->slept = after.ru_nvcsw - before.ru_nvcsw;
    sleeper->preempted = after.ru_nivcsw - before.ru_nivcsw;
    return 0;
}

Test(observer_sched, a_task_that_sleeps_k_times_is_switched_in_k_times)
{
    struct scene scene;
    struct sleeper *sleeper =
        mmap(NULL, sizeof *sleeper, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct observer_losses losses;
    cr_assert_neq(sleeper, MAP_FAILED);
    sleeper->times = 100;
    scene_open(&scene, "sleeper");
    child_start(&scene.child, &scene.group, sleep_and_count, sleeper);
    uint32_t tid = (uint32_t)scene.child.pid;
    cr_assert_eq(observe_child(scene.observer, &scene.group, &scene.child, &scene.seen), 0);

    long in = 0, slept = 0, left = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(&scene.seen, event))) {
        const struct event_sched_switch *change = (const void *)event;
        if (event->kind != EVENT_SCHED_SWITCH)
            continue;
        cr_expect_eq(!!(event->flags & EVENT_FLAG_NEXT), change->next_tid == tid);
        cr_expect_eq(!!(event->flags & EVENT_FLAG_PREV), event->tid == tid);
        in += change->next_tid == tid;
        if (event->tid != tid)
            continue;
        bool runnable = (event->flags & EVENT_FLAG_PREEMPT) || change->prev_state == 0;
        left += runnable || change->prev_state != STATE_DEAD;
        slept += !runnable && change->prev_state == 1;
    }
    cr_expect_eq(slept, sleeper->slept, "%ld seen, %ld counted by the kernel", slept, sleeper->slept);
    cr_expect_geq(left, sleeper->slept + sleeper->preempted);
    /* It slept already at the barrier. What was kept from the programs is counted. */
    observer_read_losses(scene.observer, &losses);
    long unseen = (long)losses.unseen_switches, wakings = (long)scene.seen.counts[EVENT_SCHED_WAKING];
    cr_expect(in <= left + 1 && in >= left + 1 - unseen, "%ld in, %ld out, %ld unseen", in, left, unseen);
    cr_expect(wakings >= slept + 1 - unseen, "%ld wakings, %ld slept, %ld unseen", wakings, slept, unseen);
    scene_close(&scene);
    munmap(sleeper, sizeof *sleeper);
}

struct pipes {
    int request[2], answer[2];
    int times;
};

static int answer_requests(void *argument)
{
    struct pipes *pipes = argument;
    char byte;
    for (int i = 0; i < pipes->times; i++)
        if (read(pipes->request[0], &byte, 1) != 1 || write(pipes->answer[1], "", 1) != 1)
            return 1;
    return 0;
}

Test(observer_sched, a_sleeper_that_another_group_wakes_counts_for_the_sleeper)
{
    struct scene scene;
    struct error error = {0};
    struct pipes pipes = {.times = 50};
    char byte;
    scene_open(&scene, "woken");
    cr_assert_eq(pipe2(pipes.request, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(pipes.answer, O_CLOEXEC), 0);
    child_start(&scene.child, &scene.group, answer_requests, &pipes);
    uint32_t tid = (uint32_t)scene.child.pid;
    child_release(&scene.child);
    wait_for_sleep(scene.child.pid);
    cr_assert_eq(observer_arm(scene.observer, scene.group.id, scene.group.level, &error), 0, "%s",
                 error.text);
    for (int i = 0; i < pipes.times; i++) {
        wait_for_sleep(scene.child.pid);
        cr_assert_eq(write(pipes.request[1], "", 1), 1);
        cr_assert_eq(read(pipes.answer[0], &byte, 1), 1);
    }
    cr_assert_eq(child_wait(&scene.child), 0);
    observer_disarm(scene.observer);
    cr_assert_gt(observer_drain(scene.observer, recording_take, &scene.seen), 0);

    size_t by_us = 0, others = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(&scene.seen, event))) {
        const struct event_sched_wake *wake = (const void *)event;
        if (event->kind != EVENT_SCHED_WAKING)
            continue;
        by_us += event->tid == tid && wake->waker_tid == (uint32_t)getpid();
        others += event->tid != tid;
    }
    cr_expect_eq(by_us, (size_t)pipes.times);
    cr_expect_eq(others, 0); /* our own wake-ups by the child's answers are no event of the group */
    scene_close(&scene);
}

struct bounce {
    int cpus[2];
    int times;
};

static int pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

static size_t two_cpus(int cpus[2])
{
    cpu_set_t set;
    size_t count = 0;
    sched_getaffinity(0, sizeof set, &set);
    for (int cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++)
        if (CPU_ISSET((size_t)cpu, &set))
            cpus[count++] = cpu;
    return count;
}

static int bounce(void *argument)
{
    struct bounce *bounce = argument;
    for (int i = 1; i <= bounce->times; i++)
        if (pin(bounce->cpus[i % 2]) < 0)
            return 1;
    return 0;
}

Test(observer_sched, a_task_that_is_sent_to_another_cpu_k_times_migrates_k_times)
{
    struct scene scene;
    struct bounce plan = {.times = 50};
    if (two_cpus(plan.cpus) < 2)
        cr_skip("one CPU");
    scene_open(&scene, "bounce");
    cr_assert_eq(pin(plan.cpus[0]), 0); /* the child inherits it */
    child_start(&scene.child, &scene.group, bounce, &plan);
    cr_assert_eq(observe_child(scene.observer, &scene.group, &scene.child, &scene.seen), 0);
    cr_expect_eq(scene.seen.counts[EVENT_SCHED_MIGRATE], (size_t)plan.times);
    const struct event_header *event = NULL;
    for (int i = 0; (event = recording_next(&scene.seen, event));) {
        const struct event_sched_migrate *move = (const void *)event;
        if (event->kind != EVENT_SCHED_MIGRATE)
            continue;
        cr_expect_eq(move->from_cpu, (uint32_t)plan.cpus[i % 2]);
        cr_expect_eq(move->to_cpu, (uint32_t)plan.cpus[(i + 1) % 2]);
        i++;
    }
    scene_close(&scene);
}

Test(observer_sched, a_neighbour_outside_the_group_gives_no_event)
{
    struct scene scene;
    int times = 20;
    scene_open(&scene, "neighbour");
    child_start(&scene.child, NULL, sleep_often, &times);
    cr_assert_eq(observe_child(scene.observer, &scene.group, &scene.child, &scene.seen), 0);
    cr_expect_eq(scene.seen.total, 0);
    scene_close(&scene);
}

Test(observer_sched, a_group_below_the_observed_one_is_observed_too)
{
    struct scene scene;
    struct group below;
    int times = 20;
    scene_open(&scene, "above");
    group_make_below(&below, &scene.group, "below");
    child_start(&scene.child, &below, sleep_often, &times);
    cr_assert_eq(observe_child(scene.observer, &scene.group, &scene.child, &scene.seen), 0);
    cr_expect_geq(scene.seen.counts[EVENT_SCHED_SWITCH], 2 * (size_t)times);
    group_remove(&below);
    scene_close(&scene);
}

Test(observer_sched, the_first_exec_and_the_children_are_seen)
{
    struct scene scene;
    char *argv[] = {"/bin/sh", "-c", "/bin/true; exit 3", NULL};
    scene_open(&scene, "exec");
    child_start_program(&scene.child, &scene.group, argv, -1);
    uint32_t shell = (uint32_t)scene.child.pid;
    cr_assert_eq(observe_child(scene.observer, &scene.group, &scene.child, &scene.seen), 3);
    cr_expect_eq(scene.seen.counts[EVENT_PROCESS_FORK], 1);
    cr_expect_eq(scene.seen.counts[EVENT_PROCESS_EXEC], 2);
    cr_expect_eq(scene.seen.counts[EVENT_PROCESS_EXIT], 2);

    uint32_t child = 0;
    bool first = true;
    const struct event_header *event = NULL;
    while ((event = recording_next(&scene.seen, event))) {
        const struct event_process *process = (const void *)event;
        if (event->kind == EVENT_PROCESS_FORK) {
            cr_expect_eq(event->tid, shell);
            cr_expect_eq(process->child_tid, process->child_pid);
            child = process->child_tid;
        } else if (event->kind == EVENT_PROCESS_EXEC) {
            cr_expect_eq(event->tid, first ? shell : child);
            first = false;
        }
    }
    scene_close(&scene);
}
