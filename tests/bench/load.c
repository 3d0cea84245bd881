/*
 * The load against wrk, h2load and hey, interleaved, with a 1 KiB JSON POST body against a small epoll server
 * of our own; the server has processor 0, what sends the load has processor 1.
 *
 *     build/bench/load [ROUNDS]
 *
 * - processor time for 1,000 requests: ours at 20,000/s, which must be held, and at the highest rate held;
 * theirs as fast as they can on one thread. Medians and ratios. Who is not installed is told as missing.
 * - highest rate held: every answer good and the send lag's p99 below 1 ms
 * - at 500/s: send lag, and how many requests reach the server in each 100 ms
 * - against a server that stalls 500 ms every 2.5 s: latency from due, of which theory says p90 250 and p99
 * 475 ms, beside what h2load says at the same rate
 *
 * Fails when a target of ours is missed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#include "load_server.h"
#include "runner/load/generator.h"
#include "runner/load/request.h"
#include "runner/support/histogram.h"

#define ROUNDS       3
#define BODY         1024
#define CONNECTIONS  16
#define SECOND_NS    UINT64_C(1000000000)
#define TARGET_RATE  20000
#define TARGET_LAG   200e3 /* ns, p99 at 500/s */
#define HELD_LAG     1e6   /* ns, p99 */
#define TARGET_SLOT  2     /* requests off in 100 ms */
#define THEORY_SLACK 0.03

struct outcome {
    double cpu_s, requests; /* of what sent the load; seen by the server */
    json_t *json;           /* ours */
};

struct bench {
    struct bench_server server;
    char folder[32], body[64], script[64], log[64];
    size_t rounds;
};

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof *values, compare);
    return count ? values[(size_t)ceil(q * (double)count) - (q > 0)] : NAN;
}

static double wait_for(pid_t pid, int *status)
{
    struct rusage usage = {0};
    while (wait4(pid, status, 0, &usage) < 0 && errno == EINTR)
        ;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- ours ------------------------------------------------------------------------------------- */

static struct outcome run_ours(const struct bench_server *server, uint64_t rate, uint64_t duration_ns)
{
    char authority[32], url[64];
    snprintf(authority, sizeof authority, "127.0.0.1:%u", server->port);
    snprintf(url, sizeof url, "http://%s/", authority);
    const struct load_http http = {
        .url = {url, authority, (char *)"/", .address = {127, 0, 0, 1}, .port = server->port},
        .method = (char *)"POST",
        .body = BODY_JSON,
        .body_bytes = BODY,
        .rates = {rate},
        .step_count = 1,
        .connections_start = CONNECTIONS,
        .connections_most = 1000,
        .duration_ns = duration_ns,
        .timeout_ns = 5 * SECOND_NS,
    };
    AUTO_FD result_fd = memfd_create("result", MFD_CLOEXEC);
    AUTO_FD log_fd = memfd_create("log", MFD_CLOEXEC);
    const struct generator_spec spec = {
        .http = &http, .control_fd = -1, .log_fd = log_fd, .result_fd = result_fd};
    server->shared->requests = 0;
    pid_t pid = fork();
    if (pid == 0) {
        bench_pin(1);
        generator_prioritize();
        struct error error = {0};
        int result = generator_run(&spec, &error);
        if (result < 0)
            fprintf(stderr, "load bench: %s\n", error.text);
        _exit(result < 0);
    }
    int status = 0;
    struct outcome outcome = {.cpu_s = wait_for(pid, &status)};
    lseek(result_fd, 0, SEEK_SET);
    outcome.json = json_loadfd(result_fd, 0, NULL);
    outcome.requests = (double)server->shared->requests;
    return outcome;
}

static double number(const struct outcome *outcome, const char *object, const char *name)
{
    return json_number_value(json_object_get(json_object_get(outcome->json, object), name));
}

static bool held(const struct outcome *outcome)
{
    return outcome->json && number(outcome, "requests", "ok") == number(outcome, "requests", "due") &&
           number(outcome, "send_lag", "p99") < HELD_LAG;
}

static double per_thousand(const struct outcome *outcome)
{
    return outcome->requests > 0 ? outcome->cpu_s * 1e3 / (outcome->requests / 1e3) : NAN;
}

/* --- the others ------------------------------------------------------------------------------- */

enum series { OURS, OURS_MOST, H2LOAD_RATE, HEY_RATE, WRK, H2LOAD, HEY, SERIES };
static const struct {
    const char *name, *program;
} series_rows[SERIES] = {
    [OURS] = {"runner, 20,000/s", NULL},
    [OURS_MOST] = {"runner, highest rate held", NULL},
    [H2LOAD_RATE] = {"h2load, 20,000/s", "h2load"},
    [HEY_RATE] = {"hey, 20,000/s", "hey"},
    [WRK] = {"wrk, as fast as it can", "wrk"},
    [H2LOAD] = {"h2load, as fast as it can", "h2load"},
    [HEY] = {"hey, as fast as it can", "hey"},
};

static bool installed(const char *program)
{
    char path[64];
    snprintf(path, sizeof path, "/usr/bin/%s", program);
    return access(path, X_OK) == 0;
}

/* Runs it to its end; its words are thrown away, the server counts. */
static struct outcome run_command(const struct bench_server *server, const char *const *argv)
{
    server->shared->requests = 0;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        bench_pin(1);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status = 0;
    struct outcome outcome = {.cpu_s = wait_for(pid, &status)};
    outcome.requests = status == 0 ? (double)server->shared->requests : 0;
    return outcome;
}

static struct outcome run_peer(const struct bench *bench, enum series peer)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", bench->server.port);
    const char *const wrk[] = {"wrk", "-t1", "-c16", "-d2s", "-s", bench->script, url, NULL};
    const char *const h2load[] = {"h2load", "--h1", "-t1", "-c16", "-D", "2", "-d", bench->body, url, NULL};
    const char *const h2load_rate[] = {"h2load", "--h1", "-t1",       "-c16", "--rps=1250", "-D",
                                       "2",      "-d",   bench->body, url,    NULL};
    const char *const hey[] = {
        "hey", "-z",        "2s", "-c", "16", "-cpus", "1", "-m", "POST", "-T", "application/json",
        "-D",  bench->body, url,  NULL};
    const char *const hey_rate[] = {"hey",
                                    "-z",
                                    "2s",
                                    "-c",
                                    "16",
                                    "-q",
                                    "1250",
                                    "-cpus",
                                    "1",
                                    "-m",
                                    "POST",
                                    "-T",
                                    "application/json",
                                    "-D",
                                    bench->body,
                                    url,
                                    NULL};
    const char *const *const commands[SERIES] = {
        [WRK] = wrk, [H2LOAD] = h2load, [HEY] = hey, [H2LOAD_RATE] = h2load_rate, [HEY_RATE] = hey_rate};
    if (!installed(series_rows[peer].program))
        return (struct outcome){0};
    return run_command(&bench->server, commands[peer]);
}

