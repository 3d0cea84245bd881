#include "tests/accuracy/cases.h"

#include <math.h>
#include <string.h>

#define ANY      INFINITY
#define START    "main waits up to twice for goroutines of the collector (runtime/mgc.go, gcenable)"
#define LOAD     "the machine's other load may take a P from a system call that takes long"
#define AT_LEAST "the scheduler may do it once more for reasons of its own"
#define NO_CAUSE "before Go 1.21 the runtime gives no reason for stopping the world"

const struct program programs[] = {
    {"none", .baseline = true},
    {"spawn", .core = true},
    {"crowd", .core = true},
    {"grows", .core = true},
    {"leaks", .core = true},
    {"yields"},
    {"churn"},
    {"parks", .core = true},
    {"sleeps", .core = true},
    {"pingpong", .core = true},
    {"buffered", .core = true},
    {"collects", .core = true},
    {"locks"},
    {"interrupts"},
    {"turns"},
    {"writes"},
    {"blocks"},
    {"echo"},
    {"timers"},
    {"tickers"},
    {"steals"},
    {"threads"},
    {"coroutines", .since = 23, .why = "iter.Pull came with Go 1.23"},
    {"calls", .linked = "cgo", .why = "calls of C need cgo"},
    {"pthreads", LANGUAGE_C}, /* the first one also waits for what is read from the disk */
    {"bounces", LANGUAGE_C},
    {"spins", LANGUAGE_C},
    {"naps", LANGUAGE_C},
    {"idle", LANGUAGE_C, .baseline = true},
};
const size_t program_count = sizeof programs / sizeof *programs;

