/* The CPU profile as the observer delivers it: how many samples, of whom, and what became of them. */
#include "bpf/profile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf/observer.h"
#include "runner/support/fd.h"
#include "tests/integration/observed.h"

#define TRIES 5

/* What a child spent, by its own clock. */
struct spent {
    uint64_t cpu_ns;
};

static struct spent *shared_spent(void)
{
    struct spent *spent =
        mmap(NULL, sizeof *spent, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(spent, MAP_FAILED);
    return spent;
}

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* One second of CPU time in user mode. */
static int spin(void *argument)
{
    struct spent *spent = argument;
    uint64_t start = cpu_ns(), now;
    volatile uint64_t x = 1;
    do {
        for (int i = 0; i < 1000000; i++)
            x = x * 6364136223846793005u + 1;
    } while ((now = cpu_ns()) - start < 1000000000u);
    spent->cpu_ns = now - start;
    return 0;
}

/* The same without an end: until it is killed, or whoever started it has died. */
static int spin_on(void *argument)
{
    (void)argument;
    volatile uint64_t x = 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    do
        x = x * 6364136223846793005u + 1;
    while (x);
    return 0;
}

/* The same in the kernel: it clears memory. */
static int read_zeros(void *argument)
{
    static char room[1 << 20];
    struct spent *spent = argument;
    AUTO_FD zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    uint64_t start = cpu_ns(), now;
    do {
        for (int i = 0; i < 16; i++)
            if (read(zeros, room, sizeof room) != sizeof room)
                return 1;
    } while ((now = cpu_ns()) - start < 1000000000u);
    spent->cpu_ns = now - start;
    return 0;
}

static int wait_a_second(void *argument)
{
    (void)argument;
    struct timespec pause = {.tv_sec = 1};
    nanosleep(&pause, NULL);
    return 0;
}

/* What was delivered. */
struct seen {
    uint64_t samples, in_kernel, with_kernel_frames, foreign;
    uint32_t pid;
};

static int take(void *context, const struct profile_sample *sample)
{
    struct seen *seen = context;
    seen->samples++;
    seen->in_kernel += (sample->flags & PROFILE_IN_KERNEL) != 0;
    seen->with_kernel_frames += sample->kernel_depth > 0;
    seen->foreign += sample->pid != seen->pid || sample->tid != seen->pid;
    cr_expect_leq(sample->kernel_depth, PROFILE_DEPTH_MAX);
    cr_expect_leq(sample->user_depth, PROFILE_DEPTH_MAX);
    cr_expect_eq(sample->executable, -1, "nothing was announced");
    return 0;
}

struct scene {
    struct observer *observer;
    struct group group;
    struct child child;
    struct seen seen;
    struct profile_counts counts;
};

static void scene_open(struct scene *scene, uint32_t hz, uint64_t ring_bytes)
{
    *scene = (struct scene){0};
    group_make(&scene->group, "profile");
    scene->observer = observer_with(
        &(struct observer_settings){.ring_bytes = 65536, .profile_hz = hz, .profile_ring_bytes = ring_bytes});
}

static void arm(struct scene *scene)
{
    struct error error = {0};
    cr_assert_eq(observer_arm(scene->observer, scene->group.id, scene->group.level, &error), 0, "%s",
                 error.text);
    const char *off = observer_profile_off(scene->observer);
    cr_assert_null(off, "%s", off);
}

static void drain(struct scene *scene)
{
    cr_assert_geq(observer_profile_drain(scene->observer, take, &scene->seen), 0);
}

/* Runs the child to its end, with a drain every 10 ms. */
static void observe(struct scene *scene, int (*work)(void *), void *argument)
{
    child_start(&scene->child, &scene->group, work, argument);
    scene->seen = (struct seen){.pid = (uint32_t)scene->child.pid};
    wait_for_sleep(scene->child.pid);
    arm(scene);
    AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, scene->child.pid, 0);
    cr_assert_geq(pidfd, 0);
    child_release(&scene->child);
    struct pollfd watched = {.fd = pidfd, .events = POLLIN};
    while (poll(&watched, 1, 10) == 0)
        drain(scene);
    cr_assert_eq(child_wait(&scene->child), 0);
    observer_disarm(scene->observer);
    drain(scene);
    observer_profile_read(scene->observer, &scene->counts);
}

/* A child that stands at the barrier. However slow the machine is, it computes until enough was seen. */
static void start_spinning(struct scene *scene)
{
    child_start(&scene->child, &scene->group, spin_on, NULL);
    scene->seen.pid = (uint32_t)scene->child.pid;
    wait_for_sleep(scene->child.pid);
    arm(scene);
}

static void end_spinning(struct scene *scene)
{
    kill(scene->child.pid, SIGKILL);
    cr_assert_eq(child_wait(&scene->child), -1);
    observer_disarm(scene->observer);
    drain(scene);
    observer_profile_read(scene->observer, &scene->counts);
}

static void scene_close(struct scene *scene)
{
    observer_close(scene->observer);
    group_remove(&scene->group);
}

/*
 * A timer of period T that runs beside a task of CPU time C finds it C/T times, but for the ends of each
 * piece that the task runs in one go: the error of a piece is below 1 sample and has no bias. Pieces are far
 * fewer than samples here, so their sum stays within 4 standard deviations of n independent samples, sqrt(n).
 * What the kernel kept from the timers is known; the task may have been on the CPU each time.
 */
