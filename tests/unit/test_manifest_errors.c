/* What is refused in a manifest, with which words and where. */
#include "runner/manifest/manifest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A manifest that is fine, but for what each row puts in. */
#define HEAD  "version: 1\nexperiment: x\n"
#define DEMOS "demos: [{name: a, exec: [x]}]\n"

struct refusal {
    const char *text, *says;
};

/* All that is printed about the text; NULL where it is taken. Free it. */
static char *diagnose(const char *data, size_t size)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    int result = manifest_parse("m.yaml", data, size, out, &experiment, &error);
    fclose(out);
    if (result == 0) {
        experiment_free(experiment);
        free(text);
        return NULL;
    }
    cr_assert_null(experiment);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_neq(error.text[0], 0);
    return text;
}

static void assert_refused(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = diagnose(rows[i].text, strlen(rows[i].text));
        cr_assert_not_null(text, "taken: %s", rows[i].text);
        cr_assert_not_null(strstr(text, rows[i].says), "%s\ngives\n%s", rows[i].text, text);
        free(text);
    }
}
#define ASSERT_REFUSED(rows) assert_refused(rows, sizeof(rows) / sizeof((rows)[0]))

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

Test(manifest_errors, an_entry_shows_place_line_caret_and_suggestion)
{
    const char *manifest = HEAD "controls:\n  gomaxproc: 2\n" DEMOS;
    char *text = diagnose(manifest, strlen(manifest));
    cr_assert_str_eq(text,
                     "m.yaml:4:3: error: unknown key 'gomaxproc' in controls; did you mean 'gomaxprocs'?\n"
                     "      gomaxproc: 2\n"
                     "      ^~~~~~~~~\n");
    free(text);
}

Test(manifest_errors, all_are_told_in_one_pass_in_the_order_of_the_file)
{
    const char *manifest =
        "version: 2\nexperiment: X\ncontrols: {timeout: 30}\ntrials: {bare: -1}\nbaseline: b\n" DEMOS;
    static const char *const places[] = {
        "m.yaml:1:10:", "m.yaml:2:13:", "m.yaml:3:21:", "m.yaml:4:16:", "m.yaml:5:11:"};
    char *text = diagnose(manifest, strlen(manifest));
    const char *at = text;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        at = strstr(at, places[i]);
        cr_assert_not_null(at, "%s is missing in\n%s", places[i], text);
    }
    cr_assert_eq(count_of(text, ": error: "), 5, "%s", text);
    free(text);
}

Test(manifest_errors, keys)
{
    static const struct refusal rows[] = {
        {HEAD "load: {}\n" DEMOS, "3:7: error: load has neither http nor command\n"},
        {HEAD "rules: []\n" DEMOS, "unknown key 'rules' in the manifest\n"},
        {HEAD "probes: {xdp: true}\n" DEMOS, "3:10: error: unknown key 'xdp' in probes\n"},
        {HEAD "probes: {cpus: 99Hz}\n" DEMOS, "unknown key 'cpus' in probes; did you mean 'cpu'?\n"},
        {HEAD "ring: 8MiB\n" DEMOS, "unknown key 'ring' in the manifest; it belongs in probes"},
        {HEAD "<<: {a: b}\n" DEMOS, "unknown key '<<' in the manifest"},
        {HEAD HEAD DEMOS, "3:1: error: duplicate key 'version'; it is in line 1 already"},
        {HEAD "controls: {cgroup: {pids.max: 5, pids.max: 6}}\n" DEMOS,
         "3:34: error: duplicate key 'pids.max'"},
        {HEAD "controls: {env: {A: 1, A: 2}}\n" DEMOS, "duplicate key 'A'"},
        {HEAD "? [a]\n: b\n" DEMOS, "3:3: error: a key must be a word"},
        {"experiment: x\n" DEMOS, "1:1: error: missing key 'version' in the manifest"},
        {"version: 1\n" DEMOS, "missing key 'experiment' in the manifest"},
        {HEAD, "missing key 'demos' in the manifest"},
        {HEAD "demos: [{exec: [x]}]\n", "3:9: error: missing key 'name' in demos[]"},
        {HEAD "demos: [{name: a, build: {}}]\n", "missing key 'go' in demos[].build"},
    };
    ASSERT_REFUSED(rows);
}