const struct fact facts[] = {
    {NULL, "alive at the end", "goroutines.alive_at_end", "alive"},
    {"spawn", "created, the runtime's own too", "goroutines.created + goroutines.runtime", "ever",
     .since = 26, .why = "the runtime tells how many it ever made from Go 1.26 on"},

    {"spawn", "created", "goroutines.created", "created"},
    {"spawn", "exited", "goroutines.exited", "made"},
    {"spawn", "leaked", "goroutines.leaked", "leaked"},
    {"churn", "created", "goroutines.created", "created"},
    {"churn", "exited", "goroutines.exited", "made"},
    {"churn", "leaked", "goroutines.leaked", "leaked"},
    {"churn", "stops of the world", "gc.stw_time/histogram/n", "stops"},
    {"crowd", "peak", "goroutines.peak", "peak"},
    {"grows", "created", "goroutines.created", "created"},
    {"grows", "exited", "goroutines.exited", "made"},
    {"leaks", "leaked", "goroutines.leaked", "leaked"},
    {"yields", "called", "goroutines.yields/parts/called", "yields"},

    {"parks", "chan receive", "goroutines.parks/parts/chan receive", "receive", .above = 2,
     .tolerance = START},
    {"parks", "chan send", "goroutines.parks/parts/chan send", "send"},
    {"parks", "select", "goroutines.parks/parts/select", "select"},
    {"parks", "sync.Cond.Wait", "goroutines.parks/parts/sync.Cond.Wait", "cond"},
    {"parks", "select, waits that ended", "goroutines.block_time/parts/select/n", "select"},
    {"sleeps", "sleep", "goroutines.parks/parts/sleep", "sleeps"},
    {"sleeps", "sleep, waits that ended", "goroutines.block_time/parts/sleep/n", "sleeps"},
    {"sleeps", "half of them at least", "goroutines.block_time/parts/sleep/p50", "least_ns", .above = ANY,
     .share = 0.5,
     .tolerance = "the runtime notes when to wake before it parks, and on a busy machine wakes late"},
    {"pingpong", "parks", "goroutines.parks/parts/select", "parks"},
    {"pingpong", "waits that ended", "goroutines.block_time/parts/select/n", "parks"},
    {"buffered", "chan send", "goroutines.parks/parts/chan send", "send"},
    {"locks", "waits", "locks.waits", "waits", .above = 3,
     .tolerance = "one that was woken may find the mutex taken, and wait again"},

    {"collects", "cycles", "gc.count", "cycles"},
    {"collects", "cycle times", "gc.cycle_time/histogram/n", "cycles"},
    {"collects", "stops of the world", "gc.stw_time/histogram/n", "stops"},
    {"collects", "mark terminations", "gc.stw_time/parts/GC mark termination/n", "cycles", .since = 21,
     .why = NO_CAUSE},
    {"collects", "sweep terminations", "gc.stw_time/parts/GC sweep termination/n", "cycles", .since = 21,
     .why = NO_CAUSE},
    {"collects", "heap goal", "gc.heap_goal", "goal", .below = 512, .above = 512,
     .tolerance = "the goal moves by some bytes between the collection's end and the program's look"},
    {"interrupts", "cycles", "gc.count", "cycles"},
    {"interrupts", "preempted", "preempt.count", "preempted", .above = ANY, .tolerance = AT_LEAST},
    {"turns", "preempted", "preempt.count", "preempted", .above = ANY, .tolerance = AT_LEAST},

    {"writes", "system calls", "syscalls", "calls", .less_none = true},
    {"blocks", "system calls", "syscalls", "calls", .less_none = true},
    {"blocks", "blocking ones", "syscalls.blocking", "blocking", .above = ANY, .most_procs = 1,
     .tolerance = LOAD, .why = "with a P to spare nobody needs that of the call"},
    {"blocks", "hand-offs", "proc.handoffs/parts/syscall", "blocking", .above = ANY, .most_procs = 1,
     .tolerance = LOAD, .why = "with a P to spare nobody needs that of the call"},
    {"echo", "descriptors ready", "netpoll.ready", "ready", .above = 8, .share = 0.05,
     .tolerance = "setting up and closing; what becomes ready twice between two looks is told once"},
    {"echo", "IO wait", "goroutines.parks/parts/IO wait", "ready", .above = 8, .share = 0.6,
     .tolerance = "whoever finds its byte there does not wait; setting up and closing the connection"},
    {"timers", "made", "timers.made", "made"},
    {"timers", "stopped", "timers.stopped", "stopped"},
    {"timers", "reset", "timers.reset", "reset"},
    {"timers", "fired", "timers.fired", "fired"},
    {"tickers", "made", "timers.made", "made"},
    {"tickers", "stopped", "timers.stopped", "stopped"},
    {"tickers", "fired", "timers.fired", "ticks", .above = ANY,
     .tolerance = "a ticker whose reader is late fires for nobody"},
    {"steals", "stolen", "proc.steals/parts/goroutines", "stolen", .most_procs = 1,
     .why = "see below for more Ps than one"},
    {"steals", "stolen, several Ps", "proc.steals/parts/goroutines", "elsewhere", .below = 2, .above = ANY,
     .least_procs = 2, .why = "one P has nobody to steal from",
     .tolerance =
         "some are stolen twice, and the runtime's own, too; its maker may change the P before it is "
         "put into a queue"},
    {"threads", "made", "thread.created", "made"},
    {"coroutines", "switches", "goroutines.coro_switches", "switches"},
    {"calls", "system calls", "syscalls", "calls", .less_none = true, .below = 0, .above = 2,
     .tolerance = "each call of C enters the scheduler as a system call does; C's own set-up may, too"},

    {"idle", "threads at once", "sched.threads_peak", "done"},
    {"naps", "switches, at least", "sched.switches.voluntary", "switches_least", .above = ANY,
     .tolerance = "it also waits for what is read from the disk when it is started"},
    {"naps", "switches, at most", "sched.switches.voluntary", "switches_most", .below = ANY, .above = 2,
     .tolerance = "the kernel's own count begins before the trial does; the program's end may wait, too, "
                  "after it was read"},
    {"naps", "off the CPU, at least", "sched.off_cpu/parts/blocked", "slept_least", .above = ANY,
     .tolerance = "a nap may be longer than asked for"},
    {"naps", "off the CPU, at most", "sched.off_cpu/parts/blocked", "slept_most", .below = ANY, .above = 20e6,
     .tolerance = "the program's clock runs while it is on a CPU, too, but not when the program is started"},
    {"bounces", "migrations", "sched.migrations", "migrations", .above = 1,
     .tolerance = "the kernel may move it once before it is held to a CPU"},
    {"spins", "CPU time, at least", "sched.on_cpu", "cpu_ns", .above = ANY, .share = 0.01,
     .tolerance = "interrupts, and what the host takes away, are no CPU time of the program"},
    {"spins", "CPU time, at most", "sched.on_cpu", "wall_ns", .less_none = true, .below = ANY, .above = 20e6,
     .tolerance =
         "the program's clock runs while it is off the CPU, too; to start it takes now more, now less"},
    {"pthreads", "threads at once", "sched.threads_peak", "peak"},
};
const size_t fact_count = sizeof facts / sizeof *facts;

const char *program_missing(const struct program *program, int minor, const char *linking)
{
    if ((program->language == LANGUAGE_C) != (minor == 0))
        return "";
    if (program->since > minor || (program->linked && strcmp(program->linked, linking) != 0))
        return program->why;
    return NULL;
}

const char *fact_missing(const struct fact *fact, int minor, int procs)
{
    bool there = minor >= fact->since && (!fact->until || minor <= fact->until) &&
                 procs >= fact->least_procs && (!fact->most_procs || procs <= fact->most_procs);
    return there ? NULL : fact->why;
}

bool fact_of(const struct fact *fact, const struct program *program)
{
    if (fact->mode)
        return strcmp(fact->mode, program->mode) == 0;
    return program->language == LANGUAGE_GO;
}
