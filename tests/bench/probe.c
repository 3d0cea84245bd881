/*
 * What observing costs: a hit of a Go probe with its event beside a hit of `perf record`'s uprobe on the same
 * function's first instruction; the same hit in a task that is not observed, whose program ends at once: what
 * is left is the kernel's trap; attaching and detaching; a program that parks a million times.
 *
 * The program is tests/accuracy/pingpong, whose every round passes runtime.casgstatus six times. What is
 * compared is the program's own CPU time, less that without probes, interleaved; perf's and our reader are
 * not in it. tracefs is mounted in a mount namespace of its own. Fails where a target is missed.
 *
 *     build/bench/probe [ROUNDS]
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/observer.h"
#include "cgroup/cgroup.h"
#include "runner/gobin/functions.h"
#include "runner/gobin/gobin.h"
#include "runner/gobin/image.h"
#include "runner/support/fd.h"

#define REPEATS      5
#define HIT_ROUNDS   4000
#define PARK_ROUNDS  500000 /* two parks each */
#define RING         (8 << 20)
#define DRAIN_MS     10
#define RATIO_TARGET 10.0
#define ATTACH_MS    20.0
#define DETACH_MS    100.0
#define UPROBES      "/sys/kernel/tracing/uprobe_events"

struct bench {
    struct observer *observer;
    struct cgroup *group;
    struct probe_plan plan;
    char program[512];
    char folder[32]; /* for perf's file */
    uint64_t entry;  /* offset of runtime.casgstatus in the program's file */
    int misses;      /* targets that were missed */
};

static int fail(const char *what, const struct error *error)
{
    fprintf(stderr, "probe: %s%s%s\n", what, error ? ": " : "", error ? error->text : "");
    return -1;
}

static int nothing(void *context, const struct event_header *event, size_t size)
{
    (void)event;
    *(uint64_t *)context += size;
    return 0;
}

static uint64_t cpu_ns(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000000u +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000u;
}

/* The child: into the group, if any, and then the program. */
static void become(const struct bench *bench, bool grouped, char *const *argv)
{
    int fds[CGROUP_HIERARCHIES];
    int count = grouped ? cgroup_entry_fds(bench->group, fds, NULL) : 0;
    for (int i = 0; i < count; i++)
        if (fd_write_all(fds[i], "0", 1) < 0)
            _exit(126);
    execvp(argv[0], argv);
    _exit(127);
}

/* Runs the program and drains meanwhile. Its CPU time in ns, 0 where it failed. */
static uint64_t run(struct bench *bench, bool grouped, char *const *argv)
{
    uint64_t bytes = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become(bench, grouped, argv);
    AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    struct pollfd watched[2] = {{.fd = pidfd, .events = POLLIN},
                                {.fd = observer_fd(bench->observer), .events = POLLIN}};
    while (!(watched[0].revents & POLLIN)) {
        poll(watched, 2, DRAIN_MS);
        if (grouped)
            observer_drain(bench->observer, nothing, &bytes);
    }
    struct rusage usage;
    int status = -1;
    return wait4(child, &status, 0, &usage) == child && status == 0 ? cpu_ns(&usage) : 0;
}

static uint64_t sum(const uint64_t counts[EVENT_KIND_COUNT])
{
    uint64_t total = 0;
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        total += counts[kind];
    return total;
}

/* With our probes, and with their events where it runs in the observed group. */
static uint64_t run_probed(struct bench *bench, bool observed, char *rounds, struct observer_losses *losses)
{
    struct error error = {0};
    char *argv[] = {bench->program, rounds, NULL};
    if (observer_attach(bench->observer, 0, bench->program, &bench->plan.layout, bench->plan.sites,
                        bench->plan.site_count, &error) < 0 ||
        observer_arm(bench->observer, cgroup_id(bench->group), cgroup_level(bench->group), &error) < 0) {
        fail("observe", &error);
        return 0;
    }
    uint64_t cpu = run(bench, observed, argv);
    observer_disarm(bench->observer);
    observer_read_losses(bench->observer, losses);
    observer_detach(bench->observer, 0);
    return cpu;
}