Test(manifest_errors, types)
{
    static const struct refusal rows[] = {
        {HEAD "controls: [a]\n" DEMOS, "3:11: error: controls: expected a mapping, found a list"},
        {HEAD "controls:\n" DEMOS, "controls: expected a mapping, found nothing"},
        {HEAD "controls: {gomaxprocs: two}\n" DEMOS,
         "controls.gomaxprocs: expected a whole number, found 'two'"},
        {HEAD "controls: {gomaxprocs: \"2\"}\n" DEMOS, "expected a whole number, found the quoted text '2'"},
        {HEAD "controls: {gomaxprocs: 2.0}\n" DEMOS, "expected a whole number, found '2.0'"},
        {HEAD "controls: {gomaxprocs: 010}\n" DEMOS, "expected a whole number, found '010'"},
        {HEAD "controls: {gogc: 1e30}\n" DEMOS, "expected a whole number, found '1e30'"},
        {HEAD "controls: {gogc: .nan}\n" DEMOS, "expected a whole number, found '.nan'"},
        {HEAD "controls: {gogc: ~}\n" DEMOS, "expected a whole number, found nothing"},
        {HEAD "controls: {cgroup: {cpu.max: .inf}}\n" DEMOS, "controls.cgroup.cpu.max: expected CPUs"},
        {HEAD "controls: {cgroup: {memory.max: NaN}}\n" DEMOS, "expected a size such as 64MiB, found 'NaN'"},
        {HEAD "controls: {aslr: maybe}\n" DEMOS, "expected on or off, found 'maybe'"},
        {HEAD "controls: {aslr: \"on\"}\n" DEMOS, "expected on or off, found the quoted text 'on'"},
        {HEAD "controls: {godebug: a=1}\n" DEMOS, "controls.godebug: expected a list, found 'a=1'"},
        {HEAD "controls: {env: [A=1]}\n" DEMOS, "expected a mapping of names to values, found a list"},
        {HEAD "controls: {env: {A: }}\n" DEMOS, "controls.env: expected a text, found nothing"},
        {HEAD "probes: {go: [core]}\n" DEMOS, "expected one of none, counters, core, full, found a list"},
        {HEAD "demos: {name: a}\n", "demos: expected a list of demos, found a mapping"},
        {HEAD "demos: [a]\n", "demos: expected a mapping with name, and build or exec, found 'a'"},
        {"just a text\n", "1:1: error: a manifest is a mapping"},
        {"", "1:1: error: the manifest is empty"},
        {"# nothing\n", "the manifest is empty"},
        {"version: !!int 1\n", "1:10: error: tags (!...) have no meaning"},
    };
    ASSERT_REFUSED(rows);
}

