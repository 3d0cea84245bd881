/* kernel MODE: does one thing a known number of times and says on its standard output, as key=value, what an
   observer of the kernel's scheduler must have counted. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NAPS    25
#define NAP_NS  5000000L
#define BOUNCES 60
#define SPIN_NS 300000000L
#define THREADS 12
#define SECOND  1000000000L

static long clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

static long gave_way(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nvcsw;
}

static void idle(void)
{
    printf("done=1\n");
}

/* How often it left its CPU for that, the kernel says itself. */
static void naps(void)
{
    const struct timespec nap = {.tv_nsec = NAP_NS};
    long before = gave_way(), start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < NAPS; i++)
        nanosleep(&nap, NULL);
    printf("slept_least=%ld\nslept_most=%ld\n", NAPS * NAP_NS, clock_ns(CLOCK_MONOTONIC) - start);
    long after = gave_way();
    printf("switches_least=%ld\nswitches_most=%ld\n", after - before + 1, after + 1); /* and its end */
}

static void run_only_on(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* From one CPU to the other and back; where there is but one CPU, not at all. */
static void bounces(void)
{
    cpu_set_t allowed;
    int here = sched_getcpu(), there = -1, moved = 0;
    sched_getaffinity(0, sizeof allowed, &allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE && there < 0; cpu++)
        if (cpu != here && CPU_ISSET((size_t)cpu, &allowed))
            there = cpu;
    run_only_on(here);
    for (int i = 0; there >= 0 && i < BOUNCES; i++) {
        int target = i % 2 ? here : there;
        run_only_on(target);
        moved += sched_getcpu() == target;
    }
    printf("migrations=%d\n", moved);
}

static void spins(void)
{
    long start = clock_ns(CLOCK_MONOTONIC), before = clock_ns(CLOCK_PROCESS_CPUTIME_ID), used = 0;
    while (used < SPIN_NS)
        used = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before;
    printf("cpu_ns=%ld\nwall_ns=%ld\n", used, clock_ns(CLOCK_MONOTONIC) - start);
}

static void *meet(void *barrier)
{
    pthread_barrier_wait(barrier);
    return NULL;
}

/* Threads that are all alive at once. */
static void threads(void)
{
    pthread_t made[THREADS];
    pthread_barrier_t barrier;
    int count = 0;
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    while (count < THREADS && pthread_create(&made[count], NULL, meet, &barrier) == 0)
        count++;
    if (count < THREADS)
        return;
    pthread_barrier_wait(&barrier);
    while (count)
        pthread_join(made[--count], NULL);
    printf("peak=%d\n", THREADS + 1);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {
        {"idle", idle}, {"naps", naps}, {"bounces", bounces}, {"spins", spins}, {"pthreads", threads}};
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            return fflush(stdout) != 0;
        }
    fprintf(stderr, "kernel: no such mode\n");
    return 2;
}