/* --- what is measured ------------------------------------------------------------------------- */

/* Doubles while it is held, then halves the gap. */
static uint64_t highest_rate(const struct bench *bench)
{
    uint64_t good = 0, bad = 0, rate = TARGET_RATE;
    while (bad == 0 || bad - good > good / 20) {
        struct outcome outcome = run_ours(&bench->server, rate, SECOND_NS);
        bool is_held = held(&outcome);
        json_decref(outcome.json);
        if (is_held)
            good = rate;
        else
            bad = rate;
        if (rate < 1000)
            break;
        rate = bad ? (good + bad) / 2 : rate * 2;
    }
    return good;
}

static void throughput(const struct bench *bench, uint64_t most)
{
    double cpu[SERIES][64], rate[SERIES][64], medians[SERIES];
    for (size_t round = 0; round < bench->rounds; round++) {
        for (int i = 0; i < SERIES; i++) {
            struct outcome outcome =
                i <= OURS_MOST ? run_ours(&bench->server, i == OURS ? TARGET_RATE : most, 2 * SECOND_NS)
                               : run_peer(bench, (enum series)i);
            cpu[i][round] = per_thousand(&outcome);
            rate[i][round] = outcome.requests / 2;
            json_decref(outcome.json);
        }
    }
    printf("%-28s %12s %22s %10s\n", "", "requests/s", "CPU ms/1,000 requests", "ratio");
    for (int i = 0; i < SERIES; i++) {
        medians[i] = quantile(cpu[i], bench->rounds, 0.5);
        if (isnan(medians[i]))
            printf("%-28s %12s\n", series_rows[i].name,
                   series_rows[i].program && !installed(series_rows[i].program) ? "missing" : "failed");
        else
            printf("%-28s %12.0f %22.1f %10.2f\n", series_rows[i].name, quantile(rate[i], bench->rounds, 0.5),
                   medians[i], medians[i] / medians[OURS]);
    }
}

/* The largest distance from 50 of the requests that reached the server in 100 ms, at 500/s. */
static uint64_t worst_slot(const struct bench_server *server, uint64_t start_ns, size_t slots)
{
    uint64_t counts[64] = {0}, worst = 0;
    for (uint64_t i = 0; i < server->shared->requests; i++) {
        uint64_t slot = (server->shared->times_ns[i] - start_ns) / (SECOND_NS / 10);
        if (slot < slots)
            counts[slot]++;
    }
    for (size_t i = 0; i < slots; i++) {
        uint64_t off = counts[i] > 50 ? counts[i] - 50 : 50 - counts[i];
        worst = off > worst ? off : worst;
    }
    return worst;
}

