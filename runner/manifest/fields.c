#include "runner/manifest/fields.h"

#include <signal.h>
#include <string.h>

#include "runner/manifest/experiment.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
#define MS  1000000ULL
#define S   (1000 * MS)

#define IN_EXPERIMENT(member)                                                                                \
    .offset = offsetof(struct experiment, member), .width = sizeof(((struct experiment *)0)->member)
#define IN_DEMO(member) .offset = offsetof(struct demo, member), .width = sizeof(((struct demo *)0)->member)

#define IN_GATE(member) .offset = offsetof(struct gate, member), .width = sizeof(((struct gate *)0)->member)

static const char *const section_names[SECTION_COUNT] = {
    [SECTION_ROOT] = "",
    [SECTION_CONTROLS] = "controls",
    [SECTION_CGROUP] = "controls.cgroup",
    [SECTION_STOP] = "controls.stop",
    [SECTION_LOAD] = "load",
    [SECTION_HTTP] = "load.http",
    [SECTION_BODY] = "load.http.body",
    [SECTION_CONNECTIONS] = "load.http.connections",
    [SECTION_READY] = "load.ready",
    [SECTION_TRIALS] = "trials",
    [SECTION_PROBES] = "probes",
    [SECTION_SANDBOX] = "sandbox",
    [SECTION_FILESYSTEM] = "sandbox.filesystem",
    [SECTION_DEMO] = "demos[]",
    [SECTION_BUILD] = "demos[].build",
    [SECTION_EXPECT] = "demos[].expect",
    [SECTION_STDOUT] = "demos[].expect.stdout",
    [SECTION_GATE] = "gates[]",
};

static const struct text_rule name_rule = {
    "^[a-z0-9][a-z0-9-]{0,62}$",
    "1 to 63 lower-case letters, digits and '-', beginning with a letter or digit", 63};
static const struct text_rule slice_rule = {
    "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,56}\\.slice$",
    "a name of letters, digits, '_', '-' and '.' that ends in '.slice'", 63};
static const struct text_rule cpuset_rule = {"^[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*$",
                                             "CPUs such as \"0\", \"0-3\" or \"0,2\"", 256};
static const struct text_rule godebug_rule = {"^[A-Za-z0-9]+=[^,]+$", "a setting such as gctrace=1", 128};
static const struct text_rule package_rule = {"^\\.(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$",
                                              "a package below the folder, such as ./with", 256};
static const struct text_rule user_rule = {"^[a-z_][a-z0-9_.-]{0,31}$", "a user name of this host", 32};
static const struct text_rule method_rule = {"^[A-Z]{1,32}$", "a method such as GET or POST", 32};
static const struct text_rule target_rule = {"^/[!-~]*$", "a path such as / or /healthz", 4096};
static const struct text_rule header_rule = {"^([ -~]|\t)*$", "the value of a header (printable ASCII)",
                                             8192};
static const struct text_rule shown_rule = {NULL, "a text", 4096, .printable = true};
static const struct text_rule metric_rule = {"^[a-z0-9_.]{1,64}$", "the name of a metric", 64};
static const struct text_rule free_rule = {NULL, "a text", 4096};
static const struct text_rule argument_rule = {NULL, "a text", 65536};

static const struct word word_max[] = {{"max", LIMIT_MAX}, {NULL, 0}};
static const struct word word_off[] = {{"off", UINT32_MAX /* -1 in 32 bits */}, {NULL, 0}};
static const struct word word_no[] = {{"off", 0}, {NULL, 0}};
static const struct word word_none[] = {{"none", 0}, {NULL, 0}};
static const struct word word_default[] = {{"default", 0}, {NULL, 0}};
static const struct word require_words[] = {
    {"auto", CGROUP_REQUIRE_AUTO}, {"v2", CGROUP_REQUIRE_V2}, {NULL, 0}};
static const struct word order_words[] = {
    {"interleaved", ORDER_INTERLEAVED}, {"sequential", ORDER_SEQUENTIAL}, {NULL, 0}};
