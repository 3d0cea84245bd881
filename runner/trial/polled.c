#include "runner/trial/polled.h"

#include <unistd.h>

#define PS_MAX 4096 /* GOMAXPROCS is at most the number of CPUs as a rule */

static const enum metric_id ids[POLLED_VALUES] = {
    [POLLED_GOROUTINES] = METRIC_GO_GOROUTINES_CREATED,
    [POLLED_THREADS] = METRIC_GO_THREADS,
    [POLLED_SCHEDULES] = METRIC_GO_SCHEDULES,
    [POLLED_SYSCALLS] = METRIC_GO_SYSCALLS,
    [POLLED_GC_COUNT] = METRIC_GO_GC_COUNT,
    [POLLED_PAUSE] = METRIC_GO_PAUSE_TOTAL,
    [POLLED_ALLOC] = METRIC_GO_ALLOC,
    [POLLED_HEAP] = METRIC_GO_HEAP_PEAK,
};

/* The demo's memory, and whether all reads of this sample have worked. */
struct memory {
    int fd;
    bool failed;
};

/* A field of 4 or 8 bytes; UINT64_MAX for one that this version has not. */
static uint64_t field(struct memory *memory, uint64_t base, uint32_t offset, size_t size)
{
    uint64_t value = 0;
    if (offset == GO_ABSENT)
        return UINT64_MAX;
    if (!base || pread(memory->fd, &value, size, (off_t)(base + offset)) != (ssize_t)size)
        memory->failed = true;
    return value;
}

static uint64_t u64(struct memory *memory, uint64_t base, uint32_t offset)
{
    return field(memory, base, offset, 8);
}

static uint64_t u32(struct memory *memory, uint64_t base, uint32_t offset)
{
    return field(memory, base, offset, 4);
}

/* What stands in each P: unused numbers of goroutines, and ticks. */
static void read_ps(struct memory *memory, uint64_t allp, const struct go_offsets *offsets,
                    uint64_t values[POLLED_VALUES])
{
    uint64_t first = u64(memory, allp, 0);
    uint64_t count = u64(memory, allp, 8);
    if (count > PS_MAX)
        memory->failed = true;
    for (uint64_t i = 0; i < count && !memory->failed; i++) {
        uint64_t p = u64(memory, first, (uint32_t)(8 * i));
        values[POLLED_GOROUTINES] -=
            u64(memory, p, offsets->p_goidcacheend) - u64(memory, p, offsets->p_goidcache);
        values[POLLED_SCHEDULES] += u32(memory, p, offsets->p_schedtick);
        values[POLLED_SYSCALLS] += u32(memory, p, offsets->p_syscalltick);
    }
}

void polled_sample(struct polled *polled, int fd, uint64_t bias, const struct gobin *binary, uint64_t now_ns)
{
    const struct gobin_variables *at = gobin_variables(binary);
    const struct go_offsets *offsets = gobin_offsets(binary);
    if (!offsets || !at->sched || !at->allp || !at->memstats || !at->gc_controller)
        return;
    struct memory memory = {.fd = fd};
    uint64_t sched = at->sched + bias, memstats = at->memstats + bias, gc = at->gc_controller + bias;
    uint64_t values[POLLED_VALUES] = {
        [POLLED_GOROUTINES] = u64(&memory, sched, offsets->sched_goidgen),
        [POLLED_THREADS] = u64(&memory, sched, offsets->sched_mnext),
        [POLLED_GC_COUNT] = u32(&memory, memstats, offsets->mem_numgc),
        [POLLED_PAUSE] = u64(&memory, memstats, offsets->mem_pause_total_ns),
        [POLLED_ALLOC] = u64(&memory, gc, offsets->gc_total_alloc),
        [POLLED_HEAP] = u64(&memory, gc, offsets->gc_heap_live),
    };
    read_ps(&memory, at->allp + bias, offsets, values);
    if (memory.failed)
        return;
    if (polled->samples && values[POLLED_HEAP] < polled->values[POLLED_HEAP])
        values[POLLED_HEAP] = polled->values[POLLED_HEAP];
    for (size_t i = 0; i < POLLED_VALUES; i++)
        polled->values[i] = values[i];
    polled->last_ns = now_ns;
    polled->samples++;
}

void polled_metrics(const struct polled *polled, uint64_t start_ns, uint64_t end_ns, const char *why,
                    struct metrics *metrics)
{
    uint64_t life = end_ns - start_ns;
    bool stale = polled->samples && end_ns > polled->last_ns && end_ns - polled->last_ns > life / 4;
    for (size_t i = 0; i < POLLED_VALUES; i++) {
        if (!polled->samples)
            metrics_unknown(metrics, ids[i], why);
        else if (stale)
            metrics_unknown(metrics, ids[i], "the last sample was taken too long before the end");
        else if (polled->values[i] == UINT64_MAX)
            metrics_unknown(metrics, ids[i], "this Go version has no such counter");
        else
            metrics_set(metrics, ids[i], (double)polled->values[i]);
    }
}

json_t *polled_json(const struct polled *polled, uint64_t end_ns)
{
    uint64_t before = polled->samples && end_ns > polled->last_ns ? end_ns - polled->last_ns : 0;
    return json_pack("{s: I, s: o}", "samples", (json_int_t)polled->samples, "before_end_ns",
                     polled->samples ? json_integer((json_int_t)before) : json_null());
}
