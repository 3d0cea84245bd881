#include "runner/metrics/metrics.h"

#include <math.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* One row a metric, in the order of enum metric_id. */
#define SCALAR       false
#define DISTRIBUTION true
#define DETAIL       false
#define HEADLINE     true
enum { FIRST_ROW = __COUNTER__ + 1 };
/* A struct may hold an assertion, and its size may stand in a constant: the build fails where a row is
   missing or out of order. */
#define ROW(id, name, unit, trials, better, distribution, headline, meaning)                                 \
    {                                                                                                        \
        (id) + 0 * sizeof(struct {                                                                           \
                   _Static_assert((id) == __COUNTER__ - FIRST_ROW,                                           \
                                  "rows stand in the order of enum metric_id");                              \
                   int unused;                                                                               \
               }),                                                                                           \
            name, unit, trials, better, distribution, headline, meaning                                      \
    }
static const struct metric_info table[] = {
    ROW(METRIC_TIME_WALL, "time.wall", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "from execve to the end of the first process"),
    ROW(METRIC_TIME_USER, "time.user", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "CPU time of the whole group in user mode"),
    ROW(METRIC_TIME_SYSTEM, "time.system", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "CPU time of the whole group in the kernel"),
    ROW(METRIC_CPU_TIME, "cpu.time", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "CPU time of the whole group, as cpu.stat has it"),
    ROW(METRIC_CPU_THROTTLED, "cpu.throttled", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "time that cpu.max kept the group from running"),
    ROW(METRIC_CPU_THROTTLED_PERIODS_RATIO, "cpu.throttled_periods_ratio", UNIT_RATIO, METRIC_BARE,
        BETTER_LOWER, SCALAR, DETAIL, "share of the quota's periods in which the group was throttled"),
    ROW(METRIC_MEMORY_PEAK, "memory.peak", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "most memory that was charged to the group at once"),
    ROW(METRIC_MEMORY_ANON, "memory.anon", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "anonymous memory (heap, stacks) when memory was sampled highest"),
    ROW(METRIC_MEMORY_FILE, "memory.file", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "page cache and shared memory when memory was sampled highest"),
    ROW(METRIC_MEMORY_KERNEL, "memory.kernel", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "kernel memory when memory was sampled highest"),
    ROW(METRIC_PIDS_PEAK, "pids.peak", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "most tasks in the group at once"),
    ROW(METRIC_IO_READ, "io.read", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "bytes read from block devices"),
    ROW(METRIC_IO_WRITE, "io.write", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "bytes written to block devices"),
    ROW(METRIC_PSI_CPU_SOME, "psi.cpu_some", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "time in which at least one task of the group waited for a CPU"),
    ROW(METRIC_PSI_MEMORY_FULL, "psi.memory_full", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "time in which every task of the group waited for memory"),
    ROW(METRIC_PSI_IO_FULL, "psi.io_full", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "time in which every task of the group waited for block devices"),

    ROW(METRIC_LOAD_LATENCY_DUE, "load.latency_due", UNIT_NS, METRIC_BARE, BETTER_LOWER, DISTRIBUTION,
        HEADLINE, "a request was due until its right answer was complete"),
    ROW(METRIC_LOAD_LATENCY_SENT, "load.latency_sent", UNIT_NS, METRIC_BARE, BETTER_LOWER, DISTRIBUTION,
        DETAIL,
        "a request was sent until its right answer was complete; hides the time it could not be sent"),
    ROW(METRIC_LOAD_SEND_LAG, "load.send_lag", UNIT_NS, METRIC_BARE, BETTER_LOWER, DISTRIBUTION, DETAIL,
        "how late the load itself looked at a due request; above 1 ms at p99 the load is invalid"),
    ROW(METRIC_LOAD_RATE_ACHIEVED, "load.rate_achieved", UNIT_PER_S, METRIC_BARE, BETTER_HIGHER, SCALAR,
        HEADLINE, "right answers a second of the measured window"),
    ROW(METRIC_LOAD_ERRORS, "load.errors", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "requests without a right answer, by kind"),
    ROW(METRIC_LOAD_CONNECTIONS_MOST, "load.connections_most", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR,
        DETAIL, "most connections at once"),
    ROW(METRIC_LOAD_KNEE_RATE, "load.knee_rate", UNIT_PER_S, METRIC_BARE, BETTER_HIGHER, SCALAR, HEADLINE,
        "highest of the steps' rates before latency breaks or answers are missing"),
    ROW(METRIC_WINDOW_CPU_TIME, "window.cpu_time", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "CPU time of the group in the measured window of the load"),
    ROW(METRIC_WINDOW_MEMORY_PEAK, "window.memory_peak", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR,
        DETAIL, "highest sample of the group's memory in the measured window of the load"),
    ROW(METRIC_WORK_UNITS, "work.units", UNIT_COUNT, METRIC_BARE, BETTER_NEITHER, SCALAR, DETAIL,
        "units of work that were done (load.work)"),
    ROW(METRIC_WORK_CPU_PER_UNIT, "work.cpu_per_unit", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, HEADLINE,
        "CPU time for a unit of work"),
    ROW(METRIC_WORK_PER_CPU_S, "work.per_cpu_s", UNIT_PER_S, METRIC_BARE, BETTER_HIGHER, SCALAR, DETAIL,
        "units of work for a second of CPU time"),
    ROW(METRIC_GO_GC_COUNT, "go.gc.count", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "garbage collections, as the runtime counts them (polled: without the last moments)"),
    ROW(METRIC_GO_PAUSE_TOTAL, "go.pause_total", UNIT_NS, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "time that the collector stopped the world, as the runtime counts it (polled)"),
    ROW(METRIC_GO_ALLOC, "go.alloc", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "heap memory ever allocated, as the runtime counts it for the collector (polled)"),
    ROW(METRIC_GO_HEAP_PEAK, "go.heap_peak", UNIT_BYTES, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "largest live heap that a sample has seen (polled)"),
    ROW(METRIC_GO_GOROUTINES_CREATED, "go.goroutines_created", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR,
        DETAIL, "goroutines ever created, main and the runtime's own included (polled)"),
    ROW(METRIC_GO_THREADS, "go.threads", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "threads that the runtime has made (polled)"),
    ROW(METRIC_GO_SCHEDULES, "go.schedules", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "times that a P took up another goroutine (polled)"),
    ROW(METRIC_GO_SYSCALLS, "go.syscalls", UNIT_COUNT, METRIC_BARE, BETTER_LOWER, SCALAR, DETAIL,
        "system calls that goroutines returned from (polled)"),
    ROW(METRIC_NET_PACKETS_IN, "net.packets_in", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "packets that arrived in the sandbox's network; loopback merges them"),
    ROW(METRIC_NET_PACKETS_OUT, "net.packets_out", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR,
        DETAIL, "packets that were sent in the sandbox's network; loopback merges them"),
    ROW(METRIC_NET_PAYLOAD_IN, "net.payload_in", UNIT_BYTES, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "payload of TCP and UDP that arrived"),
    ROW(METRIC_NET_PAYLOAD_OUT, "net.payload_out", UNIT_BYTES, METRIC_OBSERVED, BETTER_NEITHER, SCALAR,
        DETAIL, "payload of TCP and UDP that was sent, retransmits included"),
    ROW(METRIC_NET_DROPS, "net.drops", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "packets that the kernel freed instead of delivering"),
    ROW(METRIC_NET_RETRANSMITS, "net.retransmits", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "TCP segments that were sent again"),
    ROW(METRIC_NET_RETRANSMITTED, "net.retransmitted", UNIT_BYTES, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "payload in them"),
    ROW(METRIC_NET_XDP_ERRORS, "net.xdp_errors", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "packets that an XDP program aborted or could not redirect"),
    ROW(METRIC_PROFILE_SAMPLES, "profile.samples", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR,
        DETAIL, "samples of the CPU profile, each for a period of CPU time"),
    ROW(METRIC_PROFILE_LOST, "profile.lost", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "samples that its buffer refused or its tree had no room for"),
    ROW(METRIC_PROFILE_CUT, "profile.cut", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "samples whose stack was not followed to its end"),
    ROW(METRIC_PROFILE_STACK_DEPTH, "profile.stack_depth", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER,
        SCALAR, DETAIL, "functions in a sample's stack, on average"),

    ROW(METRIC_SCHED_RUN_QUEUE_LATENCY, "sched.run_queue_latency", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, HEADLINE, "a thread's wake-up or preemption until a CPU runs it; throttling excluded"),
    ROW(METRIC_SCHED_ON_CPU, "sched.on_cpu", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "time on a CPU, all threads together"),
    ROW(METRIC_SCHED_OFF_CPU, "sched.off_cpu", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "time off the CPU, all threads together: blocked, in a run queue, or throttled"),
    ROW(METRIC_SCHED_THROTTLED, "sched.throttled", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "time that threads were kept from running by cpu.max, all threads together"),
    ROW(METRIC_SCHED_SWITCHES, "sched.switches", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that a thread left a CPU"),
    ROW(METRIC_SCHED_SWITCHES_VOLUNTARY, "sched.switches.voluntary", UNIT_COUNT, METRIC_OBSERVED,
        BETTER_LOWER, SCALAR, DETAIL, "times that a thread left a CPU because it blocked or ended"),
    ROW(METRIC_SCHED_SWITCHES_INVOLUNTARY, "sched.switches.involuntary", UNIT_COUNT, METRIC_OBSERVED,
        BETTER_LOWER, SCALAR, DETAIL, "times that a thread left a CPU while it could have gone on"),
    ROW(METRIC_SCHED_MIGRATIONS, "sched.migrations", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "times that a thread ran on another CPU than the time before"),
    ROW(METRIC_SCHED_THREADS_PEAK, "sched.threads_peak", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "most threads alive at once"),

    ROW(METRIC_GOROUTINES_CREATED, "goroutines.created", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        HEADLINE, "goroutines that were started; the runtime's own are not counted"),
    ROW(METRIC_GOROUTINES_EXITED, "goroutines.exited", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR,
        DETAIL, "goroutines that returned"),
    ROW(METRIC_GOROUTINES_PEAK, "goroutines.peak", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        HEADLINE, "most goroutines alive at once"),
    ROW(METRIC_GOROUTINES_ALIVE_AT_END, "goroutines.alive_at_end", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER,
        SCALAR, HEADLINE, "created less exited: what the end of the process cut off"),
    ROW(METRIC_GOROUTINES_RUNTIME, "goroutines.runtime", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR,
        DETAIL, "the runtime's own goroutines (collector, finalizers, ...)"),
    ROW(METRIC_GOROUTINES_LEAKED, "goroutines.leaked", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        HEADLINE, "alive and blocked at the end; neither main nor the runtime's"),
    ROW(METRIC_GOROUTINES_PARKS, "goroutines.parks", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "times that a goroutine blocked, by wait reason"),
    ROW(METRIC_GOROUTINES_YIELDS, "goroutines.yields", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL,
        "times that a goroutine gave up its P and stayed runnable: it called for it, was preempted, ..."),
    ROW(METRIC_GOROUTINES_CORO_SWITCHES, "goroutines.coro_switches", UNIT_COUNT, METRIC_OBSERVED,
        BETTER_NEITHER, SCALAR, DETAIL, "times that one side of an iter.Pull gave its thread to the other"),
    ROW(METRIC_GOROUTINES_CREATE_PER_S, "goroutines.create_per_s", UNIT_PER_S, METRIC_OBSERVED, BETTER_LOWER,
        SCALAR, DETAIL, "goroutines started a second of the demo's life"),
    ROW(METRIC_GOROUTINES_PARK_PER_S, "goroutines.park_per_s", UNIT_PER_S, METRIC_OBSERVED, BETTER_LOWER,
        SCALAR, DETAIL, "parks a second of the demo's life"),
    ROW(METRIC_GOROUTINES_READY_PER_S, "goroutines.ready_per_s", UNIT_PER_S, METRIC_OBSERVED, BETTER_NEITHER,
        SCALAR, DETAIL, "goroutines made runnable again a second of the demo's life"),
    ROW(METRIC_GOROUTINES_BLOCK_TIME, "goroutines.block_time", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER,
        DISTRIBUTION, DETAIL, "a goroutine's park until it is runnable again, by wait reason"),
    ROW(METRIC_GOROUTINES_WAKE_LATENCY, "goroutines.wake_latency", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, HEADLINE, "a goroutine was made runnable until it runs"),
    ROW(METRIC_GOROUTINES_WAKE_GO_QUEUE, "goroutines.wake_go_queue", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, DETAIL, "of a wake latency: in the queues of Go's scheduler"),
    ROW(METRIC_GOROUTINES_WAKE_RUN_QUEUE, "goroutines.wake_run_queue", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, DETAIL, "of a wake latency: the thread that runs it waited for a CPU"),
    ROW(METRIC_GOROUTINES_WAKE_THROTTLED, "goroutines.wake_throttled", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, DETAIL, "of a wake latency: cpu.max kept off the thread that runs it"),
    ROW(METRIC_GOROUTINES_RUN_SLICE, "goroutines.run_slice", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER,
        DISTRIBUTION, DETAIL, "a goroutine runs until it parks, yields, is preempted or returns"),
    ROW(METRIC_GOROUTINES_LIFE, "goroutines.life", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER, DISTRIBUTION,
        DETAIL, "a goroutine's creation until it returns"),

    ROW(METRIC_GC_COUNT, "gc.count", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, HEADLINE,
        "garbage collections that were completed"),
    ROW(METRIC_GC_CYCLE_TIME, "gc.cycle_time", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION, DETAIL,
        "a collection's start of marking until its end"),
    ROW(METRIC_GC_STW_TIME, "gc.stw_time", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION, DETAIL,
        "the world was asked to stop until it was started again, by reason"),
    ROW(METRIC_GC_HEAP_GOAL, "gc.heap_goal", UNIT_BYTES, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "largest heap size that the collector aimed for"),
    ROW(METRIC_GC_ASSIST_TIME, "gc.assist_time", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION, DETAIL,
        "time of a cycle in which goroutines had to help the collector"),
    ROW(METRIC_GC_MARK_TIME, "gc.mark_time", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION, DETAIL,
        "time of a cycle that the collector's own workers took"),
    ROW(METRIC_GC_IDLE_TIME, "gc.idle_time", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER, DISTRIBUTION, DETAIL,
        "time of a cycle that workers took on Ps with nothing else to do"),
    ROW(METRIC_GC_CPU_RATIO, "gc.cpu_ratio", UNIT_RATIO, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "share of the CPU time that the collector took, goroutines' help and idle workers included"),

    ROW(METRIC_PROC_COUNT, "proc.count", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "Ps: GOMAXPROCS, or those that were bound to an M where it is not known"),
    ROW(METRIC_PROC_BIND_TIME, "proc.bind_time", UNIT_NS, METRIC_OBSERVED, BETTER_HIGHER, DISTRIBUTION,
        DETAIL, "a P is bound to an M until it is released, handed off, or the demo ends"),
    ROW(METRIC_PROC_HANDOFFS, "proc.handoffs", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that a P was taken from an M that blocks, and from one in a system call"),
    ROW(METRIC_PROC_STEALS, "proc.steals", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "times that a P took goroutines of another one, and how many"),
    ROW(METRIC_PROC_STEALS_IN_VAIN, "proc.steals_in_vain", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "times that a P looked for goroutines of another one and found none"),
    ROW(METRIC_PROC_IDLE_RATIO, "proc.idle_ratio", UNIT_RATIO, METRIC_OBSERVED, BETTER_NEITHER, SCALAR,
        DETAIL, "share of the Ps' time in which they were bound to no M"),
    ROW(METRIC_THREAD_CREATED, "thread.created", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "threads that the runtime made, beside the first"),
    ROW(METRIC_THREAD_STARTED, "thread.started", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that the runtime wanted an M for a P, and of these to look for work"),
    ROW(METRIC_THREAD_PARKED, "thread.parked", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that an M parked because it found nothing to do"),
    ROW(METRIC_THREAD_IN_VAIN, "thread.in_vain", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that an M parked without having run a goroutine since it was woken"),
    ROW(METRIC_PREEMPT_COUNT, "preempt.count", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that a goroutine gave way to a request or was stopped"),
    ROW(METRIC_PREEMPT_FORCED, "preempt.forced", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "of these by a signal, or to scan its stack"),
    ROW(METRIC_PREEMPT_COOPERATIVE, "preempt.cooperative", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER,
        SCALAR, DETAIL, "of these at a function call, or because it blocked, yielded or ended by itself"),
    ROW(METRIC_PREEMPT_LATENCY, "preempt.latency", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION,
        DETAIL, "a P is asked for its goroutine's place until the goroutine gives it up"),
    ROW(METRIC_SYSMON_DRIFT, "sysmon.drift", UNIT_RATIO, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "how much longer sysmon slept than it had asked for"),
    ROW(METRIC_SYSMON_DRIFT_20MS, "sysmon.drift_20ms", UNIT_RATIO, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "mean distance of sysmon's sleeps from 20 ms, a period that the runtime does not have"),
    ROW(METRIC_SYSMON_SLEEP, "sysmon.sleep", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER, DISTRIBUTION, DETAIL,
        "sleeps that sysmon asked for; the longer, the less it has to do"),
    ROW(METRIC_SYSMON_SLEEP_LATE, "sysmon.sleep_late", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION,
        DETAIL, "sysmon should have woken until it was on a CPU"),
    ROW(METRIC_SYSCALLS, "syscalls", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "system calls that goroutines made through the runtime"),
    ROW(METRIC_SYSCALLS_BLOCKING, "syscalls.blocking", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR,
        DETAIL, "of these with the P taken meanwhile"),
    ROW(METRIC_SYSCALLS_TIME, "syscalls.time", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER, DISTRIBUTION, DETAIL,
        "a system call's begin until its end"),
    ROW(METRIC_NETPOLL_CALLS, "netpoll.calls", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that the runtime asked the kernel for ready descriptors, by how long it would wait"),
    ROW(METRIC_NETPOLL_READY, "netpoll.ready", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "descriptors that it was told of"),
    ROW(METRIC_NETPOLL_WAKE_LATENCY, "netpoll.wake_latency", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, DETAIL, "a descriptor was found ready until its goroutine runs"),
    ROW(METRIC_TIMERS_MADE, "timers.made", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "timers and tickers that were made"),
    ROW(METRIC_TIMERS_STOPPED, "timers.stopped", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "calls that stopped a timer"),
    ROW(METRIC_TIMERS_RESET, "timers.reset", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "calls that reset a timer"),
    ROW(METRIC_TIMERS_FIRED, "timers.fired", UNIT_COUNT, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "timers that fired, those of time.Sleep and of deadlines included"),
    ROW(METRIC_TIMERS_CREATED_PER_S, "timers.created_per_s", UNIT_PER_S, METRIC_OBSERVED, BETTER_LOWER,
        SCALAR, DETAIL, "timers and tickers that were made a second of the demo's life"),
    ROW(METRIC_TIMERS_FIRE_LATENESS, "timers.fire_lateness", UNIT_NS, METRIC_OBSERVED, BETTER_LOWER,
        DISTRIBUTION, DETAIL, "a timer was due until the runtime fired it"),
    ROW(METRIC_TIMERS_MEAN_LIFE, "timers.mean_life", UNIT_NS, METRIC_OBSERVED, BETTER_NEITHER, SCALAR, DETAIL,
        "mean time from a timer's making until it was stopped, fired, or the demo ended"),
    ROW(METRIC_LOCKS_WAITS, "locks.waits", UNIT_COUNT, METRIC_OBSERVED, BETTER_LOWER, SCALAR, DETAIL,
        "times that a goroutine went to wait for a mutex or another semaphore of the runtime"),
};
_Static_assert(COUNT_OF(table) == METRIC_ID_COUNT, "every metric has its row");

const struct metric_info *metric_info(enum metric_id id)
{
    return (unsigned)id < METRIC_ID_COUNT ? &table[id] : NULL;
}

const struct metric_info *metric_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

const char *metric_unit_name(enum metric_unit unit)
{
    static const char *const names[] = {
        [UNIT_NS] = "ns",       [UNIT_BYTES] = "bytes", [UNIT_COUNT] = "count",
        [UNIT_RATIO] = "ratio", [UNIT_PER_S] = "per_s",
    };
    return (unsigned)unit < COUNT_OF(names) ? names[unit] : "";
}

void metrics_print_reference(FILE *out)
{
    static const char *const better[] = {
        [BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher", [BETTER_NEITHER] = "-"};
    static const char *const trials[] = {[METRIC_BARE] = "bare", [METRIC_OBSERVED] = "observed"};
    fprintf(out, "%-28s %-6s %-9s %-7s %s\n", "metric", "unit", "trials", "better", "meaning");
    for (size_t i = 0; i < COUNT_OF(table); i++)
        fprintf(out, "%-28s %-6s %-9s %-7s %s%s\n", table[i].name, metric_unit_name(table[i].unit),
                trials[table[i].trials], better[table[i].better],
                table[i].distribution ? "distribution: " : "", table[i].meaning);
}

void metrics_clear(struct metrics *metrics, enum metric_id id)
{
    histogram_free(&metrics->values[id].histogram);
    json_decref(metrics->values[id].parts);
    metrics->values[id] = (struct metric_value){0};
}

void metrics_free(struct metrics *metrics)
{
    for (size_t i = 0; i < METRIC_ID_COUNT; i++)
        metrics_clear(metrics, (enum metric_id)i);
}

void metrics_set(struct metrics *metrics, enum metric_id id, double value)
{
    if (!isfinite(value)) { /* JSON has no such number */
        metrics_unknown(metrics, id, "the figure is not a finite number");
        return;
    }
    metrics->values[id].known = true;
    metrics->values[id].value = value;
    metrics->values[id].reason = NULL;
}

void metrics_unknown(struct metrics *metrics, enum metric_id id, const char *static_reason)
{
    metrics->values[id].known = false;
    metrics->values[id].value = 0;
    metrics->values[id].reason = static_reason;
}

void metrics_set_distribution(struct metrics *metrics, enum metric_id id, struct histogram *histogram,
                              const char *static_reason)
{
    if (histogram->count == 0) {
        metrics_unknown(metrics, id, static_reason);
        return;
    }
    histogram_free(&metrics->values[id].histogram);
    metrics->values[id].histogram = *histogram;
    *histogram = (struct histogram){0};
    metrics_set(metrics, id, (double)histogram_quantile(&metrics->values[id].histogram, 0.5));
}

json_t *metric_number(double value)
{
    /* 2^53: every whole number up to there has an exact double. */
    if (fabs(value) < 9007199254740992.0 && value == trunc(value))
        return json_integer((json_int_t)value);
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *value_json(const struct metric_info *info, const struct metric_value *value)
{
    json_t *json = json_object();
    json_object_set_new(json, "unit", json_string(metric_unit_name(info->unit)));
    json_object_set_new(json, "value", value->known ? metric_number(value->value) : json_null());
    if (!value->known)
        json_object_set_new(json, "reason", json_string(value->reason));
    if (value->lossy) {
        json_object_set_new(json, "lossy", json_true());
        json_object_set_new(json, "lost", metric_number((double)value->lost));
    }
    if (value->known && info->distribution)
        json_object_set_new(json, "histogram", histogram_json(&value->histogram));
    if (value->parts)
        json_object_set(json, "parts", value->parts);
    return json;
}

json_t *metrics_json(const struct metrics *metrics)
{
    json_t *json = json_object();
    for (size_t i = 0; i < METRIC_ID_COUNT; i++)
        if (metrics->values[i].known || metrics->values[i].reason)
            json_object_set_new(json, table[i].name, value_json(&table[i], &metrics->values[i]));
    return json;
}
