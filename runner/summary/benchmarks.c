#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner/summary/benchmarks.h"
#include "runner/summary/summary.h"
#include "runner/summary/trials.h"

#if defined(__x86_64__)
#define GOARCH "amd64"
#elif defined(__aarch64__)
#define GOARCH "arm64"
#else
#error "name this machine as Go does"
#endif

const struct benchmark_figure benchmark_figures[BENCHMARK_FIGURES] = {
    {METRIC_TIME_WALL, false, "ns/op"},
    {METRIC_LOAD_LATENCY_DUE, false, "p50-ns"},
    {METRIC_WORK_CPU_PER_UNIT, false, "cpu-ns/unit"},
    {METRIC_CPU_TIME, false, "cpu-ns/op"},
    {METRIC_MEMORY_PEAK, false, "peak-bytes"},
    {METRIC_LOAD_LATENCY_DUE, true, "p99-ns"},
};

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
        fputc(!isalnum(c) ? '_' : upper ? toupper(c) : c, out);
        upper = false;
    }
}

void benchmark_line(FILE *out, const char *demo, const double values[BENCHMARK_FIGURES])
{
    if (isnan(values[0]) && isnan(values[1]))
        return; /* a line has the operation's time, or its load's */
    print_name(out, demo);
    fputs(" 1", out);
    for (size_t i = 0; i < BENCHMARK_FIGURES; i++)
        if (!isnan(values[i]))
            fprintf(out, " %.0f %s", values[i], benchmark_figures[i].unit);
    fputc('\n', out);
}

static void print_trial(FILE *out, const char *demo, const struct kept_trial *trial)
{
    double values[BENCHMARK_FIGURES];
    for (size_t i = 0; i < BENCHMARK_FIGURES; i++) {
        const struct kept_value *value = &trial->values[benchmark_figures[i].id];
        values[i] = !value->known ? NAN : benchmark_figures[i].p99 ? value->p99 : value->value;
    }
    benchmark_line(out, demo, values);
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
