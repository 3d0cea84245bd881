#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/summary/summary.h"
#include "runner/summary/trials.h"

#if defined(__x86_64__)
#define GOARCH "amd64"
#elif defined(__aarch64__)
#define GOARCH "arm64"
#else
#error "name this machine as Go does"
#endif

/* "no-pool" -> "NoPool", "pool-2" -> "Pool_2": benchstat takes a final -2 for GOMAXPROCS, and different demos
   keep different names. */
static void print_name(FILE *out, const char *demo)
{
    fputs("Benchmark", out);
    bool upper = true;
    for (; *demo; demo++) {
        unsigned char c = (unsigned char)*demo;
        if (c == '-' && isalpha((unsigned char)demo[1])) {
            upper = true;
            continue;
        }
        fputc(c == '-' ? '_' : upper ? toupper(c) : c, out);
        upper = false;
    }
}

static void print_trial(FILE *out, const char *demo, const struct kept_trial *trial)
{
    static const struct {
        enum metric_id id;
        const char *unit;
    } figures[] = {
        {METRIC_TIME_WALL, "ns/op"},
        {METRIC_LOAD_LATENCY_DUE, "p50-ns"},
        {METRIC_WORK_CPU_PER_UNIT, "cpu-ns/unit"},
        {METRIC_CPU_TIME, "cpu-ns/op"},
        {METRIC_MEMORY_PEAK, "peak-bytes"},
    };
    const struct kept_value *latency = &trial->values[METRIC_LOAD_LATENCY_DUE];
    if (!trial->values[METRIC_TIME_WALL].known && !latency->known)
        return; /* a line has the operation's time, or its load's */
    print_name(out, demo);
    fputs(" 1", out);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (trial->values[figures[i].id].known)
            fprintf(out, " %.0f %s", trial->values[figures[i].id].value, figures[i].unit);
    if (latency->known)
        fprintf(out, " %.0f p99-ns", latency->p99);
    fputc('\n', out);
}

char *summary_benchmarks(const struct summary *summary)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fprintf(out, "goos: linux\ngoarch: " GOARCH "\npkg: %s\n", summary->experiment);
    for (size_t i = 0; i < summary->demo_count; i++)
        for (size_t j = 0; j < summary->demos[i].count; j++)
            if (summary->demos[i].trials[j].role == ROLE_BARE)
                print_trial(out, summary->demos[i].name, &summary->demos[i].trials[j]);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