static const struct word go_words[] = {
    {"none", GO_NONE}, {"counters", GO_COUNTERS}, {"core", GO_CORE}, {"full", GO_FULL}, {NULL, 0}};
static const struct word network_words[] = {
    {"loopback", NETWORK_LOOPBACK}, {"host", NETWORK_HOST}, {NULL, 0}};
static const struct word arrival_words[] = {
    {"constant", ARRIVALS_CONSTANT}, {"poisson", ARRIVALS_POISSON}, {NULL, 0}};
static const struct word work_words[] = {{"requests", WORK_REQUESTS}, {"run", WORK_RUN}, {NULL, 0}};
static const struct word against_words[] = {{"baseline", 1}, {NULL, 0}};
static const struct word of_words[] = {{"any", GATE_OF_ANY}, {"median", GATE_OF_MEDIAN}, {NULL, 0}};
static const struct word cgroup_words[] = {
    {"cpu.max", CGROUP_KEY_CPU_MAX},       {"cpuset.cpus", CGROUP_KEY_CPUSET},
    {"memory.max", CGROUP_KEY_MEMORY_MAX}, {"memory.high", CGROUP_KEY_MEMORY_HIGH},
    {"memory.low", CGROUP_KEY_MEMORY_LOW}, {"memory.swap.max", CGROUP_KEY_MEMORY_SWAP_MAX},
    {"pids.max", CGROUP_KEY_PIDS_MAX},     {NULL, 0},
};

const struct word field_signals[] = {
    {"SIGINT", SIGINT},   {"SIGTERM", SIGTERM}, {"SIGHUP", SIGHUP},
    {"SIGQUIT", SIGQUIT}, {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2},
    {"SIGABRT", SIGABRT}, {"SIGKILL", SIGKILL}, {NULL, 0},
};

