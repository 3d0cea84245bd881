/* What a manifest states arrives in the experiment, units resolved. */
#include "runner/manifest/manifest.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#define HEAD  "version: 1\nexperiment: x\n"
#define DEMOS "demos: [{name: a, exec: [x]}]\n"

static struct experiment *parse(const char *text)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    cr_assert_eq(manifest_parse("/folder/m.yaml", text, strlen(text), NULL, &experiment, &error), 0, "%s",
                 error.text);
    return experiment;
}

Test(manifest_values, controls)
{
    struct experiment *e = parse(HEAD DEMOS "controls:\n"
                                            "  gomaxprocs: 2\n"
                                            "  gogc: off\n"
                                            "  gomemlimit: 400MiB\n"
                                            "  godebug: [gctrace=1, madvdontneed=1]\n"
                                            "  env: {TZ: UTC, EMPTY: '', N: 5}\n"
                                            "  aslr: off\n"
                                            "  stdin: input.txt\n"
                                            "  timeout: 1.5m\n"
                                            "  stop: {after: 500ms, signal: SIGTERM, grace: 0}\n");
    const struct controls *controls = &e->controls;
    cr_assert_eq(controls->gomaxprocs, 2);
    cr_assert_eq(controls->gogc, -1);
    cr_assert_eq(controls->gomemlimit, 400ULL << 20);
    cr_assert_eq(controls->godebug.count, 2);
    cr_assert_str_eq(controls->godebug.items[1], "madvdontneed=1");
    cr_assert_eq(controls->env.count, 3);
    cr_assert_str_eq(controls->env.items[0].name, "TZ");
    cr_assert_str_eq(controls->env.items[0].value, "UTC");
    cr_assert_str_eq(controls->env.items[1].value, "");
    cr_assert_str_eq(controls->env.items[2].value, "5");
    cr_assert_not(controls->aslr);
    cr_assert_str_eq(controls->stdin_path, "/folder/input.txt");
    cr_assert_eq(controls->timeout_ns, 90000000000ULL);
    cr_assert_eq(controls->stop.after_ns, 500000000);
    cr_assert_eq(controls->stop.signal, SIGTERM);
    cr_assert_eq(controls->stop.grace_ns, 0);
    experiment_free(e);
}

Test(manifest_values, limits)
{
    struct experiment *e = parse(HEAD DEMOS "controls:\n"
                                            "  cgroup:\n"
                                            "    slice: demo.slice\n"
                                            "    require: v2\n"
                                            "    optional: [memory.low, cpuset.cpus]\n"
                                            "    cpu.max: 20000 50000\n"
                                            "    cpuset.cpus: 0-1,3\n"
                                            "    memory.max: 512MiB\n"
                                            "    memory.high: max\n"
                                            "    memory.low: 256MB\n"
                                            "    memory.swap.max: 0\n"
                                            "    pids.max: 512\n");
    const struct cgroup_limits *limits = &e->controls.limits;
    cr_assert_str_eq(e->controls.slice, "demo.slice");
    cr_assert_eq(e->controls.require, CGROUP_REQUIRE_V2);
    cr_assert_eq(e->controls.optional, CGROUP_KEY_MEMORY_LOW | CGROUP_KEY_CPUSET);
    cr_assert_eq(limits->cpu_quota_us, 20000);
    cr_assert_eq(limits->cpu_period_us, 50000);
    cr_assert_str_eq(limits->cpuset, "0-1,3");
    cr_assert_eq(limits->memory_max, 512ULL << 20);
    cr_assert_eq(limits->memory_high, LIMIT_MAX);
    cr_assert_eq(limits->memory_low, 256000000);
    cr_assert_eq(limits->memory_swap_max, 0);
    cr_assert_eq(limits->pids_max, 512);
    experiment_free(e);
}

Test(manifest_values, cpu_max_has_three_forms)
{
    static const struct {
        const char *text;
        uint64_t quota, period;
    } rows[] = {
        {"0.5", 50000, 100000},
        {"2", 200000, 100000},
        {"max", LIMIT_MAX, 100000},
        {"0.01", 1000, 100000},
        {"\"50000 100000\"", 50000, 100000},
        {"max 50000", LIMIT_MAX, 50000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, HEAD DEMOS "controls: {cgroup: {cpu.max: %s}}\n", rows[i].text);
        struct experiment *e = parse(text);
        cr_assert_eq(e->controls.limits.cpu_quota_us, rows[i].quota, "%s", rows[i].text);
        cr_assert_eq(e->controls.limits.cpu_period_us, rows[i].period, "%s", rows[i].text);
        experiment_free(e);
    }
}

