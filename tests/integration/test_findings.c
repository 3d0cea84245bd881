/* Every finding is shown by the demo that has the fault, and by none that has not: neither by its fixed twin,
   nor by any other demo, nor by the programs whose truth is known. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/findings/findings.h"

#define SHOWS(id) (1u << (id))
enum {
    LEAK = SHOWS(FINDING_GOROUTINE_LEAK),
    CHURN = SHOWS(FINDING_GOROUTINE_CHURN),
    TIMERS = SHOWS(FINDING_TIMER_ABUSE),
    STARVATION = SHOWS(FINDING_NETPOLL_STARVATION),
    SENDS = SHOWS(FINDING_BLOCKED_SENDS),
    CONVOY = SHOWS(FINDING_LOCK_CONVOY),
    HANDOFF = SHOWS(FINDING_SYSCALL_HANDOFF),
    THROTTLED = SHOWS(FINDING_THROTTLED),
    PRESSURE = SHOWS(FINDING_GC_PRESSURE),
    SPINNING = SHOWS(FINDING_SPINNING),
    CROWD = SHOWS(FINDING_OVERSUBSCRIBED),
};

/* A program of the build folder, what it must show, and which other faults it really has and may show as
   well. Those of the build folder's `truth` have their mode for an argument. */
struct subject {
    const char *program, *argument;
    unsigned must, may;
};

/* Sizes that are quick, and large enough for what a threshold asks for. */
static const struct subject plain[] = {
    /* main asks at once what it will not wait for: its answers are blocked sends, too */
    {"demos/goroutine-leak-leak", "-questions=4000", LEAK, SENDS},
    {"demos/goroutine-leak-fixed", "-questions=4000", 0, 0},
    {"demos/worker-pool-per-request", "-requests=40000", CHURN, 0},
    {"demos/worker-pool-pool", "-requests=40000", 0, 0},
    {"demos/timer-abuse-abuse", "-messages=40000", TIMERS, PRESSURE},
    {"demos/timer-abuse-fixed", "-messages=40000", 0, 0},
    {"demos/netpoll-starvation-all", NULL, STARVATION, 0},
    {"demos/netpoll-starvation-spared", NULL, 0, 0},
    /* a thousand times a second somebody wakes up, and another thread looks whether there is more to do */
    {"demos/blocked-sends-one", NULL, SENDS, SPINNING},
    {"demos/blocked-sends-many", NULL, 0, 0},
    {"demos/lock-convoy-long", NULL, CONVOY, SPINNING},
    {"demos/lock-convoy-short", NULL, 0, 0},
    /* a round wakes 48 threads at once */
    {"demos/syscall-handoff-raw", NULL, HANDOFF, CROWD},
    {"demos/syscall-handoff-polled", NULL, 0, 0},
    {"demos/sync-pool-without", "-requests=25000", PRESSURE, 0},
    {"demos/sync-pool-with", "-requests=25000", 0, 0},
    {"demos/spinning-polling", NULL, SPINNING, 0},
    {"demos/spinning-waiting", NULL, 0, 0},
    {"demos/oversubscribed-crowded", NULL, CROWD, 0},
    {"demos/oversubscribed-fitting", NULL, 0, 0},
    {"demos/loop-variable-captured", NULL, 0, 0},
    {"demos/loop-variable-fixed", NULL, 0, 0},
    {"demos/map-write-concurrent", NULL, 0, 0},
    {"demos/map-write-mutex", "-writes=200000", 0, 0},
    {"demos/ping-pong", "-turns=20000", 0, 0},
    {"demos/http-json", "-requests=500", 0, 0},
    {"demos/interrupt", "-limit=500ms", 0, 0},
};

/* At a quota of a fifth of a CPU; both need a tenth on average. */
static const struct subject limited[] = {
    {"demos/throttled-burst", NULL, THROTTLED, 0},
    {"demos/throttled-spread", NULL, 0, 0},
};

static const struct subject servers[] = {
    {"demos/http-servers-leak-leak", NULL, LEAK, 0},
    {"demos/http-servers-leak-fixed", NULL, 0, 0},
    {"demos/http-servers-json-each", NULL, 0, PRESSURE},
    {"demos/http-servers-json-once", NULL, 0, 0},
    {"demos/http-servers-pool-without", NULL, 0, PRESSURE},
    {"demos/http-servers-pool-with", NULL, 0, 0},
    {"demos/http-servers-workers-per-request", NULL, 0, 0},
    {"demos/http-servers-workers-pool", NULL, 0, 0},
    {"demos/http-servers-stall-stall", "-offset=400ms", 0, CONVOY},
    {"demos/http-servers-stall-steady", "-offset=400ms", 0, 0},
    {"demos/http-servers-netpoll-busy", NULL, STARVATION, 0},
    {"demos/http-servers-netpoll-polite", NULL, 0, 0},
};

static const char plain_head[] = "version: 1\nexperiment: findings\n"
                                 "controls: {gomaxprocs: 2, timeout: 100s}\n"
                                 "trials: {warmup: 0, bare: 0, observed: 1}\n"
                                 "probes: {go: full, ring: 64MiB}\ndemos:\n";