/* clang-format off: a table */
const struct field fields[] = {
    {SECTION_ROOT, "version", FIELD_NUMBER, .least = 1, .most = 1, .required = true,
     .meaning = "of the manifest's format"},
    {SECTION_ROOT, "experiment", FIELD_TEXT, IN_EXPERIMENT(name), .rule = &name_rule, .required = true,
     .meaning = "name of the experiment; names the bundle"},
    {SECTION_ROOT, "description", FIELD_TEXT, IN_EXPERIMENT(description), .rule = &shown_rule,
     .meaning = "what the experiment asks, for the reader of the bundle"},

    {SECTION_ROOT, "controls", FIELD_SECTION, SECTION_CONTROLS, .meaning = "the same for every demo"},
    {SECTION_CONTROLS, "gomaxprocs", FIELD_NUMBER, IN_EXPERIMENT(controls.gomaxprocs), .unset = 0, .least = 1,
     .most = 1024, .meaning = "GOMAXPROCS of the demo; not set: Go's own choice"},
    {SECTION_CONTROLS, "gogc", FIELD_NUMBER, IN_EXPERIMENT(controls.gogc), .unset = (uint32_t)INT32_MIN,
     .least = 0, .most = 1000000, .words = word_off,
     .meaning = "GOGC of the demo, in percent; not set: Go's own choice"},
    {SECTION_CONTROLS, "gomemlimit", FIELD_SIZE, IN_EXPERIMENT(controls.gomemlimit), .unset = LIMIT_UNSET,
     .least = MIB, .most = TIB, .meaning = "GOMEMLIMIT of the demo"},
    {SECTION_CONTROLS, "godebug", FIELD_TEXTS, IN_EXPERIMENT(controls.godebug), .rule = &godebug_rule,
     .most = 32, .meaning = "settings of GODEBUG"},
    {SECTION_CONTROLS, "env", FIELD_ENV, IN_EXPERIMENT(controls.env), .rule = &argument_rule, .most = 256,
     .meaning = "environment of every demo; nothing is inherited"},
    {SECTION_CONTROLS, "cgroup", FIELD_SECTION, SECTION_CGROUP, .meaning = "limits, as cgroup v2 names them"},
    {SECTION_CGROUP, "slice", FIELD_TEXT, IN_EXPERIMENT(controls.slice), .rule = &slice_rule,
     .fallback = "runner.slice", .meaning = "the group below which the trials' groups are made"},
    {SECTION_CGROUP, "require", FIELD_CHOICE, IN_EXPERIMENT(controls.require), .words = require_words,
     .fallback = "auto", .meaning = "v2: refuse a host whose controllers are bound to v1 hierarchies"},
    {SECTION_CGROUP, "optional", FIELD_CHOICES, IN_EXPERIMENT(controls.optional), .words = cgroup_words,
     .most = 16, .meaning = "limits that this host need not be able to enforce; recorded either way"},
    {SECTION_CGROUP, "cpu.max", FIELD_CPUS, IN_EXPERIMENT(controls.limits),
     .meaning = "CPUs (0.5), or \"quota period\" in microseconds (\"50000 100000\"), or max"},
    {SECTION_CGROUP, "cpuset.cpus", FIELD_TEXT, IN_EXPERIMENT(controls.limits.cpuset), .rule = &cpuset_rule,
     .meaning = "the CPUs that the demo may use"},
    {SECTION_CGROUP, "memory.max", FIELD_SIZE, IN_EXPERIMENT(controls.limits.memory_max),
     .unset = LIMIT_UNSET, .least = MIB, .most = TIB, .words = word_max,
     .meaning = "hard limit; beyond it the demo is killed (verdict oom)"},
    {SECTION_CGROUP, "memory.high", FIELD_SIZE, IN_EXPERIMENT(controls.limits.memory_high),
     .unset = LIMIT_UNSET, .least = MIB, .most = TIB, .words = word_max,
     .meaning = "beyond it the demo is slowed and its memory reclaimed"},
    {SECTION_CGROUP, "memory.low", FIELD_SIZE, IN_EXPERIMENT(controls.limits.memory_low),
     .unset = LIMIT_UNSET, .least = 0, .most = TIB, .words = word_max,
     .meaning = "below it the demo's memory is protected from reclaim"},
    {SECTION_CGROUP, "memory.swap.max", FIELD_SIZE, IN_EXPERIMENT(controls.limits.memory_swap_max),
     .unset = LIMIT_UNSET, .least = 0, .most = TIB, .words = word_max,
     .meaning = "swap that the demo may use"},
    {SECTION_CGROUP, "pids.max", FIELD_NUMBER, IN_EXPERIMENT(controls.limits.pids_max), .unset = LIMIT_UNSET,
     .least = 1, .most = 4194304, .words = word_max, .meaning = "threads and processes"},
    {SECTION_CONTROLS, "aslr", FIELD_SWITCH, IN_EXPERIMENT(controls.aslr), .fallback = "on",
     .meaning = "off: the address space layout is fixed"},
    {SECTION_CONTROLS, "stdin", FIELD_PATH, IN_EXPERIMENT(controls.stdin_path), .words = word_none,
     .path_is = PATH_FILE, .fallback = "none", .meaning = "none, or a file that every demo reads"},
    {SECTION_CONTROLS, "timeout", FIELD_DURATION, IN_EXPERIMENT(controls.timeout_ns), .least = 10 * MS,
     .most = 86400 * S, .fallback = "30s",
     .meaning = "wall time of a trial; beyond it the verdict is timeout"},
    {SECTION_CONTROLS, "stop", FIELD_SECTION, SECTION_STOP,
     .meaning = "for programs that run until they are told"},
    {SECTION_STOP, "after", FIELD_DURATION, IN_EXPERIMENT(controls.stop.after_ns), .unset = LIMIT_UNSET,
     .least = MS, .most = 86400 * S, .meaning = "when the signal is sent; not set: only at the time-out"},
    {SECTION_STOP, "signal", FIELD_SIGNAL, IN_EXPERIMENT(controls.stop.signal), .words = field_signals,
     .fallback = "SIGINT", .meaning = "the signal"},
    {SECTION_STOP, "grace", FIELD_DURATION, IN_EXPERIMENT(controls.stop.grace_ns), .least = 0,
     .most = 600 * S, .fallback = "2s", .meaning = "how long the demo may take to end before SIGKILL"},

    {SECTION_ROOT, "load", FIELD_SECTION, SECTION_LOAD,
     .meaning = "traffic for servers, the same for every demo; the demo is stopped when it is over"},
    {SECTION_LOAD, "http", FIELD_SECTION, SECTION_HTTP,
     .meaning = "HTTP/1.1 at a fixed rate: a request's latency counts from when it was due"},
    {SECTION_HTTP, "url", FIELD_URL, IN_EXPERIMENT(load.http.url), .required = true,
     .meaning = "http://ADDRESS:PORT/PATH in the demo's network"},
    {SECTION_HTTP, "method", FIELD_TEXT, IN_EXPERIMENT(load.http.method), .rule = &method_rule,
     .fallback = "GET", .meaning = "of every request"},
    {SECTION_HTTP, "headers", FIELD_HEADERS, IN_EXPERIMENT(load.http.headers), .rule = &header_rule,
     .most = 64, .meaning = "of every request, beside those that HTTP asks for"},
    {SECTION_HTTP, "body", FIELD_SECTION, SECTION_BODY, .meaning = "of every request; one of its keys"},
    {SECTION_BODY, "json", FIELD_SIZE, IN_EXPERIMENT(load.http.body_bytes), .least = 2, .most = 64 * MIB,
     .meaning = "a JSON object of exactly this length, made up"},
    {SECTION_BODY, "file", FIELD_PATH, IN_EXPERIMENT(load.http.body_file), .path_is = PATH_FILE,
     .meaning = "the content of a file of at most 64 MiB"},
    {SECTION_BODY, "text", FIELD_TEXT, IN_EXPERIMENT(load.http.body_text), .rule = &argument_rule,
     .meaning = "as it stands"},
    {SECTION_HTTP, "rate", FIELD_RATE, IN_EXPERIMENT(load.http.rates[0]), .least = 1, .most = 1000000,
     .meaning = "requests that become due a second; or else steps"},
    {SECTION_HTTP, "steps", FIELD_RATES, IN_EXPERIMENT(load.http), .least = 1, .most = LOAD_STEPS_MAX,
     .meaning = "rates in sequence, to find where latency breaks"},
    {SECTION_HTTP, "arrivals", FIELD_CHOICE, IN_EXPERIMENT(load.http.arrivals), .words = arrival_words,
     .fallback = "constant", .meaning = "poisson: random gaps, the same for every demo by trials.seed"},
    {SECTION_HTTP, "connections", FIELD_SECTION, SECTION_CONNECTIONS,
     .meaning = "that are kept; more are made while the demo is slow"},
    {SECTION_CONNECTIONS, "start", FIELD_NUMBER, IN_EXPERIMENT(load.http.connections_start), .least = 1,
     .most = 16384, .fallback = "16", .meaning = "at the start"},
    {SECTION_CONNECTIONS, "most", FIELD_NUMBER, IN_EXPERIMENT(load.http.connections_most), .least = 1,
     .most = 16384, .fallback = "1024", .meaning = "at once; then requests wait"},
    {SECTION_HTTP, "warmup", FIELD_DURATION, IN_EXPERIMENT(load.http.warmup_ns), .least = 0, .most = 3600 * S,
     .fallback = "1s", .meaning = "at the first rate, not measured"},
    {SECTION_HTTP, "duration", FIELD_DURATION, IN_EXPERIMENT(load.http.duration_ns), .least = 100 * MS,
     .most = 86400 * S, .fallback = "10s", .meaning = "measured, at each rate"},
    {SECTION_HTTP, "timeout", FIELD_DURATION, IN_EXPERIMENT(load.http.timeout_ns), .least = MS,
     .most = 600 * S, .fallback = "5s", .meaning = "an answer that takes longer counts as an error"},
    {SECTION_HTTP, "status", FIELD_NUMBER, IN_EXPERIMENT(load.http.status), .unset = 0, .least = 200,
     .most = 599, .meaning = "of a right answer; not set: any from 200 to 299"},
    {SECTION_LOAD, "command", FIELD_COMMAND, IN_EXPERIMENT(load.command), .rule = &argument_rule, .least = 1,
     .most = 256, .meaning = "any program instead, in the demo's network; {url} in it is filled in"},
    {SECTION_LOAD, "url", FIELD_TEXT, IN_EXPERIMENT(load.command_url), .rule = &free_rule,
     .meaning = "what {url} in command stands for"},
    {SECTION_LOAD, "ready", FIELD_SECTION, SECTION_READY,
     .meaning = "when the demo can take traffic; one of its keys beside within"},
    {SECTION_READY, "tcp", FIELD_NUMBER, IN_EXPERIMENT(load.ready.port), .unset = 0, .least = 1,
     .most = 65535,
     .meaning = "a socket listens on this port, seen without connecting; not set: the URL's port"},
    {SECTION_READY, "http", FIELD_TEXT, IN_EXPERIMENT(load.ready.target), .rule = &target_rule,
     .meaning = "a GET of this path is answered with a status below 500"},
    {SECTION_READY, "stdout", FIELD_TEXT, IN_EXPERIMENT(load.ready.text), .rule = &free_rule,
     .meaning = "the demo has printed this text"},
    {SECTION_READY, "within", FIELD_DURATION, IN_EXPERIMENT(load.ready.within_ns), .least = 10 * MS,
     .most = 3600 * S, .fallback = "5s", .meaning = "else the verdict is not_ready"},
    {SECTION_LOAD, "work", FIELD_WORK, IN_EXPERIMENT(load.work), .words = work_words,
     .meaning = "the demo's unit of work; not set: requests for http, else run"},

    {SECTION_ROOT, "trials", FIELD_SECTION, SECTION_TRIALS, .meaning = "how often each demo runs"},
    {SECTION_TRIALS, "warmup", FIELD_NUMBER, IN_EXPERIMENT(trials.warmup), .least = 0, .most = 100,
     .fallback = "1",
     .meaning = "trials that are not counted; if any are observed, they are too, to time the probes"},
    {SECTION_TRIALS, "bare", FIELD_NUMBER, IN_EXPERIMENT(trials.bare), .least = 0, .most = 1000,
     .fallback = "5", .meaning = "trials with limits only: they give time, CPU, memory"},
    {SECTION_TRIALS, "observed", FIELD_NUMBER, IN_EXPERIMENT(trials.observed), .least = 0, .most = 1000,
     .fallback = "5",
     .meaning = "trials with probes: they give scheduler figures; fewer than 6 are never significant"},
    {SECTION_TRIALS, "aa", FIELD_SWITCH, IN_EXPERIMENT(trials.aa), .fallback = "off",
     .meaning = "the baseline's bare trials once more: the noise floor"},
    {SECTION_TRIALS, "order", FIELD_CHOICE, IN_EXPERIMENT(trials.order), .words = order_words,
     .fallback = "interleaved",
     .meaning = "interleaved: randomised blocks of all demos; sequential: demo by demo"},
    {SECTION_TRIALS, "seed", FIELD_NUMBER, IN_EXPERIMENT(trials.seed), .least = 0, .most = INT64_MAX,
     .fallback = "1", .meaning = "of the order's random numbers"},

    {SECTION_ROOT, "probes", FIELD_SECTION, SECTION_PROBES, .meaning = "what observed trials record"},
    {SECTION_PROBES, "sched", FIELD_SWITCH, IN_EXPERIMENT(probes.sched), .fallback = "on",
     .meaning = "the kernel's scheduler: switches, wake-ups, migrations"},
    {SECTION_PROBES, "go", FIELD_CHOICE, IN_EXPERIMENT(probes.go), .words = go_words, .fallback = "core",
     .meaning = "the Go runtime: how much of it"},
    {SECTION_PROBES, "net", FIELD_SWITCH, IN_EXPERIMENT(probes.net), .fallback = "off",
     .meaning = "the sandbox's network: packets, payload, drops, retransmits"},
    {SECTION_PROBES, "cpu", FIELD_HERTZ, IN_EXPERIMENT(probes.cpu_hz), .least = 1, .most = 10000,
     .words = word_no, .fallback = "off",
     .meaning = "samples of what runs on each CPU, so many a second: a profile by function and goroutine"},
    {SECTION_PROBES, "ring", FIELD_SIZE, IN_EXPERIMENT(probes.ring_bytes), .least = 64 * KIB, .most = GIB,
     .fallback = "8MiB", .meaning = "buffer between kernel and runner, all CPUs together; a power of two"},
    {SECTION_PROBES, "rate_max", FIELD_RATE, IN_EXPERIMENT(probes.rate_max), .least = 1, .most = 1000000000,
     .fallback = "2000000/s",
     .meaning = "events of goroutines, of system calls, or of timers; beyond, they are only counted"},
    {SECTION_PROBES, "trace_max", FIELD_SIZE, IN_EXPERIMENT(probes.trace_max_bytes), .least = MIB,
     .most = TIB, .fallback = "2GiB",
     .meaning = "of a trial's event stream; what is beyond is counted, not written"},

    {SECTION_ROOT, "sandbox", FIELD_SECTION, SECTION_SANDBOX, .meaning = "what a demo can reach"},
    {SECTION_SANDBOX, "network", FIELD_CHOICE, IN_EXPERIMENT(sandbox.network), .words = network_words,
     .fallback = "loopback",
     .meaning = "loopback: its own 127.0.0.1 and nothing else; host: the host's network"},
    {SECTION_SANDBOX, "filesystem", FIELD_SECTION, SECTION_FILESYSTEM, .meaning = "files of the host"},
    {SECTION_FILESYSTEM, "read", FIELD_PATHS, IN_EXPERIMENT(sandbox.read), .path_is = PATH_BOUND, .most = 64,
     .meaning = "paths that the demo may read, at the same place"},
    {SECTION_FILESYSTEM, "write", FIELD_PATHS, IN_EXPERIMENT(sandbox.write), .path_is = PATH_BOUND,
     .most = 64, .meaning = "paths that the demo may write, at the same place"},
    {SECTION_FILESYSTEM, "tmp", FIELD_SIZE, IN_EXPERIMENT(sandbox.tmp_bytes), .least = 64 * KIB,
     .most = 64 * GIB, .fallback = "64MiB", .meaning = "size of /tmp, and of /dev/shm"},
    {SECTION_SANDBOX, "seccomp", FIELD_PATH, IN_EXPERIMENT(sandbox.seccomp), .words = word_default,
     .path_is = PATH_FILE, .fallback = "default", .meaning = "default, or a profile's file"},
    {SECTION_SANDBOX, "user", FIELD_TEXT, IN_EXPERIMENT(sandbox.user), .rule = &user_rule,
     .fallback = "nobody", .meaning = "user that the demo runs as; never root"},

    {SECTION_ROOT, "demos", FIELD_DEMOS, SECTION_DEMO, .offset = offsetof(struct experiment, demos),
     .least = 1, .most = 64, .required = true, .meaning = "the programs that are compared"},
    {SECTION_DEMO, "name", FIELD_TEXT, IN_DEMO(name), .rule = &name_rule, .required = true,
     .meaning = "name of the demo; names its folder in the bundle"},
    {SECTION_DEMO, "build", FIELD_SECTION, SECTION_BUILD, .meaning = "a demo from source; or else exec"},
    {SECTION_BUILD, "go", FIELD_PATH, IN_DEMO(go_dir), .path_is = PATH_FOLDER, .required = true,
     .meaning = "folder of the Go module"},
    {SECTION_BUILD, "package", FIELD_TEXT, IN_DEMO(package), .rule = &package_rule, .fallback = ".",
     .meaning = "main package in the folder"},
    {SECTION_DEMO, "exec", FIELD_COMMAND, IN_DEMO(exec), .rule = &argument_rule, .least = 1, .most = 256,
     .meaning = "a program that exists, and its arguments; without a slash it is looked up in PATH"},
    {SECTION_DEMO, "args", FIELD_TEXTS, IN_DEMO(args), .rule = &argument_rule, .most = 256,
     .meaning = "arguments behind the program"},
    {SECTION_DEMO, "env", FIELD_ENV, IN_DEMO(env), .rule = &argument_rule, .most = 256,
     .meaning = "environment, over controls.env"},
    {SECTION_DEMO, "expect", FIELD_SECTION, SECTION_EXPECT, .meaning = "what each trial must come to"},
    {SECTION_EXPECT, "exit", FIELD_EXIT, IN_DEMO(expect), .fallback = "ok",
     .meaning = "a verdict's name, or {code: N}; exit: any code but 0"},
    {SECTION_EXPECT, "stdout", FIELD_SECTION, SECTION_STDOUT, .meaning = "what the demo must print"},
    {SECTION_STDOUT, "contains", FIELD_TEXT, IN_DEMO(expect.stdout_contains), .rule = &free_rule,
     .meaning = "a text that must stand in it"},

    {SECTION_ROOT, "baseline", FIELD_TEXT, .rule = &name_rule,
     .meaning = "name of the demo that the others are compared with; not set: the first"},

    {SECTION_ROOT, "gates", FIELD_GATES, SECTION_GATE, .offset = offsetof(struct experiment, gates),
     .least = 1, .most = 64, .meaning = "what must hold; else runner ends with 1 (fails) or 5 (not decided)"},
    {SECTION_GATE, "metric", FIELD_TEXT, IN_GATE(metric), .rule = &metric_rule,
     .meaning = "a figure of every trial, or with .p99 the tail of a distribution; or else finding"},
    {SECTION_GATE, "finding", FIELD_TEXT, IN_GATE(finding), .rule = &name_rule,
     .meaning = "an anti-pattern that trials may show"},
    {SECTION_GATE, "max", FIELD_BOUND, IN_GATE(max), .words = word_none,
     .meaning = "bound, in the metric's unit; of a finding: none, or the number of trials that may show it"},
    {SECTION_GATE, "min", FIELD_BOUND, IN_GATE(min), .meaning = "lower bound, in the metric's unit"},
    {SECTION_GATE, "against", FIELD_CHOICE, IN_GATE(against), .words = against_words,
     .meaning = "what at_most and at_least are a change of"},
    {SECTION_GATE, "at_most", FIELD_CHANGE, IN_GATE(at_most),
     .meaning = "how much more than the baseline is fine: +5%"},
    {SECTION_GATE, "at_least", FIELD_CHANGE, IN_GATE(at_least),
     .meaning = "how much less than the baseline is fine: -3%"},
    {SECTION_GATE, "of", FIELD_CHOICE, IN_GATE(of), .words = of_words, .fallback = "any",
     .meaning = "max and min hold for each trial, or for the median of all"},
    {SECTION_GATE, "demo", FIELD_TEXT, IN_GATE(demo), .rule = &name_rule,
     .meaning = "the demo that is asked; not set: each"},
};
/* clang-format on */
const size_t field_count = sizeof fields / sizeof fields[0];

const char *section_name(enum section section)
{
    return section_names[section];
}

const struct field *field_find(enum section section, const char *key, size_t length)
{
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].section == section && strlen(fields[i].key) == length &&
            memcmp(fields[i].key, key, length) == 0)
            return &fields[i];
    return NULL;
}