/* `probe --measure FILE PROGRAM ROUNDS`: perf starts this, so that its own CPU time is left out. */
static int measure(char **arguments)
{
    char text[32];
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        execv(arguments[1], arguments + 1);
        _exit(127);
    }
    struct rusage usage;
    int status = -1;
    if (wait4(child, &status, 0, &usage) != child || status != 0)
        return 1;
    AUTO_FD file = open(arguments[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int length = snprintf(text, sizeof text, "%" PRIu64, cpu_ns(&usage));
    return file < 0 || fd_write_all(file, text, (size_t)length) < 0;
}

static uint64_t run_perf(struct bench *bench, char *rounds)
{
    char told[sizeof bench->folder + 8], data[sizeof bench->folder + 8], self[512], text[32];
    snprintf(told, sizeof told, "%s/cpu", bench->folder);
    snprintf(data, sizeof data, "%s/data", bench->folder);
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return 0;
    self[length] = 0;
    char *perf[] = {"perf", "record", "-q", "-m", "8M",        "-e", "runner_bench:hit",
                    "-o",   data,     "--", self, "--measure", told, bench->program,
                    rounds, NULL};
    if (!run(bench, false, perf) || fd_read_text(AT_FDCWD, told, text, sizeof text) < 0)
        return 0;
    return strtoull(text, NULL, 10);
}

/* NULL, or why perf cannot be compared with. */
static const char *prepare_perf(const struct bench *bench)
{
    char line[640];
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return "no private mount namespace";
    if (mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) < 0 && errno != EBUSY)
        return "tracefs cannot be mounted";
    snprintf(line, sizeof line, "p:runner_bench/hit %s:0x%" PRIx64 "\n", bench->program, bench->entry);
    AUTO_FD file = open(UPROBES, O_WRONLY | O_APPEND | O_CLOEXEC);
    return file < 0 || fd_write_all(file, line, strlen(line)) < 0 ? "the uprobe is refused" : NULL;
}

static void forget_perf(void)
{
    AUTO_FD file = open(UPROBES, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file >= 0)
        fd_write_all(file, "-:runner_bench/hit\n", 19);
}

static int compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static double median(double values[REPEATS])
{
    qsort(values, REPEATS, sizeof values[0], compare);
    return values[REPEATS / 2];
}

