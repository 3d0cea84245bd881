/*
 * From the event stream to the metrics: CPU time an event of reading and replaying a trace, beside `perf
 * script` on as many events of sched:sched_switch, which perf recorded of two processes that pass a byte to
 * and fro. Interleaved; the best of three rounds each, because other work on the machine only makes a round
 * slower. tracefs is mounted in a mount namespace of its own; where perf cannot record, our figure stands
 * alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/replay/replay.h"
#include "tests/bench/events.h"

enum { ROUNDS = 3, SWITCHES = 1000 * 1000, LARGE = 10 * 1000 * 1000, FLUSH_NS = 10 * 1000 * 1000 };

static uint64_t cpu_ns(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000000u +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000u;
}

static uint64_t own_cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return cpu_ns(&usage);
}

/* Reads and replays the trace; CPU time. */
static uint64_t to_metrics(int dir, uint64_t expected)
{
    uint64_t begin = own_cpu_ns();
    struct error error = {0};
    struct trace_reader *reader = NULL;
    if (trace_reader_open(dir, &reader, &error) < 0)
        bench_fail(&error);
    struct replay_settings settings = {.go_minor = trace_reader_go_minor(reader), .sched = true, .go = true};
    struct replay *replay = NULL;
    if (replay_open(&settings, &replay) < 0)
        bench_fail(NULL);
    const struct event_header *event;
    uint64_t count = 0;
    int result;
    while ((result = trace_read(reader, &event, &error)) > 0 && replay_event(replay, event) == 0)
        count++;
    static struct metrics metrics;
    if (result < 0 || count != expected || replay_finish(replay, NULL, &metrics) < 0)
        bench_fail(&error);
    if (!metrics.values[METRIC_GOROUTINES_CREATED].known || !metrics.values[METRIC_SCHED_SWITCHES].known)
        bench_fail(NULL);
    json_t *json = metrics_json(&metrics);
    uint64_t taken = own_cpu_ns() - begin;
    json_decref(json);
    metrics_free(&metrics);
    replay_close(replay);
    trace_reader_close(reader);
    return taken;
}

/* What perf observes: each byte that comes back is two switches. */
static int ping_pong(void)
{
    int there[2];
    int back[2];
    if (pipe2(there, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0)
        return 1;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
    pid_t child = fork();
    if (child < 0)
        return 1;
    char byte = 0;
    for (int i = 0; i < SWITCHES / 2; i++) {
        if (child ? write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1
                  : read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
            _exit(1);
    }
    if (!child)
        _exit(0);
    return waitpid(child, NULL, 0) == child ? 0 : 1;
}

/* Runs a program with its messages thrown away. `lines` (may be NULL) gets the number of lines that it
   printed. 0 or -1; *usage gets what it used. */
static int run(char *const *arguments, uint64_t *lines, struct rusage *usage)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        AUTO_FD nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nothing, STDERR_FILENO);
        dup2(lines ? ends[1] : nothing, STDOUT_FILENO);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    close(ends[1]);
    static char text[65536];
    ssize_t n;
    uint64_t count = 0;
    while (child > 0 && (n = read(ends[0], text, sizeof text)) > 0)
        for (ssize_t i = 0; i < n; i++)
            count += text[i] == '\n';
    close(ends[0]);
    if (lines)
        *lines = count;
    int status = -1;
    return child > 0 && wait4(child, &status, 0, usage) == child && status == 0 ? 0 : -1;
}

/* perf reads the layout of the events from tracefs. */
static const char *mount_tracefs(void)
{
    if (unshare(CLONE_NEWNS) < 0)
        return "no mount namespace";
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return "mounts cannot be made private";
    if (mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) < 0 && errno != EBUSY)
        return "tracefs cannot be mounted";
    return NULL;
}

/* NULL, or why there is nothing to compare with. */
static const char *record(const char *data, const char *self, uint64_t *events)
{
    const char *failed = mount_tracefs();
    if (failed)
        return failed;
    struct rusage usage;
    char *record[] = {"perf", "record",     "-q", "-m",         "8M",        "-e", "sched:sched_switch",
                      "-o",   (char *)data, "--", (char *)self, "ping-pong", NULL};
    if (run(record, NULL, &usage) < 0)
        return "perf record failed";
    char *script[] = {"perf", "script", "-i", (char *)data, NULL};
    if (run(script, events, &usage) < 0 || *events == 0)
        return "perf script failed";
    return NULL;
}

static void keep_best(uint64_t *best, uint64_t taken)
{
    if (*best == 0 || taken < *best)
        *best = taken;
}

static void print(const char *what, uint64_t ns, uint64_t events)
{
    double each = (double)ns / (double)events;
    printf("%-32s %9" PRIu64 " events  %8.1f ns an event  %7.2f million/s\n", what, events, each, 1e3 / each);
}

/* perf script and our way on as many events, interleaved. */
static void compare(const char *data, const char *trace, uint64_t events)
{
    AUTO_FD dir = open(trace, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct trace_counts counts;
    bench_write_trace(dir, events, FLUSH_NS, &counts);
    uint64_t ours = 0;
    uint64_t perf = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct rusage usage;
        char *script[] = {"perf", "script", "-i", (char *)data, NULL};
        if (run(script, NULL, &usage) < 0)
            bench_fail(NULL);
        keep_best(&perf, cpu_ns(&usage));
        keep_best(&ours, to_metrics(dir, events - counts.late));
    }
    print("perf script", perf, events);
    print("trace to metrics, as many", ours, events);
    printf("ratio an event: perf script / trace to metrics = %.1f (wanted: 10 or more)\n",
           (double)perf / (double)ours);
}

static void measure_large(int dir)
{
    struct trace_counts counts;
    bench_write_trace(dir, LARGE, FLUSH_NS, &counts);
    uint64_t best = 0;
    for (int round = 0; round < ROUNDS; round++)
        keep_best(&best, to_metrics(dir, LARGE - counts.late));
    print("trace to metrics", best, LARGE);
    printf("wanted: 10 million/s on one core\n");
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "ping-pong") == 0)
        return ping_pong();
    struct bench_folder large;
    struct bench_folder small;
    bench_folder_make(&large);
    measure_large(large.dir);
    bench_folder_remove(&large);

    bench_folder_make(&small);
    char self[4096] = "";
    char data[128];
    char trace[128];
    snprintf(data, sizeof data, "%s/perf.data", small.path);
    snprintf(trace, sizeof trace, "%s/trace", small.path);
    uint64_t events = 0;
    const char *failed = readlink("/proc/self/exe", self, sizeof self - 1) < 0 ? "no path to this program"
                                                                               : record(data, self, &events);
    if (failed)
        printf("no comparison with perf script: %s\n", failed);
    else if (fd_make_path(AT_FDCWD, trace) == 0)
        compare(data, trace, events);
    bench_folder_remove(&small);
    return 0;
}