Test(manifest_errors, units_and_ranges)
{
    static const struct refusal rows[] = {
        {"version: 2\nexperiment: x\n" DEMOS, "version: 2 is out of range; it is 1\n"},
        {HEAD "controls: {timeout: 30}\n" DEMOS,
         "controls.timeout: '30' has no unit; use one of ns, us, ms, s, m"},
        {HEAD "controls: {timeout: 5h}\n" DEMOS, "'5h' has an unknown unit; use one of ns, us, ms, s, m"},
        {HEAD "controls: {timeout: 30S}\n" DEMOS, "'30S' has an unknown unit; did you mean 's'?"},
        {HEAD "controls: {timeout: 30 s}\n" DEMOS, "'30 s' has a space before its unit"},
        {HEAD "controls: {timeout: -1s}\n" DEMOS, "'-1s' is below 0"},
        {HEAD "controls: {timeout: 0}\n" DEMOS, "0 is out of range; it is 10ms to 1440m"},
        {HEAD "controls: {timeout: 99999999999s}\n" DEMOS, "'99999999999s' is too large"},
        {HEAD "controls: {stop: {grace: 0.5ns}}\n" DEMOS,
         "'0.5ns' is not a whole number of the smallest unit"},
        {HEAD "controls: {cgroup: {memory.max: 512MB2}}\n" DEMOS, "unknown unit"},
        {HEAD "controls: {cgroup: {memory.max: 512mib}}\n" DEMOS, "did you mean 'MiB'?"},
        {HEAD "controls: {cgroup: {memory.max: 30s}}\n" DEMOS, "unknown unit; use one of B, KB, KiB"},
        {HEAD "controls: {cgroup: {cpu.max: 0.001}}\n" DEMOS, "controls.cgroup.cpu.max: out of range"},
        {HEAD "controls: {cgroup: {cpu.max: 50000 10}}\n" DEMOS, "the period is out of range"},
        {HEAD "controls: {cgroup: {cpu.max: 1 2 3}}\n" DEMOS, "expected CPUs such as 0.5"},
        {HEAD "controls: {cgroup: {pids.max: 0}}\n" DEMOS, "controls.cgroup.pids.max: 0 is out of range"},
        {HEAD "controls: {gomaxprocs: 0}\n" DEMOS, "0 is out of range; it is 1 to 1024"},
        {HEAD "trials: {bare: 18446744073709551616}\n" DEMOS, "is too large"},
        {HEAD "probes: {ring: 4KiB}\n" DEMOS, "4KiB is out of range; it is 64KiB to 1GiB"},
        {HEAD "probes: {cpu: 99}\n" DEMOS, "probes.cpu: '99' has no unit; use one of Hz, kHz"},
        {HEAD "probes: {cpu: 99hz}\n" DEMOS, "'99hz' has an unknown unit; did you mean 'Hz'?"},
        {HEAD "probes: {cpu: 99 Hz}\n" DEMOS, "probes.cpu: '99 Hz' has a space before its unit"},
        {HEAD "probes: {cpu: 0.5Hz}\n" DEMOS, "'0.5Hz' is not a whole number of the smallest unit"},
        {HEAD "probes: {cpu: 0}\n" DEMOS, "probes.cpu: 0 is out of range; it is 1Hz to 10kHz"},
        {HEAD "probes: {cpu: 10001Hz}\n" DEMOS, "10001Hz is out of range; it is 1Hz to 10kHz"},
        {HEAD "probes: {cpu: -1Hz}\n" DEMOS, "probes.cpu: '-1Hz' is below 0"},
        {HEAD "probes: {cpu: on}\n" DEMOS, "probes.cpu: expected a frequency such as 99Hz, found 'on'"},
        {HEAD "probes: {cpu: [99Hz]}\n" DEMOS, "expected a frequency such as 99Hz, found a list"},
        {HEAD "demos: []\n", "demos: 0 entries; it takes 1 to 64"},
        {HEAD "demos: [{name: a, exec: []}]\n", "demos[].exec: 0 entries; it takes 1 to 256"},
        {HEAD "demos: [{name: a, exec: [x], expect: {exit: {code: 256}}}]\n",
         "exit.code: 256 is out of range"},
        {HEAD "demos: [{name: a, exec: [x], expect: {exit: {kode: 2}}}]\n",
         "expected a verdict's name or {code: N}"},
        {HEAD "demos: [{name: a, exec: [x], expect: {exit: fatel}}]\n", "did you mean 'fatal'?"},
    };
    ASSERT_REFUSED(rows);
}

Test(manifest_errors, names_never_decide_a_path)
{
    static const struct refusal rows[] = {
        {"version: 1\nexperiment: ../x\n" DEMOS, "2:13: error: experiment: '../x' is not 1 to 63 lower-case"},
        {"version: 1\nexperiment: a/b\n" DEMOS, "'a/b' is not"},
        {"version: 1\nexperiment: \"a\\nb\"\n" DEMOS, "'a\\nb' is not"},
        {"version: 1\nexperiment: \"a\\0b\"\n" DEMOS, "the text holds a NUL byte"},
        {"version: 1\nexperiment: -x\n" DEMOS, "'-x' is not"},
        {"version: 1\nexperiment: ''\n" DEMOS, "'' is not"},
        {HEAD "description: \"\\e[31m\"\n" DEMOS, "description: the text holds control characters"},
        {HEAD "demos: [{name: .., exec: [x]}]\n", "demos[].name: '..' is not"},
        {HEAD "demos: [{name: \"\\e[31m\", exec: [x]}]\n", "'\\x1b[31m' is not"},
        {HEAD "demos: [{name: \"\\u202e\", exec: [x]}]\n", "'\\u202e' is not"},
        {HEAD "demos: [{name: a, build: {go: x, package: ../y}}]\n", "'../y' is not a package below"},
        {HEAD "demos: [{name: a, build: {go: x, package: ./y/../../z}}]\n", "is not a package below"},
        {HEAD "controls: {cgroup: {slice: ../x.slice}}\n" DEMOS, "'../x.slice' is not a name"},
        {HEAD "controls: {cgroup: {slice: a/b.slice}}\n" DEMOS, "'a/b.slice' is not a name"},
        {HEAD "controls: {cgroup: {slice: demo}}\n" DEMOS, "ends in '.slice'"},
        {HEAD "controls: {stdin: \"a\\nb\"}\n" DEMOS, "'a\\nb' is a path with control characters"},
        {HEAD "sandbox: {filesystem: {read: [/]}}\n" DEMOS, "the sandbox makes its own"},
        {HEAD "sandbox: {filesystem: {write: [//proc/sys]}}\n" DEMOS, "the sandbox makes its own"},
        {HEAD "sandbox: {filesystem: {read: [/usr/../proc]}}\n" DEMOS, "has no '..' in its middle"},
    };
    ASSERT_REFUSED(rows);
}

