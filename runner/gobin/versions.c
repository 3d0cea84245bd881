#include "runner/gobin/versions.h"

#include <stdio.h>
#include <string.h>

#include "runner/gobin/prologue.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define STATUS_CHANGE (PROLOGUE_RAX | PROLOGUE_RBX | PROLOGUE_RCX)

const struct version_site version_sites[] = {
    {GO_SITE_CASGSTATUS, GO_CORE, "runtime.casgstatus", STATUS_CHANGE, false, 19, 0},
    {GO_SITE_GC_START, GO_CORE, "runtime.(*gcControllerState).startCycle", PROLOGUE_RAX, false, 19, 0},
    {GO_SITE_GC_END, GO_CORE, "runtime.gcMarkTermination", 0, false, 19, 0},
    {GO_SITE_STW_START, GO_CORE, "runtime.stopTheWorldWithSema", PROLOGUE_RAX, false, 19, 0},
    {GO_SITE_STW_END, GO_CORE, "runtime.startTheWorldWithSema", 0, false, 19, 0},
    {GO_SITE_PREEMPT_PARK, GO_CORE, "runtime.preemptPark", PROLOGUE_RAX, false, 19, 0},
    {GO_SITE_SYSCALL_ENTER, GO_FULL, "runtime.reentersyscall", PROLOGUE_R14, false, 19, 0},
    {GO_SITE_SYSCALL_EXIT, GO_FULL, "runtime.exitsyscall", PROLOGUE_R14, false, 19, 0},
    {GO_SITE_TIMER_MAKE, GO_FULL, "time.startTimer", PROLOGUE_RAX, true, 19, 23},
    {GO_SITE_TIMER_MAKE, GO_FULL, "time.newTimer", PROLOGUE_RAX, true, 23, 0},
    {GO_SITE_TIMER_STOP, GO_FULL, "time.stopTimer", PROLOGUE_RAX, true, 19, 0},
    {GO_SITE_TIMER_RESET, GO_FULL, "time.resetTimer", PROLOGUE_RAX, true, 19, 0},
};
const size_t version_site_count = COUNT(version_sites);

bool version_has_site(uint32_t minor, const struct version_site *site)
{
    return minor >= site->from && (!site->before || minor < site->before);
}

static const char *const wait_reasons_19[] = {
    [0] = "",
    [1] = "GC assist marking",
    [2] = "IO wait",
    [3] = "chan receive (nil chan)",
    [4] = "chan send (nil chan)",
    [5] = "dumping heap",
    [6] = "garbage collection",
    [7] = "garbage collection scan",
    [8] = "panicwait",
    [9] = "select",
    [10] = "select (no cases)",
    [11] = "GC assist wait",
    [12] = "GC sweep wait",
    [13] = "GC scavenge wait",
    [14] = "chan receive",
    [15] = "chan send",
    [16] = "finalizer wait",
    [17] = "force gc (idle)",
    [18] = "semacquire",
    [19] = "sleep",
    [20] = "sync.Cond.Wait",
    [21] = "timer goroutine (idle)",
    [22] = "trace reader (blocked)",
    [23] = "wait for GC cycle",
    [24] = "GC worker (idle)",
    [25] = "preempted",
    [26] = "debug call",
};

static const char *const wait_reasons_23[] = {
    [0] = "",
    [1] = "GC assist marking",
    [2] = "IO wait",
    [3] = "chan receive (nil chan)",
    [4] = "chan send (nil chan)",
    [5] = "dumping heap",
    [6] = "garbage collection",
    [7] = "garbage collection scan",
    [8] = "panicwait",
    [9] = "select",
    [10] = "select (no cases)",
    [11] = "GC assist wait",
    [12] = "GC sweep wait",
    [13] = "GC scavenge wait",
    [14] = "chan receive",
    [15] = "chan send",
    [16] = "finalizer wait",
    [17] = "force gc (idle)",
    [18] = "semacquire",
    [19] = "sleep",
    [20] = "sync.Cond.Wait",
    [21] = "sync.Mutex.Lock",
    [22] = "sync.RWMutex.RLock",
    [23] = "sync.RWMutex.Lock",
    [24] = "trace reader (blocked)",
    [25] = "wait for GC cycle",
    [26] = "GC worker (idle)",
    [27] = "GC worker (active)",
    [28] = "preempted",
    [29] = "debug call",
    [30] = "GC mark termination",
    [31] = "stopping the world",
    [32] = "flushing proc caches",
    [33] = "trace goroutine status",
    [34] = "trace proc status",
    [35] = "page trace flush",
    [36] = "coroutine",
    [37] = "GC weak to strong wait",
};

/* Equal numbers from Go 1.21 on. */
static const char *const stw_reasons_21[] = {
    [0] = "unknown",
    [1] = "GC mark termination",
    [2] = "GC sweep termination",
    [3] = "write heap dump",
    [4] = "goroutine profile",
    [5] = "goroutine profile cleanup",
    [6] = "all goroutines stack trace",
    [7] = "read mem stats",
    [8] = "AllThreadsSyscall",
    [9] = "GOMAXPROCS",
    [10] = "start trace",
    [11] = "stop trace",
    [12] = "CountPagesInUse (test)",
    [13] = "ReadMetricsSlow (test)",
    [14] = "ReadMemStatsSlow (test)",
    [15] = "PageCachePagesLeaked (test)",
    [16] = "ResetDebugLog (test)",
};

static const struct version_row rows[] = {
    {
        .minor = 19,
        .layout = {.g_m = 48,
                   .g_goid = 152,
                   .g_waitreason = 176,
                   .g_startpc = 312,
                   .g_gopc = 296,
                   .g_parent_goid = 0,
                   .m_curg = 192,
                   .m_p = 208,
                   .p_goidcache = 384,
                   .p_goidcacheend = 392,
                   .goid_stale = 1,
                   .gc_heap_goal = 128,
                   .tls_g = -8,
                   .preempted_reason = 25},
        .wait_reasons = wait_reasons_19,
        .wait_reason_count = COUNT(wait_reasons_19),
    },
    {
        .minor = 23,
        .layout = {.g_m = 48,
                   .g_goid = 160,
                   .g_waitreason = 184,
                   .g_startpc = 304,
                   .g_gopc = 288,
                   .g_parent_goid = 280,
                   .m_curg = 192,
                   .m_p = 208,
                   .p_goidcache = 376,
                   .p_goidcacheend = 384,
                   .goid_stale = 1,
                   .stw_has_reason = 1,
                   .gc_heap_goal = 96,
                   .tls_g = -8,
                   .preempted_reason = 28},
        .wait_reasons = wait_reasons_23,
        .wait_reason_count = COUNT(wait_reasons_23),
        .stw_reasons = stw_reasons_21,
        .stw_reason_count = COUNT(stw_reasons_21),
    },
};

const struct version_row *version_find(uint32_t minor)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].minor == minor)
            return &rows[i];
    return NULL;
}

void version_list(char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < COUNT(rows) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s1.%u", i ? ", " : "", rows[i].minor);
}

uint32_t version_minor(const char *version)
{
    if (strncmp(version, "go1.", 4) != 0)
        return 0;
    uint32_t minor = 0;
    const char *at = version + 4;
    for (; *at >= '0' && *at <= '9' && minor < 1000; at++)
        minor = minor * 10 + (uint32_t)(*at - '0');
    bool ends =
        *at == 0 || *at == '.' || *at == ' ' || strncmp(at, "rc", 2) == 0 || strncmp(at, "beta", 4) == 0;
    return ends ? minor : 0;
}
