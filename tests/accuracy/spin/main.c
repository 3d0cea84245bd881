/* spin SECONDS: a program of C that burns CPU in two functions, 3 to 1, and prints what it measured. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static unsigned long sink;

static long long now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* A function without calls has no frame unless it asks for its address, whatever the compiler was told. */
#define KEEP_FRAME() __asm__ volatile("" ::"r"(__builtin_frame_address(0)))

/* Two functions of different code, so that no compiler makes one of them. */
__attribute__((noinline)) static void large(unsigned long rounds)
{
    unsigned long x = rounds;
    KEEP_FRAME();
    for (unsigned long i = 0; i < rounds; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    sink += x;
}

__attribute__((noinline)) static void small(unsigned long rounds)
{
    unsigned long x = rounds;
    KEEP_FRAME();
    for (unsigned long i = 0; i < rounds; i++)
        x = x * 2862933555777941757u + 3037000493u;
    sink ^= x;
}

int main(int argc, char **argv)
{
    long long until = now(CLOCK_MONOTONIC) + (long long)(1e9 * (argc > 1 ? atof(argv[1]) : 1));
    long long of_large = 0, of_small = 0;
    unsigned long random = 1;
    while (now(CLOCK_MONOTONIC) < until) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned long rounds = 100000 + (random >> 48) * 4;
        long long start = now(CLOCK_THREAD_CPUTIME_ID);
        large(3 * rounds);
        long long middle = now(CLOCK_THREAD_CPUTIME_ID);
        small(rounds);
        of_large += middle - start;
        of_small += now(CLOCK_THREAD_CPUTIME_ID) - middle;
    }
    printf("{\"large_ns\": %lld, \"small_ns\": %lld}\n", of_large, of_small);
    return sink == 0;
}
