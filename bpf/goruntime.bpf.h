/*
 * The Go runtime's own structures, read by the programs at its functions, and records that name a goroutine.
 * Sources: runtime/runtime2.go (g, m, p).
 *
 * Reading user memory is the dearest part of an event (230 of 590 ns here), so what stays the same while its
 * structure lives is read once: a goroutine's id from creation to exit, a P's always. Direct-mapped by
 * address, without a lock: a slot holds key ^ mix(number) beside the number, so that halves of two writers
 * fail the check (after Hyatt and Mann, A lockless transposition table, 2002). A goroutine's slot ends with
 * it; arming clears all. The lower 16 bits count the goroutine's parks; only the thread that it runs on does.
 */
#ifndef BPF_GORUNTIME_BPF_H
#define BPF_GORUNTIME_BPF_H

#include "bpf/goroutine.bpf.h"

struct number_slot numbers[NUMBER_SLOTS] SEC(".bss");

#define GOLDEN_RATIO 0x9e3779b97f4a7c15ULL
#define PARKS_BITS   16
#define PARKS_MASK   ((1ULL << PARKS_BITS) - 1)
#define NO_PROC      (~0U)

static __always_inline __u32 read_u32(__u64 address)
{
    __u32 value = 0;
    bpf_probe_read_user(&value, sizeof value, (void *)address);
    return value;
}

static __always_inline __u8 read_u8(__u64 address)
{
    __u8 value = 0;
    bpf_probe_read_user(&value, sizeof value, (void *)address);
    return value;
}

static __always_inline __u64 number_key(__u64 address)
{
    return address >> 4 ^ (__u64)current_tgid() << 42;
}

static __always_inline volatile struct number_slot *number_slot(__u64 key)
{
    __u64 index = key * GOLDEN_RATIO >> 32;
    barrier_var(index);
    return &numbers[index & (NUMBER_SLOTS - 1)];
}

/* 0: not there. */
static __always_inline __u64 recall(const volatile struct number_slot *slot, __u64 key)
{
    __u64 number = slot->word >> PARKS_BITS;
    return (slot->check ^ number * GOLDEN_RATIO) == key ? number : 0;
}

static __always_inline void remember(volatile struct number_slot *slot, __u64 key, __u64 number)
{
    slot->word = number << PARKS_BITS;
    slot->check = key ^ number * GOLDEN_RATIO;
}

static __always_inline void forget(__u64 g)
{
    number_slot(number_key(g))->check = 0;
}

static __always_inline __u64 read_goid(const struct go_layout *layout, __u64 g)
{
    __u64 key = number_key(g);
    volatile struct number_slot *slot = number_slot(key);
    __u64 id = recall(slot, key);
    if (id)
        return id;
    id = read_u64(g + layout->g_goid);
    if (id) /* else unreadable now: the page is not there */
        remember(slot, key, id);
    return id;
}

/* The same of a goroutine that another thread runs: it may end meanwhile, behind the forget(), and its g get
   the next id. What is there is right; nothing is kept. */
static __always_inline __u64 peek_goid(const struct go_layout *layout, __u64 g)
{
    __u64 key = number_key(g);
    __u64 id = recall(number_slot(key), key);
    return id ? id : read_u64(g + layout->g_goid);
}

/* Ps count from 0, hence one more in the cache. */
static __always_inline __u32 read_proc(const struct go_layout *layout, __u64 p)
{
    if (!p)
        return NO_PROC;
    __u64 key = number_key(p);
    volatile struct number_slot *slot = number_slot(key);
    __u64 number = recall(slot, key);
    if (!number) {
        number = read_u32(p + layout->p_id) + 1ULL;
        remember(slot, key, number);
    }
    return number - 1;
}

/* The number of this park among the goroutine's, whose slot read_goid() has just filled; 0: too many. */
static __always_inline __u32 count_park(__u64 g)
{
    volatile struct number_slot *slot = number_slot(number_key(g));
    __u64 word = slot->word;
    if ((word & PARKS_MASK) == PARKS_MASK)
        return 0;
    slot->word = word + 1;
    return (word + 1) & PARKS_MASK;
}

/* The M of the thread, also where R14 is its g0 (system stack). */
static __always_inline __u64 current_m(const struct pt_regs *regs, const struct go_layout *layout)
{
    return read_u64(REGISTER(regs, r14) + layout->g_m);
}

/* The goroutine that runs on an M; 0: none. */
static __always_inline __u64 user_goid(const struct go_layout *layout, __u64 m)
{
    __u64 g = m ? read_u64(m + layout->m_curg) : 0;
    return g ? read_goid(layout, g) : 0;
}

/* Kinds that are counted and make no event, bit 1 << kind: they came too often (bpf/counts.h). */
__u64 counted_kinds SEC(".bss");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
    __uint(max_entries, COUNTS_MAX);
    __type(key, struct count_key);
    __type(value, __u64);
} counts SEC(".maps");

static __always_inline bool is_counted(__u16 kind)
{
    return counted_kinds >> (kind & (EVENT_KIND_COUNT - 1)) & 1;
}

static __always_inline void count_kind(__u64 *kinds, __u16 kind)
{
    __u64 slot = kind;
    barrier_var(slot); /* as in event_reserve() */
    __sync_fetch_and_add(&kinds[slot & (EVENT_KIND_COUNT - 1)], 1);
}

/* A change of status that makes no event. Where there is no room for its row, it is a lost one. */
static __always_inline int go_count(struct cpu_counters *cpu, const struct go_layout *layout, __u16 kind,
                                    __u64 g, __u32 reason)
{
    const __u64 none = 0;
    struct count_key key = {.start_pc = read_u64(g + layout->g_startpc), .kind = kind, .reason = reason};
    __u64 *count = bpf_map_lookup_elem(&counts, &key);
    if (!count) {
        bpf_map_update_elem(&counts, &key, &none, BPF_NOEXIST);
        count = bpf_map_lookup_elem(&counts, &key);
    }
    if (count) {
        __sync_fetch_and_add(count, 1);
        count_kind(cpu->counted, kind);
    } else {
        count_kind(cpu->produced, kind);
        count_kind(cpu->lost, kind);
    }
    return 0;
}

static __always_inline void *go_reserve(struct cpu_counters *cpu, __u16 kind, __u64 size)
{
    if (is_counted(kind)) {
        count_kind(cpu->counted, kind);
        return NULL;
    }
    struct event_header *header = event_reserve(cpu, kind, size);
    if (!header)
        return NULL;
    header->tid = current_tid();
    header->pid = current_tgid();
    return header;
}

static __always_inline int go_event(struct cpu_counters *cpu, const struct go_layout *layout, __u16 kind,
                                    __u64 g, __u8 flags)
{
    struct event_go *event = go_reserve(cpu, kind, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = read_goid(layout, g);
    event->header.flags = flags;
    event->g = g;
    event_submit(event);
    return 0;
}

static __always_inline int go_value(struct cpu_counters *cpu, __u16 kind, __u64 goid, __u64 value)
{
    struct event_go_value *event = go_reserve(cpu, kind, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = goid;
    event->value = value;
    event_submit(event);
    return 0;
}

#endif