/* Where the program's casgstatus begins, and the sites of the level core. */
static int read_program(struct bench *bench, const char *folder, uint32_t minor, struct error *error)
{
    struct gobin *binary = NULL;
    struct image image = {0};
    struct functions functions = {0};
    snprintf(bench->program, sizeof bench->program, "%s/accuracy/pingpong-1.%u", folder, minor);
    AUTO_FD fd = open(bench->program, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_mend(error, ERROR_USAGE, errno, "make go-programs.", "open %s", bench->program);
    int result = gobin_open(fd, bench->program, &binary, error);
    if (result == 0)
        result = gobin_plan_probes(binary, GO_CORE, &bench->plan, error);
    if (result == 0)
        result = image_open(fd, bench->program, &image, error);
    if (result == 0 && functions_read(&image, &functions) == 0) {
        const struct function *function = functions_find(&functions, "runtime.casgstatus");
        if (!function || !image_code_offset(&image, function->address, &bench->entry))
            result = error_set(error, ERROR_DEMO, 0, "no runtime.casgstatus in %s", bench->program);
    }
    functions_free(&functions);
    image_close(&image);
    gobin_close(binary);
    return result;
}

static void judge(struct bench *bench, const char *what, double value, const char *unit, double target,
                  bool at_most)
{
    bool met = at_most ? value <= target : value >= target;
    printf("  %-48s %10.2f %s (target: %s %.0f)%s\n", what, value, unit, at_most ? "at most" : "at least",
           target, met ? "" : "  MISSED");
    bench->misses += !met;
}

/* Interleaved: none, ours, ours unobserved, perf's. */
static void compare_hits(struct bench *bench, bool judged, char *rounds)
{
    char *argv[] = {bench->program, rounds, NULL};
    double ours[REPEATS], traps[REPEATS], theirs[REPEATS], attach[REPEATS], detach[REPEATS];
    const char *refused = prepare_perf(bench);
    for (int i = 0; i < REPEATS; i++) {
        struct observer_losses losses = {0}, unheard;
        struct observer_health health;
        double none = (double)run(bench, false, argv);
        double observed = (double)run_probed(bench, true, rounds, &losses);
        observer_read_health(bench->observer, &health);
        double hits = (double)sum(losses.produced);
        ours[i] = (observed - none) / hits;
        traps[i] = ((double)run_probed(bench, false, rounds, &unheard) - none) / hits;
        theirs[i] = refused ? 0 : ((double)run_perf(bench, rounds) - none) / hits;
        attach[i] = (double)health.attach_ns / 1e6;
        detach[i] = (double)health.detach_ns / 1e6;
    }
    double our = median(ours), trap = median(traps), their = median(theirs);
    printf("  %-48s %10.0f ns (best %.0f)\n", "a probe hit with its event", our, ours[0]);
    printf("  %-48s %10.0f ns (best %.0f)\n", "a hit without: the trap, and that it is not ours", trap,
           traps[0]);
    if (refused) {
        printf("  perf: %s\n", refused);
    } else {
        printf("  %-48s %10.0f ns (best %.0f)\n", "a hit of perf's uprobe at the entry", their, theirs[0]);
        if (judged)
            judge(bench, "ratio", their / our, "x", RATIO_TARGET, false);
        else
            printf("  %-48s %10.2f x\n", "ratio (the entry is a push: emulated for perf too)", their / our);
        printf("  %-48s %10.2f x\n", "ratio without event: no program can do better", their / trap);
        forget_perf();
    }
    judge(bench, "attach all", median(attach), "ms", ATTACH_MS, true);
    judge(bench, "detach all", median(detach), "ms", DETACH_MS, true);
}

static void park_often(struct bench *bench)
{
    char rounds[24];
    struct observer_losses losses = {0};
    snprintf(rounds, sizeof rounds, "%d", PARK_ROUNDS);
    uint64_t cpu = run_probed(bench, true, rounds, &losses);
    printf("  %-48s %10" PRIu64 " parks, %.2f s of CPU, ring at most %.0f%% full\n", "parks recorded",
           losses.produced[EVENT_GO_PARK], (double)cpu / 1e9, 100.0 * (double)losses.ring_bytes_peak / RING);
    judge(bench, "events lost", (double)sum(losses.lost), "", 0, true);
}

static int bench_versions(struct bench *bench, char *rounds, struct error *error)
{
    static const uint32_t minors[] = {19, 23};
    const char *folder = getenv("RUNNER_TEST_BIN");
    for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++) {
        int result = read_program(bench, folder ? folder : "build", minors[i], error);
        if (result < 0)
            return result;
        printf("Go 1.%u, runtime.casgstatus\n", minors[i]);
        compare_hits(bench, minors[i] < 21, rounds);
        park_often(bench);
        gobin_plan_free(&bench->plan);
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count == 5 && strcmp(arguments[1], "--measure") == 0)
        return measure(arguments + 2);
    char standard[16];
    snprintf(standard, sizeof standard, "%d", HIT_ROUNDS);
    struct error error = {0};
    struct bench bench = {.folder = "/tmp/runner-bench-XXXXXX"};
    struct observer_settings settings = {.ring_bytes = RING, .sched = true, .go = true};
    struct cgroup_root *root = NULL;
    struct cgroup *experiment = NULL;
    setenv("GOMAXPROCS", "1", 1);
    setenv("GOGC", "off", 1);
    if (!mkdtemp(bench.folder))
        return 1;
    int result = cgroup_root_open(NULL, false, &root, &error);
    if (result == 0)
        result = cgroup_open_experiment(root, "bench.slice", &experiment, &error);
    if (result == 0)
        result = cgroup_create(experiment, "probe", &bench.group, &error);
    if (result == 0)
        result = observer_open(&settings, &bench.observer, &error);
    if (result == 0)
        result = bench_versions(&bench, count > 1 ? arguments[1] : standard, &error);
    if (result < 0)
        fail("cannot measure", &error);
    observer_close(bench.observer);
    cgroup_destroy(bench.group, NULL);
    cgroup_destroy(experiment, NULL);
    cgroup_root_close(root);
    fd_remove_tree(AT_FDCWD, bench.folder);
    return result < 0 || bench.misses;
}
