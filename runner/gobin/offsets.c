#include "runner/gobin/offsets.h"

#include <stdio.h>
#include <string.h>

#include "runner/gobin/debuginfo.h"

#define OFFSET(structure, member, size, name, ...)                                                           \
    {                                                                                                        \
        "runtime." structure, member, size, #name, offsetof(struct version, name),                           \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }

static const struct offset rows[] = {
    OFFSET("g", "m", 8, layout.g_m, {19, 48}),
    OFFSET("g", "goid", 8, layout.g_goid, {19, 152}, {23, 160}, {25, 152}),
    OFFSET("g", "atomicstatus", 4, layout.g_status, {19, 144}, {23, 152}, {25, 144}),
    OFFSET("g", "waitreason", 1, layout.g_waitreason, {19, 176}, {23, 184}, {25, 176}),
    OFFSET("g", "startpc", 8, layout.g_startpc, {19, 312}, {21, 296}, {23, 304}, {25, 296}, {26, 304}),
    OFFSET("g", "gopc", 8, layout.g_gopc, {19, 296}, {21, 280}, {23, 288}, {25, 280}, {26, 288}),
    OFFSET("g", "parentGoid", 8, layout.g_parent_goid, {21, 272}, {23, 280}, {25, 272}, {26, 280}),
    OFFSET("g", "coroarg", 8, layout.g_coroarg, {22, 368}, {23, 384}, {25, 376}, {26, 384}),
    OFFSET("g", "sched.pc", 8, layout.g_sched_pc, {19, 64}),
    OFFSET("g", "sched.sp", 8, layout.g_sched_sp, {19, 56}),
    OFFSET("g", "sched.bp", 8, layout.g_sched_bp, {19, 104}, {25, 96}),
    OFFSET("m", "curg", 8, layout.m_curg, {19, 192}, {25, 184}),
    OFFSET("m", "p", 8, layout.m_p, {19, 208}, {25, 200}, {26, 208}),
    OFFSET("p", "id", 4, layout.p_id, {19, 0}),
    OFFSET("p", "m", 8, layout.p_m, {19, 56}, {23, 48}),
    OFFSET("p", "goidcache", 8, layout.p_goidcache, {19, 384}, {23, 376}, {26, 384}),
    OFFSET("p", "goidcacheend", 8, layout.p_goidcacheend, {19, 392}, {23, 384}, {26, 392}),
    OFFSET("timer", "when", 8, layout.timer_when, {19, 8}, {23, 16}, {25, 24}),
    OFFSET("timer", "period", 8, layout.timer_period, {19, 16}, {23, 24}, {25, 32}),
    OFFSET("pollDesc", "rg", 8, layout.poll_rg, {19, 24}, {21, 32}),
    OFFSET("pollDesc", "wg", 8, layout.poll_wg, {19, 32}, {21, 40}),
    OFFSET("gcControllerState", "lastHeapGoal", 8, layout.gc_heap_goal, {19, 128}, {21, 96}),
    OFFSET("gcControllerState", "assistTime", 8, layout.gc_assist_time, {19, 224}, {21, 192}),
    OFFSET("gcControllerState", "dedicatedMarkTime", 8, layout.gc_dedicated_time, {19, 232}, {21, 200}),
    OFFSET("gcControllerState", "fractionalMarkTime", 8, layout.gc_fractional_time, {19, 240}, {21, 208}),
    OFFSET("gcControllerState", "idleMarkTime", 8, layout.gc_idle_time, {19, 248}, {21, 216}),
    OFFSET("schedt", "goidgen", 8, offsets.sched_goidgen, {19, 0}),
    OFFSET("schedt", "mnext", 8, offsets.sched_mnext, {19, 48}, {25, 56}, {26, 72}),
    OFFSET("schedt", "nmfreed", 8, offsets.sched_nmfreed, {19, 64}, {25, 72}, {26, 88}),
    OFFSET("schedt", "nmidle", 4, offsets.sched_nmidle, {19, 40}, {25, 48}, {26, 64}),
    OFFSET("schedt", "npidle", 4, offsets.sched_npidle, {19, 88}, {25, 96}, {26, 112}),
    OFFSET("schedt", "ngsys", 4, offsets.sched_ngsys, {19, 72}, {25, 80}, {26, 96}),
    OFFSET("schedt", "nmspinning", 4, offsets.sched_nmspinning, {19, 92}, {25, 100}, {26, 116}),
    OFFSET("schedt", "gFree.n", 4, offsets.sched_gfree, {19, 176}, {21, 184}, {25, GO_ABSENT}),
    OFFSET("schedt", "gFree.stack.size", 4, offsets.sched_gfree, {25, 184}, {26, 200}),
    OFFSET("schedt", "gFree.noStack.size", 4, offsets.sched_gfree_nostack, {25, 200}, {26, 216}),
    OFFSET("p", "id", 4, offsets.p_id, {19, 0}),
    OFFSET("p", "status", 4, offsets.p_status, {19, 4}),
    OFFSET("p", "schedtick", 4, offsets.p_schedtick, {19, 16}),
    OFFSET("p", "syscalltick", 4, offsets.p_syscalltick, {19, 20}),
    OFFSET("p", "goidcache", 8, offsets.p_goidcache, {19, 384}, {23, 376}, {26, 384}),
    OFFSET("p", "goidcacheend", 8, offsets.p_goidcacheend, {19, 392}, {23, 384}, {26, 392}),
    OFFSET("p", "runqhead", 4, offsets.p_runqhead, {19, 400}, {23, 392}, {26, 400}),
    OFFSET("p", "runqtail", 4, offsets.p_runqtail, {19, 404}, {23, 396}, {26, 404}),
    OFFSET("p", "gFree.n", 4, offsets.p_gfree, {19, 2472}, {23, 2464}, {25, GO_ABSENT}),
    OFFSET("p", "gFree.size", 4, offsets.p_gfree, {25, 2464}, {26, 2472}),
    OFFSET("gcControllerState", "gcPercent", 4, offsets.gc_percent, {19, 0}),
    OFFSET("gcControllerState", "heapLive", 8, offsets.gc_heap_live, {19, 136}, {21, 104}),
    OFFSET("gcControllerState", "totalAlloc", 8, offsets.gc_total_alloc, {19, 328}, {21, 296}),
    OFFSET("gcControllerState", "gcPercentHeapGoal", 8, offsets.gc_percent_goal, {19, 104}, {21, 72}),
    OFFSET("gcControllerState", "lastHeapGoal", 8, offsets.gc_last_heap_goal, {19, 128}, {21, 96}),
    OFFSET("mstats", "numgc", 4, offsets.mem_numgc, {19, 7704}, {25, 7680}),
    OFFSET("mstats", "pause_total_ns", 8, offsets.mem_pause_total_ns, {19, 3600}, {25, 3576}),
};
#define ROWS (sizeof rows / sizeof rows[0])

size_t offset_count(void)
{
    return ROWS;
}

const struct offset *offset_at(size_t index)
{
    return &rows[index];
}

uint32_t offset_in(const struct offset *row, uint32_t minor)
{
    uint32_t offset = GO_ABSENT;
    for (size_t i = 0; i < OFFSET_CHANGES_MAX && row->changes[i].from; i++)
        if (minor >= row->changes[i].from)
            offset = row->changes[i].offset;
    return offset;
}

uint32_t offset_stated(const struct offset *row, const struct version *version)
{
    uint32_t value;
    memcpy(&value, (const char *)version + row->at, sizeof value);
    return value;
}

static void set(const struct offset *row, struct version *version, uint32_t offset)
{
    memcpy((char *)version + row->at, &offset, sizeof offset);
}

void offsets_fill(struct version *version)
{
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t offset = offset_in(&rows[i], version->minor);
        if (offset != GO_ABSENT)
            set(&rows[i], version, offset);
    }
}