Test(manifest_errors, rules_between_keys)
{
    static const struct refusal rows[] = {
        {HEAD "baseline: b\n" DEMOS, "3:11: error: baseline: no demo is named 'b'"},
        {HEAD "baseline: no-pol\ndemos: [{name: no-pool, exec: [x]}]\n", "did you mean 'no-pool'?"},
        {HEAD "demos: [{name: a, exec: [x]}, {name: a, exec: [x]}]\n",
         "3:38: error: a demo named 'a' is in line 3"},
        {HEAD "demos: [{name: a, exec: [x], build: {go: x}}]\n", "either build or exec, not both"},
        {HEAD "demos: [{name: a}]\n", "the demo has neither build nor exec"},
        {HEAD "controls: {timeout: 5s, stop: {after: 5s}}\n" DEMOS,
         "3:39: error: controls.stop.after is not below"},
        {HEAD "controls: {cgroup: {memory.max: 1MiB, memory.low: 2MiB}}\n" DEMOS,
         "memory.low is above memory.max"},
        {HEAD "controls: {cgroup: {memory.max: 1MiB, memory.high: 2MiB}}\n" DEMOS, "memory.high is above"},
        {HEAD "controls: {cgroup: {cpuset.cpus: \"3-1\"}}\n" DEMOS, "3-1 runs backwards"},
        {HEAD "controls: {cgroup: {cpuset.cpus: all}}\n" DEMOS, "'all' is not CPUs such as"},
        {HEAD "controls: {cgroup: {optional: [memory.lo]}}\n" DEMOS, "did you mean 'memory.low'?"},
        {HEAD "controls: {stop: {signal: INT}}\n" DEMOS, "unknown word 'INT'; it is one of SIGINT, SIGTERM"},
        {HEAD "controls: {env: {GOGC: 5}}\n" DEMOS,
         "GOGC is the same for every demo; set controls.gogc instead"},
        {HEAD "demos: [{name: a, exec: [x], env: {GOMAXPROCS: 1}}]\n", "set controls.gomaxprocs instead"},
        {HEAD "controls: {env: {A B: 5}}\n" DEMOS, "'A B' is not the name of a variable"},
        {HEAD "probes: {ring: 9MiB}\n" DEMOS, "probes.ring is not a power of two"},
        {HEAD "trials: {bare: 0, observed: 0}\n" DEMOS, "neither bare nor observed trials are left"},
        {HEAD "trials: {bare: 0, aa: on}\n" DEMOS, "trials.aa repeats bare trials, and there are none"},
        {HEAD "sandbox: {user: root}\n" DEMOS, "a demo never runs as root"},
    };
    ASSERT_REFUSED(rows);
}

Test(manifest_errors, output_is_bounded_and_says_so)
{
    char *manifest = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&manifest, &size);
    fputs(HEAD DEMOS, out);
    for (unsigned i = 0; i < 1000; i++)
        fprintf(out, "unknown%u: %0500u\n", i, i);
    fclose(out);
    char *text = diagnose(manifest, size);
    cr_assert_eq(count_of(text, ": error: "), 50);
    cr_assert_not_null(strstr(text, "... and 950 more errors; 50 are shown\n"));
    cr_assert_lt(strlen(text), 50 * 600);
    free(text);
    free(manifest);
}

Test(manifest_errors, the_error_counts_what_was_printed)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    const char *manifest = HEAD "one: 1\ntwo: 2\n" DEMOS;
    FILE *out = fopen("/dev/null", "w");
    cr_assert_lt(manifest_parse("m.yaml", manifest, strlen(manifest), out, &experiment, &error), 0);
    fclose(out);
    cr_assert_str_eq(error.text, "2 errors in the manifest m.yaml");
}

Test(manifest_errors, without_a_stream_the_error_holds_what_fits_and_counts_the_rest)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    char manifest[8192] = HEAD DEMOS;
    for (unsigned i = 0; i < 40; i++)
        sprintf(manifest + strlen(manifest), "unknown-and-rather-long-key-%u: x\n", i);
    cr_assert_lt(manifest_parse("m.yaml", manifest, strlen(manifest), NULL, &experiment, &error), 0);
    size_t shown = count_of(error.text, ": error: ");
    char rest[64];
    snprintf(rest, sizeof rest, "\n... and %zu more errors", 40 - shown);
    cr_assert_gt(shown, 5);
    cr_assert_not_null(strstr(error.text, rest), "%s", error.text);
}
