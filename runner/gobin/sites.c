#include "runner/gobin/sites.h"

#include "runner/gobin/prologue.h"

#define STATUS_CHANGE (PROLOGUE_RAX | PROLOGUE_RBX | PROLOGUE_RCX)

/*
 * Why these and not others (runtime/proc.go):
 * - acquirep and not wirep: up to Go 1.25 exitsyscallfast calls wirep for the P that it never lost.
 * - newm1 and not newosproc: with cgo, threads are made by C (asmcgocall of _cgo_thread_start).
 * - usleep is called from many loops, so the one call of sysmon is probed; it is assembly, its argument is on
 *   the stack.
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
    {GO_SITE_LOCK_WAIT, GO_FULL, "runtime.semacquire1", PROLOGUE_RAX, 19},
};
const size_t version_site_count = sizeof version_sites / sizeof version_sites[0];

bool version_has_site(uint32_t minor, const struct version_site *site)
{
    return minor >= site->from && (!site->before || minor < site->before);
}