static bool has(const struct offset *row, uint32_t minor)
{
    return offset_in(row, minor) != GO_ABSENT;
}

/* Sets what a Go 1.`minor` has. False where the file lacks some of it, which `missing` names. */
static bool take(const struct debuginfo_member members[ROWS], uint32_t minor, struct version *version,
                 char *missing, size_t size)
{
    bool complete = true;
    size_t used = 0;
    *missing = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (!has(&rows[i], minor))
            continue;
        complete = complete && members[i].found;
        if (members[i].found)
            set(&rows[i], version, members[i].offset);
        else if (used < size)
            used += (size_t)snprintf(missing + used, size - used, "%s%s.%s", used ? ", " : "",
                                     members[i].structure, members[i].member);
    }
    return complete;
}

static bool is_known(uint32_t minor)
{
    for (size_t v = 0; v < version_count(); v++)
        if (version_at(v) == minor)
            return true;
    return false;
}

/* The known version of whose members the file lacks the fewest; the newest of several. */
static uint32_t shaped_like(const struct debuginfo_member members[ROWS])
{
    uint32_t best = VERSION_NEWEST;
    size_t fewest = SIZE_MAX;
    for (size_t v = version_count(); v-- > 0;) {
        size_t lacking = 0;
        for (size_t i = 0; i < ROWS; i++)
            lacking += has(&rows[i], version_at(v)) && !members[i].found;
        if (lacking < fewest) {
            fewest = lacking;
            best = version_at(v);
        }
    }
    return best;
}

bool offsets_read(const struct image *image, struct version *version, char *missing, size_t size)
{
    struct debuginfo_member members[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        members[i] = (struct debuginfo_member){rows[i].structure, rows[i].member, rows[i].size};
    if (!debuginfo_read(image, members, ROWS)) {
        snprintf(missing, size, "DWARF");
        return false;
    }
    return take(members, is_known(version->minor) ? version->minor : shaped_like(members), version, missing,
                size);
}
