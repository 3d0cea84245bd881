/* The HTTP demos count what they are sent and print it; the load that was sent must come to the same figures.
   Only counts are looked at: a machine that is too busy may make a trial load_invalid or overloaded. */
#include "lab.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* At 100/s, 200 ms of warm-up and 800 ms of window. */
#define REQUESTS 100
#define WORKERS  4
#define LISTEN   "-listen=127.0.0.1:8080"
/* Below 4000, the bound in demos/http-servers/workers. */
#define PRIMES 550
/* In the load's object of 1 KiB: ten items, each with a name like "item-1" and two tags; and the filling. */
#define LABELS 10
#define TEXTS  (3 * LABELS + 1)
/* Two stalls, well within the second that the load lasts. */
#define STALLS      "-offset=100ms\", \"-period=400ms\", \"-length=100ms\", \"-saves=2"
#define STALL_COUNT 2

static const struct {
    const char *demo; /* program in build/demos */
    const char *args;
} demos[] = {
    {"http-servers-json-each", LISTEN},           {"http-servers-json-once", LISTEN},
    {"http-servers-pool-with", LISTEN},           {"http-servers-pool-without", LISTEN},
    {"http-servers-workers-pool", "-workers=4"},  {"http-servers-workers-per-request", LISTEN},
    {"http-servers-stall-stall", STALLS},         {"http-servers-stall-steady", STALLS},
    {"http-servers-leak-leak", LISTEN},           {"http-servers-leak-fixed", LISTEN},
    {"http-servers-netpoll-busy", "-every=10ms"}, {"http-servers-netpoll-polite", "-every=10ms"},
};
#define DEMOS (sizeof demos / sizeof *demos)

/* The demo's own figure is per_request x requests + constant. */
static const struct {
    const char *demo, *key;
    double per_request, constant;
} exact[] = {
    {"http-servers-json-each", "texts", TEXTS, 0},
    {"http-servers-json-each", "labels", LABELS, 0},
    {"http-servers-json-each", "patterns_compiled", TEXTS, 0},
    {"http-servers-json-once", "labels", LABELS, 0},
    {"http-servers-json-once", "patterns_compiled", 0, 1},
    {"http-servers-pool-with", "buffers_used", 1, 0},
    {"http-servers-pool-without", "buffers_used", 1, 0},
    {"http-servers-pool-without", "buffers_allocated", 1, 0},
    {"http-servers-workers-pool", "goroutines_started", 0, WORKERS},
    {"http-servers-workers-pool", "goroutines_ended", 0, WORKERS},
    {"http-servers-workers-pool", "primes", PRIMES, 0},
    {"http-servers-workers-per-request", "goroutines_started", 1, 0},
    {"http-servers-workers-per-request", "goroutines_ended", 1, 0},
    {"http-servers-workers-per-request", "primes", PRIMES, 0},
    {"http-servers-stall-stall", "entries", 1, 0},
    {"http-servers-stall-stall", "saves", 0, STALL_COUNT},
    {"http-servers-stall-stall", "stalls", 0, STALL_COUNT},
    {"http-servers-stall-steady", "entries", 1, 0},
    {"http-servers-stall-steady", "saves", 0, STALL_COUNT},
    {"http-servers-stall-steady", "stalls", 0, 0},
    {"http-servers-stall-steady", "requests_stalled", 0, 0},
    {"http-servers-leak-leak", "goroutines_created", 1, 0},
    {"http-servers-leak-leak", "leaked", 1, 0},
    {"http-servers-leak-fixed", "goroutines_created", 1, 0},
    {"http-servers-leak-fixed", "results_noted", 1, 0},
    {"http-servers-leak-fixed", "leaked", 0, 0},
};

/* More than none, and fewer than requests; but maybe none where `time` is below `least_ns`: a save ends on
   time, so a machine that stood still at its begin has hardly locked the book. */
static const struct {
    const char *demo, *key, *time;
    double least_ns;
} fewer[] = {
    {"http-servers-pool-with", "buffers_allocated", NULL, 0},
    {"http-servers-stall-stall", "requests_stalled", "stalls_ns", 150e6},
};