static bool is_as_many(const struct scene *scene, uint64_t cpu_ns_)
{
    double expected = (double)cpu_ns_ / (double)scene->counts.period_ns;
    double tolerance = 4 * sqrt(expected);
    double samples = (double)scene->counts.produced;
    return samples <= expected + tolerance && samples + (double)scene->counts.missed >= expected - tolerance;
}

static void check_shares(int (*work)(void *), bool kernel)
{
    struct spent *spent = shared_spent();
    struct scene scene;
    bool right = false;
    for (int i = 0; i < TRIES && !right; i++) {
        scene_open(&scene, 997, 0);
        observe(&scene, work, spent);
        cr_expect_eq(scene.counts.lost, 0);
        cr_expect_eq(scene.seen.samples, scene.counts.produced);
        cr_expect_eq(scene.seen.foreign, 0);
        cr_expect_eq(scene.counts.period_ns, 1003009);
        double share = (double)scene.seen.in_kernel / (double)scene.seen.samples;
        cr_log_info("%lu samples, %lu missed, %.0f ms of CPU time, %.3f in the kernel", scene.seen.samples,
                    scene.counts.missed, (double)spent->cpu_ns / 1e6, share);
        right = is_as_many(&scene, spent->cpu_ns) && (kernel ? share > 0.8 : share < 0.2);
        cr_expect_geq(scene.seen.with_kernel_frames, scene.seen.in_kernel * 9 / 10);
        scene_close(&scene);
    }
    cr_expect(right);
    munmap(spent, sizeof *spent);
}

Test(profile, a_program_is_sampled_as_often_as_its_cpu_time_says)
{
    check_shares(spin, false);
}

Test(profile, system_calls_show_the_kernel_s_half)
{
    check_shares(read_zeros, true);
}

Test(profile, delivered_and_lost_are_what_was_produced)
{
    struct scene scene;
    scene_open(&scene, 10000, 4096); /* room for a few */
    start_spinning(&scene);
    child_release(&scene.child);
    for (int i = 0; i < 6000 && scene.counts.lost == 0; i++) {
        poll(NULL, 0, 10);
        observer_profile_read(scene.observer, &scene.counts);
    }
    end_spinning(&scene);
    cr_expect_gt(scene.seen.samples, 0);
    cr_expect_gt(scene.counts.lost, 0);
    cr_expect_eq(scene.seen.samples + scene.counts.lost, scene.counts.produced);
    cr_expect_leq(scene.counts.produced, scene.counts.ticks);
    scene_close(&scene);
}

Test(profile, a_neighbour_outside_of_the_group_has_no_samples)
{
    struct spent *spent = shared_spent();
    struct scene scene;
    struct group other;
    struct child neighbour;
    scene_open(&scene, 997, 0);
    group_make(&other, "neighbour");
    child_start(&neighbour, &other, spin, spent);
    child_release(&neighbour);
    observe(&scene, wait_a_second, NULL);
    cr_expect_eq(child_wait(&neighbour), 0);
    cr_expect_gt(spent->cpu_ns, 0);
    cr_expect_eq(scene.seen.foreign, 0, "%lu of %lu", scene.seen.foreign, scene.seen.samples);
    cr_expect_lt(scene.counts.produced, 200, "it slept: %lu", scene.counts.produced);
    cr_expect_gt(scene.counts.ticks + scene.counts.missed, 500, "the timers ran");
    scene_close(&scene);
    group_remove(&other);
    munmap(spent, sizeof *spent);
}

Test(profile, a_ring_that_fills_wakes_the_reader)
{
    struct scene scene;
    scene_open(&scene, 10000, 65536);
    start_spinning(&scene);
    struct pollfd watched = {.fd = observer_fd(scene.observer), .events = POLLIN};
    cr_expect_eq(poll(&watched, 1, 0), 0, "nothing is in it");
    child_release(&scene.child);
    cr_assert_eq(poll(&watched, 1, 60000), 1);
    drain(&scene);
    cr_expect_gt(scene.seen.samples, 65536 / 2 / sizeof(struct profile_sample));
    end_spinning(&scene);
    cr_expect_eq(scene.seen.samples + scene.counts.lost, scene.counts.produced);
    cr_expect_eq(poll(&watched, 1, 0), 0, "it rests");
    scene_close(&scene);
}

Test(profile, the_timers_run_while_the_observer_is_armed)
{
    struct scene scene;
    struct profile_counts later;
    scene_open(&scene, 997, 0);
    for (int i = 0; i < 2; i++) {
        observe(&scene, wait_a_second, NULL);
        cr_expect_gt(scene.counts.ticks + scene.counts.missed, 500);
        cr_expect_lt(scene.counts.ticks, 5000 * (uint64_t)scene.counts.cpus, "they began at 0");
        cr_expect_geq(scene.counts.cpus, 1);
        wait_a_second(NULL);
        observer_profile_read(scene.observer, &later);
        cr_expect_eq(later.ticks, scene.counts.ticks, "disarmed");
    }
    scene_close(&scene);
}

Test(profile, without_a_frequency_there_is_none_and_it_says_so)
{
    struct scene scene;
    struct error error = {0};
    scene_open(&scene, 0, 0);
    cr_assert_eq(observer_arm(scene.observer, scene.group.id, scene.group.level, &error), 0);
    cr_expect_not_null(observer_profile_off(scene.observer));
    cr_expect_eq(observer_profile_drain(scene.observer, take, &scene.seen), 0);
    observer_profile_read(scene.observer, &scene.counts);
    cr_expect_eq(scene.counts.ticks, 0);
    observer_disarm(scene.observer);
    scene_close(&scene);
}