Test(manifest_values, trials_probes_and_sandbox)
{
    struct experiment *e = parse(
        HEAD DEMOS "trials: {warmup: 0, bare: 10, observed: 0, aa: yes, order: sequential, seed: 42}\n"
                   "probes: {sched: false, go: none, net: on, cpu: 99Hz, ring: 64KiB, trace_max: 1.5GiB}\n"
                   "sandbox:\n"
                   "  network: host\n"
                   "  filesystem: {read: [/usr/share/zoneinfo, ../data], write: [], tmp: 1GiB}\n"
                   "  seccomp: profile.json\n"
                   "  user: daemon\n");
    cr_assert_eq(e->trials.warmup, 0);
    cr_assert_eq(e->trials.bare, 10);
    cr_assert_eq(e->trials.observed, 0);
    cr_assert(e->trials.aa);
    cr_assert_eq(e->trials.order, ORDER_SEQUENTIAL);
    cr_assert_eq(e->trials.seed, 42);
    cr_assert_not(e->probes.sched);
    cr_assert_eq(e->probes.go, GO_NONE);
    cr_assert(e->probes.net);
    cr_assert_eq(e->probes.cpu_hz, 99);
    cr_assert_eq(e->probes.ring_bytes, 65536);
    cr_assert_eq(e->probes.trace_max_bytes, 3ULL << 29);
    cr_assert_eq(e->sandbox.network, NETWORK_HOST);
    cr_assert_eq(e->sandbox.read.count, 2);
    cr_assert_str_eq(e->sandbox.read.items[0], "/usr/share/zoneinfo");
    cr_assert_str_eq(e->sandbox.read.items[1], "/data");
    cr_assert_eq(e->sandbox.write.count, 0);
    cr_assert_eq(e->sandbox.tmp_bytes, 1ULL << 30);
    cr_assert_str_eq(e->sandbox.seccomp, "/folder/profile.json");
    cr_assert_str_eq(e->sandbox.user, "daemon");
    experiment_free(e);
}

Test(manifest_values, go_probes_have_four_levels)
{
    static const char *const names[] = {"none", "counters", "core", "full"};
    for (unsigned i = 0; i < 4; i++) {
        char text[256];
        snprintf(text, sizeof text, HEAD DEMOS "probes: {go: %s}\n", names[i]);
        struct experiment *e = parse(text);
        cr_assert_eq(e->probes.go, i);
        experiment_free(e);
    }
}

Test(manifest_values, demos)
{
    struct experiment *e = parse(HEAD "demos:\n"
                                      "  - name: one\n"
                                      "    build: {go: ../demos/x, package: ./with}\n"
                                      "    args: [-n, 5, 'a b']\n"
                                      "    env: {A: b}\n"
                                      "    expect: {exit: {code: 3}, stdout: {contains: done}}\n"
                                      "  - {name: two, exec: [./bin/x, ./y], expect: {exit: fatal}}\n"
                                      "  - {name: three, exec: [true], expect: {exit: {code: 0}}}\n"
                                      "  - {name: four, exec: [/bin/false], expect: {exit: exit}}\n"
                                      "baseline: two\n");
    cr_assert_eq(e->demo_count, 4);
    cr_assert_eq(e->baseline, 1);
    cr_assert_str_eq(e->demos[0].go_dir, "/demos/x");
    cr_assert_str_eq(e->demos[0].package, "./with");
    cr_assert_eq(e->demos[0].args.count, 3);
    cr_assert_str_eq(e->demos[0].args.items[1], "5");
    cr_assert_str_eq(e->demos[0].args.items[2], "a b");
    cr_assert_str_eq(e->demos[0].env.items[0].value, "b");
    cr_assert_eq(e->demos[0].expect.verdict, VERDICT_EXIT);
    cr_assert_eq(e->demos[0].expect.code, 3);
    cr_assert_str_eq(e->demos[0].expect.stdout_contains, "done");
    cr_assert_null(e->demos[1].go_dir);
    cr_assert_str_eq(e->demos[1].exec.items[0], "/folder/bin/x");
    cr_assert_str_eq(e->demos[1].exec.items[1], "./y");
    cr_assert_eq(e->demos[1].expect.verdict, VERDICT_FATAL);
    cr_assert_str_eq(e->demos[2].exec.items[0], "true");
    cr_assert_eq(e->demos[2].expect.verdict, VERDICT_OK);
    cr_assert_eq(e->demos[3].expect.verdict, VERDICT_EXIT);
    cr_assert_eq(e->demos[3].expect.code, -1);
    experiment_free(e);
}

Test(manifest_values, aliases_share_what_they_name)
{
    struct experiment *e = parse(HEAD "demos:\n"
                                      "  - {name: one, exec: &command [x, y], env: &env {A: b}}\n"
                                      "  - {name: two, exec: *command, env: *env}\n");
    cr_assert_str_eq(e->demos[1].exec.items[1], "y");
    cr_assert_str_eq(e->demos[1].env.items[0].name, "A");
    cr_assert_neq(e->demos[0].exec.items[1], e->demos[1].exec.items[1]);
    experiment_free(e);
}

Test(manifest_values, a_byte_order_mark_and_crlf_are_taken)
{
    const char *text = "\xef\xbb\xbfversion: 1\r\nexperiment: x\r\ndemos: [{name: a, exec: [x]}]\r\n";
    struct experiment *e = parse(text);
    cr_assert_str_eq(e->name, "x");
    cr_assert_eq(e->source_size, strlen(text));
    cr_assert_str_eq(e->source, text);
    experiment_free(e);
}