static void write_manifest(struct lab *lab)
{
    char text[4096] = "version: 1\nexperiment: http-demos\n"
                      "controls: {gomaxprocs: 2, timeout: 200s, stop: {grace: 20s}}\n"
                      "load:\n"
                      "  http: {url: \"http://127.0.0.1:8080/encode\", method: POST, body: {json: 1KiB},\n"
                      "         rate: 100/s, warmup: 200ms, duration: 800ms, timeout: 30s}\n"
                      "  ready: {tcp: 8080, within: 60s}\n"
                      "trials: {warmup: 0, bare: 0, observed: 1}\n"
                      "probes: {go: core, ring: 64MiB}\ndemos:\n";
    for (size_t i = 0; i < DEMOS; i++) {
        size_t used = strlen(text);
        int length =
            snprintf(text + used, sizeof text - used, "  - {name: %s, exec: [\"@BIN@/demos/%s\", \"%s\"]}\n",
                     demos[i].demo, demos[i].demo, demos[i].args);
        cr_assert_lt((size_t)length, sizeof text - used);
    }
    lab_write_manifest(lab, text);
}

static double figure(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Requests of the warm-up or of the window (`part` of "load"), all of them sent and rightly answered. */
static double sent_in(const char *demo, const json_t *part)
{
    const json_t *requests = json_object_get(part, "requests");
    const json_t *errors = json_object_get(part, "errors");
    cr_assert(json_is_object(requests) && json_is_object(errors), "%s: no load in trial.json", demo);
    cr_expect_eq(json_object_size(errors), 0, "%s: requests failed", demo);
    cr_expect_eq(figure(requests, "sent"), figure(requests, "due"), "%s", demo);
    cr_expect_eq(figure(requests, "ok"), figure(requests, "due"), "%s", demo);
    return figure(requests, "due");
}

static void assert_verdict(const char *demo, const json_t *trial)
{
    static const char *const fine[] = {"stopped", "load_invalid", "overloaded"};
    const json_t *evidence = json_object_get(json_object_get(trial, "verdict"), "evidence");
    bool known = false;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        known |= strcmp(lab_verdict(trial), fine[i]) == 0;
    cr_expect(known, "%s: %s", demo, lab_verdict(trial));
    cr_expect_eq(figure(evidence, "code"), 0, "%s ends with code 0 when it is interrupted", demo);
    cr_expect(json_is_false(json_object_get(evidence, "killed_after_grace")), "%s", demo);
}

static void assert_truth(const char *demo, const json_t *printed)
{
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        if (strcmp(exact[i].demo, demo) != 0)
            continue;
        double said = figure(printed, exact[i].key);
        double truth = exact[i].per_request * REQUESTS + exact[i].constant;
        cr_expect_eq(said, truth, "%s says %s %f, it is %f", demo, exact[i].key, said, truth);
    }
    for (size_t i = 0; i < sizeof fewer / sizeof *fewer; i++) {
        if (strcmp(fewer[i].demo, demo) != 0)
            continue;
        double said = figure(printed, fewer[i].key);
        bool none = fewer[i].time && figure(printed, fewer[i].time) < fewer[i].least_ns;
        cr_expect(said < REQUESTS && (said > 0 || none), "%s says %s %f", demo, fewer[i].key, said);
    }
    if (strncmp(demo, "http-servers-netpoll-", strlen("http-servers-netpoll-")) == 0) {
        cr_expect_gt(figure(printed, "portions_due"), 0);
        cr_expect_eq(figure(printed, "portions_done"), figure(printed, "portions_due"), "%s", demo);
    }
}

static void assert_demo(const struct lab *lab, const char *demo)
{
    json_t *trial = lab_trial(lab, demo, "observed", 0);
    json_t *printed = lab_printed(lab, demo);
    const json_t *load = json_object_get(trial, "load");
    assert_verdict(demo, trial);
    cr_expect_eq(sent_in(demo, json_object_get(load, "warmup")) + sent_in(demo, load), REQUESTS, "%s", demo);
    cr_expect_eq(figure(printed, "requests"), REQUESTS, "%s", demo);
    cr_expect_eq(figure(json_object_get(printed, "answers"), "200"), REQUESTS, "%s", demo);
    assert_truth(demo, printed);
    json_decref(printed);
    json_decref(trial);
}

Test(http_demos, what_they_print_is_what_the_load_sent)
{
    struct lab lab;
    lab_open(&lab);
    write_manifest(&lab);
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"m.yaml", NULL}));
    for (size_t i = 0; i < DEMOS; i++)
        assert_demo(&lab, demos[i].demo);
    /* The probes see the same leak. */
    json_t *leak = lab_trial(&lab, "http-servers-leak-leak", "observed", 0);
    json_t *fixed = lab_trial(&lab, "http-servers-leak-fixed", "observed", 0);
    cr_expect_eq(lab_metric(leak, "goroutines.leaked"), REQUESTS);
    cr_expect_eq(lab_metric(fixed, "goroutines.leaked"), 0);
    json_decref(leak);
    json_decref(fixed);
    lab_close(&lab);
}
