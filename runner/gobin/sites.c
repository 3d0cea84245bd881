#include "runner/gobin/sites.h"

#include "runner/gobin/prologue.h"

#define STATUS_CHANGE (PROLOGUE_RAX | PROLOGUE_RBX | PROLOGUE_RCX)

/*
 * Why these and not others (runtime/proc.go):
 * - acquirep and not wirep: up to Go 1.25 exitsyscallfast calls wirep for the P that it never lost.
 * - newm1 and not newosproc: with cgo, threads are made by C (asmcgocall of _cgo_thread_start).
 * - usleep is called from many loops, so the one call of sysmon is probed; it is assembly, its argument is on
 *   the stack.
 * - (*semaRoot).queue and not semacquire1, which as often as not gets the semaphore without a wait.
 * - time.startTimer took the timer; time.newTimer makes it and tells its address only when it returns.
 */
const struct version_site version_sites[] = {
    {GO_SITE_CASGSTATUS, GO_CORE, "runtime.casgstatus", STATUS_CHANGE, 19, .by_calls = true},
    {GO_SITE_GC_START, GO_CORE, "runtime.(*gcControllerState).startCycle", PROLOGUE_RAX, 19},
    {GO_SITE_GC_END, GO_CORE, "runtime.gcMarkTermination", 0, 19},
    {GO_SITE_STW_START, GO_CORE, "runtime.stopTheWorldWithSema", PROLOGUE_RAX, 19},
    {GO_SITE_STW_END, GO_CORE, "runtime.startTheWorldWithSema", 0, 19},
    {GO_SITE_PREEMPT_PARK, GO_CORE, "runtime.preemptPark", PROLOGUE_RAX, 19},
    {GO_SITE_CORO_SWITCH, GO_CORE, "runtime.coroswitch_m", PROLOGUE_RAX, 22, .optional = true},
    {GO_SITE_SYSCALL_ENTER, GO_FULL, "runtime.reentersyscall", PROLOGUE_R14, 19},
    {GO_SITE_SYSCALL_EXIT, GO_FULL, "runtime.exitsyscall", PROLOGUE_R14, 19},
    {GO_SITE_TIMER_MAKE, GO_FULL, "time.startTimer", PROLOGUE_RAX, 19, 23, .optional = true},
    {GO_SITE_TIMER_NEW, GO_FULL, "time.newTimer", PROLOGUE_R14, 23, .optional = true},
    {GO_SITE_TIMER_STOP, GO_FULL, "time.stopTimer", PROLOGUE_RAX, 19, .optional = true},
    {GO_SITE_TIMER_RESET, GO_FULL, "time.resetTimer", PROLOGUE_RAX, 19, .optional = true},
    {GO_SITE_TIMER_RUN, GO_FULL, "runtime.runOneTimer", PROLOGUE_RBX, 19, 23},
    {GO_SITE_TIMER_FIRE, GO_FULL, "runtime.(*timer).unlockAndRun", PROLOGUE_RAX, 23},
    {GO_SITE_PREEMPT_REQUEST, GO_FULL, "runtime.preemptone", PROLOGUE_RAX, 19},
    {GO_SITE_PREEMPT_ASYNC, GO_FULL, "runtime.asyncPreempt2", PROLOGUE_R14, 19},
    {GO_SITE_GOSCHED, GO_FULL, "runtime.gosched_m", PROLOGUE_RAX, 19},
    {GO_SITE_P_BIND, GO_FULL, "runtime.acquirep", PROLOGUE_RAX, 19, 26},
    {GO_SITE_P_BIND, GO_FULL, "runtime.acquirepNoTrace", PROLOGUE_RAX, 26},
    {GO_SITE_P_UNBIND, GO_FULL, "runtime.releasep", PROLOGUE_R14, 19},
    {GO_SITE_P_HANDOFF, GO_FULL, "runtime.handoffp", PROLOGUE_RAX, 19},
    {GO_SITE_M_CREATE, GO_FULL, "runtime.newm1", PROLOGUE_RAX, 19},
    {GO_SITE_M_START, GO_FULL, "runtime.startm", PROLOGUE_RAX | PROLOGUE_RBX, 19},
    {GO_SITE_M_STOP, GO_FULL, "runtime.stopm", PROLOGUE_R14, 19},
    {GO_SITE_STEAL_FROM, GO_FULL, "runtime.runqsteal", PROLOGUE_RAX | PROLOGUE_RBX, 19},
    {GO_SITE_STEAL, GO_FULL, "runtime.runqsteal", 0, 19, .place = SITE_AFTER_CALL,
     .callee = "runtime.runqgrab"},
    {GO_SITE_SYSMON_SLEEP, GO_FULL, "runtime.sysmon", 0, 19, .place = SITE_CALL, .callee = "runtime.usleep"},
    {GO_SITE_NETPOLL, GO_FULL, "runtime.netpoll", PROLOGUE_RAX, 19},
    {GO_SITE_NETPOLL_READY, GO_FULL, "runtime.netpollready", PROLOGUE_RBX | PROLOGUE_RCX, 19},
    {GO_SITE_LOCK_WAIT, GO_FULL, "runtime.(*semaRoot).queue", PROLOGUE_RBX, 19},
};
const size_t version_site_count = sizeof version_sites / sizeof version_sites[0];