static bool steady(const struct bench *bench)
{
    struct outcome outcome = run_ours(&bench->server, 500, 5 * SECOND_NS);
    double lag = number(&outcome, "send_lag", "p99");
    uint64_t start_ns = (uint64_t)number(&outcome, "window", "start_ns");
    uint64_t worst = worst_slot(&bench->server, start_ns, 50);
    printf(
        "500/s: send lag p50 %.0f us, p99 %.0f us (target: at most %.0f), max %.0f us; latency from due p50 "
        "%.0f us, p99 %.0f us; %.1f%% of a CPU\n",
        number(&outcome, "send_lag", "p50") / 1e3, lag / 1e3, TARGET_LAG / 1e3,
        number(&outcome, "send_lag", "max") / 1e3, number(&outcome, "latency_due", "p50") / 1e3,
        number(&outcome, "latency_due", "p99") / 1e3, outcome.cpu_s / 5 * 100);
    printf("500/s: requests that reach the server in 100 ms: 50, at most %" PRIu64 " off (target: %d)\n",
           worst, TARGET_SLOT);
    bool met = outcome.json && lag <= TARGET_LAG && worst <= TARGET_SLOT;
    json_decref(outcome.json);
    return met;
}

/* h2load's log has a line a request: start, status, microseconds. */
static void print_h2load_stalled(const struct bench *bench, const struct bench_server *server)
{
    char url[64], log[96], line[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server->port);
    snprintf(log, sizeof log, "--log-file=%s", bench->log);
    const char *const argv[] = {"h2load", "--h1", "-t1",       "-c10", "--rps=50", "-D",
                                "5",      "-d",   bench->body, log,    url,        NULL};
    if (!installed("h2load")) {
        printf("stalling server: h2load is missing\n");
        return;
    }
    run_command(server, argv);
    double *values = calloc(100000, sizeof *values);
    size_t count = 0;
    FILE *file = fopen(bench->log, "r");
    while (file && count < 100000 && fgets(line, sizeof line, file)) {
        const char *last = strrchr(line, '\t');
        if (last)
            values[count++] = strtod(last, NULL) / 1e3;
    }
    if (file)
        fclose(file);
    printf("stalling server: h2load says p90 %.1f ms, p99 %.1f ms (%zu requests)\n",
           quantile(values, count, 0.9), quantile(values, count, 0.99), count);
    free(values);
}

static bool near(double value, double theory)
{
    return fabs(value - theory) <= theory * THEORY_SLACK;
}

static bool stalled(const struct bench *bench, struct error *error)
{
    struct bench_server server;
    int result = bench_server_start(&server, true);
    if (result < 0) {
        error_set(error, ERROR_INTERNAL, -result, "start the stalling server");
        return false;
    }
    struct outcome outcome = run_ours(&server, 500, 2 * STALL_PERIOD);
    double p90 = number(&outcome, "latency_due", "p90") / 1e6;
    double p99 = number(&outcome, "latency_due", "p99") / 1e6;
    printf("stalling server: from due p90 %.1f ms, p99 %.1f ms (theory: 250 and 475); from sent p99 %.1f ms; "
           "send "
           "lag p99 %.0f us; %.0f connections\n",
           p90, p99, number(&outcome, "latency_sent", "p99") / 1e6, number(&outcome, "send_lag", "p99") / 1e3,
           number(&outcome, "connections", "most"));
    json_decref(outcome.json);
    print_h2load_stalled(bench, &server);
    bench_server_stop(&server);
    return near(p90, 250) && near(p99, 475);
}

/* --- the frame -------------------------------------------------------------------------------- */

static int write_file(const char *path, const char *before, const char *body, const char *behind)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return -errno;
    fprintf(file, "%s%.*s%s", before, BODY, body, behind);
    return fclose(file) == 0 ? 0 : -errno;
}

/* The body as a file, and wrk's script that posts it. */
static int prepare(struct bench *bench, struct error *error)
{
    char body[BODY];
    request_fill_json(body, BODY);
    snprintf(bench->folder, sizeof bench->folder, "/tmp/runner-bench-XXXXXX");
    if (!mkdtemp(bench->folder))
        return error_set(error, ERROR_INTERNAL, errno, "make a folder for the bench");
    snprintf(bench->body, sizeof bench->body, "%s/body.json", bench->folder);
    snprintf(bench->script, sizeof bench->script, "%s/post.lua", bench->folder);
    snprintf(bench->log, sizeof bench->log, "%s/h2load.log", bench->folder);
    int result = write_file(bench->body, "", body, "");
    if (result == 0)
        result = write_file(
            bench->script,
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = '", body,
            "'\n");
    if (result == 0)
        result = bench_server_start(&bench->server, false);
    return result < 0 ? error_set(error, ERROR_INTERNAL, -result, "prepare the bench") : 0;
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct bench bench = {.rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS};
    if (bench.rounds == 0 || bench.rounds > 64)
        bench.rounds = ROUNDS;
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool met = prepare(&bench, &error) == 0;
    if (met) {
        met = steady(&bench);
        uint64_t most = highest_rate(&bench);
        printf("highest rate held with a send lag p99 below 1 ms: %" PRIu64 "/s (target: at least %d)\n",
               most, TARGET_RATE);
        met &= most >= TARGET_RATE;
        throughput(&bench, most);
        met &= stalled(&bench, &error);
        bench_server_stop(&bench.server);
    }
    if (error.text[0])
        fprintf(stderr, "load bench: %s\n", error.text);
    fd_remove_tree(AT_FDCWD, bench.folder);
    return error.text[0] ? (int)error.class : !met;
}