static const char limited_head[] = "version: 1\nexperiment: findings\n"
                                   "controls: {gomaxprocs: 2, timeout: 100s, cgroup: {cpu.max: 0.2}}\n"
                                   "trials: {warmup: 0, bare: 1, observed: 0}\n"
                                   "demos:\n";
static const char server_head[] =
    "version: 1\nexperiment: findings\n"
    "controls: {gomaxprocs: 2, timeout: 100s, stop: {grace: 20s}}\n"
    "load:\n"
    "  http: {url: \"http://127.0.0.1:8080/encode\", method: POST, body: {json: 1KiB},\n"
    "         rate: 300/s, warmup: 200ms, duration: 1s, timeout: 30s, connections: {start: 32}}\n"
    "  ready: {tcp: 8080, within: 60s}\n"
    "trials: {warmup: 0, bare: 0, observed: 1}\n"
    "probes: {go: full, ring: 64MiB}\ndemos:\n";

/* "demos/ping-pong" -> "ping-pong", "truth/1.23-plain" "spawn" -> "spawn-1-23-plain". */
static void name_of(const struct subject *subject, char name[64])
{
    bool truth = strncmp(subject->program, "truth/", 6) == 0;
    snprintf(name, 64, "%s%s%s", truth ? subject->argument : "", truth ? "-" : "",
             strchr(subject->program, '/') + 1);
    for (char *dot = name; (dot = strchr(dot, '.'));)
        *dot = '-';
}

static void write_manifest(struct lab *lab, const char *head, const struct subject *subjects, size_t count,
                           const bool *done)
{
    static char text[65536];
    char name[64];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", head);
    for (size_t i = 0; i < count; i++) {
        const char *argument = subjects[i].argument;
        if (done[i])
            continue;
        name_of(&subjects[i], name);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "  - {name: %s, exec: [\"@BIN@/%s\"%s%s%s]}\n", name, subjects[i].program,
                                 argument ? ", \"" : "", argument ? argument : "", argument ? "\"" : "");
        cr_assert_lt(used, sizeof text);
    }
    lab_write_manifest(lab, text);
}

static bool has(const struct subject *subject, unsigned id)
{
    return (subject->must | subject->may) & SHOWS(id);
}

/* What a trial shows; every finding there has its evidence in words and figures. */
static unsigned shown_by(const json_t *trial, const struct subject *subject, const char *name)
{
    unsigned shown = 0;
    size_t i;
    const json_t *row;
    cr_expect(json_is_array(json_object_get(trial, "findings")), "%s was not judged", name);
    json_array_foreach (json_object_get(trial, "findings"), i, row) {
        const char *kind = json_string_value(json_object_get(row, "name"));
        const struct finding_info *info = finding_by_name(kind ? kind : "");
        const char *sentence = json_string_value(json_object_get(row, "sentence"));
        cr_assert_not_null(info, "%s shows %s", name, kind);
        cr_expect(sentence && strlen(sentence) > 40, "%s: %s", name, kind);
        cr_expect_gt(json_object_size(json_object_get(row, "evidence")), 1, "%s: %s", name, kind);
        cr_expect(has(subject, info->id), "%s shows %s: %s", name, kind, sentence);
        shown |= SHOWS(info->id);
    }
    return shown;
}

/* True where all that must be there was there. */
static bool judge(const struct lab *lab, const struct subject *subject, const char *role, bool last)
{
    char name[64];
    name_of(subject, name);
    json_t *trial = lab_trial(lab, name, role, 0);
    unsigned missing = subject->must & ~shown_by(trial, subject, name);
    for (unsigned id = 0; id < FINDING_COUNT; id++)
        if (missing & SHOWS(id) && last)
            cr_expect_fail("%s does not show %s", name, finding_info((enum finding_id)id)->name);
    json_decref(trial);
    return !missing;
}

/* A busy machine may keep a fault from showing itself: it gets another run. It cannot make one. */
#define TRIES 4

static void run_all(const char *head, const struct subject *subjects, size_t count, const char *role)
{
    bool *done = calloc(count, sizeof *done);
    size_t left = count;
    for (int tries = 1; tries <= TRIES && left; tries++) {
        struct lab lab;
        lab_open(&lab);
        write_manifest(&lab, head, subjects, count, done);
        lab_wait(&lab, lab_start(&lab, (const char *const[]){"m.yaml", NULL}));
        cr_assert(lab.status < 2 || lab.status == 5, "%d: %s%s", lab.status, lab.err, lab.out);
        for (size_t i = 0; i < count; i++) {
            if (done[i])
                continue;
            done[i] = judge(&lab, &subjects[i], role, tries == TRIES);
            left -= done[i];
        }
        lab_close(&lab);
    }
    free(done);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(findings, each_fault_is_seen_and_its_fixed_twin_is_clean)
{
    run_all(plain_head, plain, COUNT(plain), "observed");
}

Test(findings, throttling_is_seen_where_nothing_is_attached)
{
    run_all(limited_head, limited, COUNT(limited), "bare");
}

Test(findings, servers_under_load_show_what_they_have)
{
    run_all(server_head, servers, COUNT(servers), "observed");
}