bool version_has_site(uint32_t minor, const struct version_site *site)
{
    return minor >= site->from && (!site->before || minor < site->before);
}

#define KIND(name) (UINT64_C(1) << EVENT_GO_##name)

static const uint64_t kinds[GO_SITE_COUNT] = {
    [GO_SITE_CASGSTATUS] = KIND(CREATE) | KIND(RUN) | KIND(PARK) | KIND(READY) | KIND(YIELD) | KIND(UNPARK) |
                           KIND(EXIT) | KIND(STACK),
    [GO_SITE_GC_START] = KIND(GC_START),
    [GO_SITE_GC_END] = KIND(GC_END),
    [GO_SITE_STW_START] = KIND(STW_START),
    [GO_SITE_STW_END] = KIND(STW_END),
    [GO_SITE_SYSCALL_ENTER] = KIND(SYSCALL_ENTER),
    [GO_SITE_SYSCALL_EXIT] = KIND(SYSCALL_EXIT),
    [GO_SITE_TIMER_MAKE] = KIND(TIMER_MAKE),
    [GO_SITE_TIMER_STOP] = KIND(TIMER_STOP),
    [GO_SITE_TIMER_RESET] = KIND(TIMER_RESET),
    [GO_SITE_PREEMPT_PARK] = KIND(PARK),
    [GO_SITE_CORO_SWITCH] = KIND(CORO_SWITCH),
    [GO_SITE_PREEMPT_REQUEST] = KIND(PREEMPT_REQUEST),
    [GO_SITE_PREEMPT_ASYNC] = KIND(PREEMPT_ASYNC),
    [GO_SITE_GOSCHED] = KIND(GOSCHED),
    [GO_SITE_P_BIND] = KIND(P_BIND),
    [GO_SITE_P_UNBIND] = KIND(P_UNBIND),
    [GO_SITE_P_HANDOFF] = KIND(P_HANDOFF),
    [GO_SITE_M_CREATE] = KIND(M_CREATE),
    [GO_SITE_M_START] = KIND(M_START),
    [GO_SITE_M_STOP] = KIND(M_STOP),
    [GO_SITE_STEAL] = KIND(STEAL),
    [GO_SITE_STEAL_FROM] = KIND(STEAL),
    [GO_SITE_SYSMON_SLEEP] = KIND(SYSMON_SLEEP),
    [GO_SITE_NETPOLL] = KIND(NETPOLL),
    [GO_SITE_NETPOLL_READY] = KIND(NETPOLL_READY),
    [GO_SITE_TIMER_FIRE] = KIND(TIMER_FIRE),
    [GO_SITE_LOCK_WAIT] = KIND(LOCK_WAIT),
    [GO_SITE_TIMER_NEW] = KIND(TIMER_MAKE),
    [GO_SITE_TIMER_RUN] = KIND(TIMER_FIRE),
};

uint64_t site_kinds(enum go_site site)
{
    return (unsigned)site < GO_SITE_COUNT ? kinds[site] : 0;
}

uint64_t version_absent_kinds(uint32_t minor, enum go_level level)
{
    uint64_t ever = 0, here = 0;
    for (size_t i = 0; i < version_site_count; i++) {
        const struct version_site *site = &version_sites[i];
        if (site->level > level)
            continue;
        ever |= site_kinds(site->site);
        if (version_has_site(minor, site))
            here |= site_kinds(site->site);
    }
    return ever & ~here;
}
