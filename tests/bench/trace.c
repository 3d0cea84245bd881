/*
 * What the event stream costs: writing 10 million events of a busy HTTP server as the trial's loop does it
 * (a flush every 10 ms), then reading them. Prints CPU time (the disk is not the question, and other work on
 * the machine must not count), user and kernel apart; the best of three interleaved rounds.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/bench/events.h"

enum { EVENTS = 10 * 1000 * 1000, ROUNDS = 3, FLUSH_NS = 10 * 1000 * 1000 };

struct cost {
    uint64_t user, kernel; /* ns */
};

static struct cost spent(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct cost){
        (uint64_t)usage.ru_utime.tv_sec * 1000000000u + (uint64_t)usage.ru_utime.tv_usec * 1000,
        (uint64_t)usage.ru_stime.tv_sec * 1000000000u + (uint64_t)usage.ru_stime.tv_usec * 1000};
}

static struct cost since(struct cost begin)
{
    struct cost end = spent();
    return (struct cost){end.user - begin.user, end.kernel - begin.kernel};
}

static void keep_best(struct cost *best, struct cost cost)
{
    if (best->user + best->kernel == 0 || cost.user + cost.kernel < best->user + best->kernel)
        *best = cost;
}

static void print(const char *what, struct cost cost, uint64_t off)
{
    double total = (double)(cost.user + cost.kernel - off) / EVENTS;
    printf("%-6s %6.1f ns an event (kernel %4.1f)  %6.1f million/s\n", what, total,
           (double)cost.kernel / EVENTS, 1e3 / total);
}

static struct cost read_all(int dir)
{
    struct trace_reader *reader = NULL;
    struct error error = {0};
    if (trace_reader_open(dir, &reader, &error) < 0)
        bench_fail(&error);
    struct cost begin = spent();
    const struct event_header *event;
    uint64_t count = 0;
    int result;
    while ((result = trace_read(reader, &event, &error)) > 0)
        count++;
    struct cost taken = since(begin);
    if (result < 0 || count != EVENTS)
        bench_fail(&error);
    trace_reader_close(reader);
    return taken;
}

int main(void)
{
    struct cost generate = {0};
    struct cost write = {0};
    struct cost read = {0};
    struct trace_counts counts;
    for (int round = 0; round < ROUNDS; round++) {
        struct bench_folder folder;
        bench_folder_make(&folder);
        struct cost begin = spent();
        if (bench_generate(EVENTS) == 0)
            bench_fail(NULL);
        keep_best(&generate, since(begin));
        begin = spent();
        bench_write_trace(folder.dir, EVENTS, FLUSH_NS, &counts);
        keep_best(&write, since(begin));
        keep_best(&read, read_all(folder.dir));
        bench_folder_remove(&folder);
    }
    printf("%d events, %.1f bytes an event, %" PRIu64 " packets, %" PRIu64 " late\n", EVENTS,
           (double)counts.bytes / EVENTS, counts.packets, counts.late);
    print("write", write, generate.user);
    print("read", read, 0);
    return 0;
}
