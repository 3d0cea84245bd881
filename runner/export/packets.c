#include "runner/export/packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <perfetto.pb-c.h> /* made from perfetto.proto */

enum {
    SEQUENCE = 1,
    STATE_CLEARED = 1,
    STATE_NEEDED = 2,
    CLOCK_ID_REALTIME = 1,
    CLOCK_ID_MONOTONIC = 3,
    CLOCK_ID_BOOTTIME = 6,
    SLICE_BEGIN = 1,
    SLICE_END = 2,
    INSTANT = 3,
    COUNTER = 4,
    NOT_MERGED = 2, /* TrackDescriptor.sibling_merge_behavior */
    BY_RANK = 3,    /* TrackDescriptor.child_ordering */
    BUNDLE = 256,   /* events of a CPU in one packet */
    CPUS = 256,
    NAMES = 1 << 14, /* slots of the table of names, a power of two; half of them are used */
    PACKET_MOST = 128 * 1024,
    OUT_ROOM = 512 * 1024,
    NAME_OTHER = 1,
    PRIORITY = 120, /* a thread of the fair class; events of ours do not tell it */
};

/* Trace.packet, field 1, length-delimited. */
#define PACKET_TAG 0x0a
/* include/trace/events/sched.h: TASK_REPORT_MAX, which stands for a preempted task ("R+"). */
#define STATE_PREEMPTED 0x100

struct bundle {
    size_t count;
    Perfetto__FtraceEvent events[BUNDLE];
    Perfetto__FtraceEvent *pointers[BUNDLE];
    union {
        Perfetto__SchedSwitchFtraceEvent sched_switch;
        Perfetto__SchedWakeupFtraceEvent wake;
        Perfetto__SchedMigrateTaskFtraceEvent migrate;
    } details[BUNDLE];
    bool lost;
};

struct interned {
    char *name; /* owned; NULL: free */
    uint64_t iid;
};

struct packets {
    FILE *out;
    int failed; /* negative errno */
    struct bundle *bundles[CPUS];
    struct interned names[NAMES];
    size_t name_count;
    size_t used;
    uint8_t buffer[OUT_ROOM];
};

static void flush(struct packets *packets)
{
    if (!packets->failed && fwrite(packets->buffer, 1, packets->used, packets->out) != packets->used)
        packets->failed = -(errno ? errno : EIO);
    packets->used = 0;
}

/*
 * Packs at once behind a length of fixed width (a varint may have leading zeros), which saves the walk that
 * only counts: every packet of ours is smaller than PACKET_MOST, for names are cut and bundles are bounded.
 */
static void write_packet(struct packets *packets, Perfetto__TracePacket *packet)
{
    packet->has_trusted_packet_sequence_id = true;
    packet->trusted_packet_sequence_id = SEQUENCE;
    if (OUT_ROOM - packets->used < PACKET_MOST)
        flush(packets);
    uint8_t *to = packets->buffer + packets->used;
    size_t size = perfetto__trace_packet__pack(packet, to + 4);
    to[0] = PACKET_TAG;
    to[1] = (uint8_t)(size | 0x80); /* base-128, least significant first; the top bit: more follow */
    to[2] = (uint8_t)(size >> 7 | 0x80);
    to[3] = (uint8_t)(size >> 14);
    packets->used += size + 4;
}

static void write_head(struct packets *packets, uint64_t start, int64_t real_offset)
{
    Perfetto__ClockSnapshot__Clock clocks[3] = {PERFETTO__CLOCK_SNAPSHOT__CLOCK__INIT,
                                                PERFETTO__CLOCK_SNAPSHOT__CLOCK__INIT,
                                                PERFETTO__CLOCK_SNAPSHOT__CLOCK__INIT};
    static const uint32_t ids[3] = {CLOCK_ID_MONOTONIC, CLOCK_ID_BOOTTIME, CLOCK_ID_REALTIME};
    Perfetto__ClockSnapshot__Clock *list[3];
    for (size_t i = 0; i < 3; i++) {
        clocks[i].has_clock_id = clocks[i].has_timestamp = true;
        clocks[i].clock_id = ids[i];
        clocks[i].timestamp = ids[i] == CLOCK_ID_REALTIME ? start + (uint64_t)real_offset : start;
        list[i] = &clocks[i];
    }
    Perfetto__ClockSnapshot snapshot = PERFETTO__CLOCK_SNAPSHOT__INIT;
    snapshot.clocks = list;
    snapshot.n_clocks = 3;
    snapshot.has_primary_trace_clock = true;
    snapshot.primary_trace_clock = CLOCK_ID_MONOTONIC;
    Perfetto__TracePacketDefaults defaults = PERFETTO__TRACE_PACKET_DEFAULTS__INIT;
    defaults.has_timestamp_clock_id = true;
    defaults.timestamp_clock_id = CLOCK_ID_MONOTONIC;
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
    packet.clock_snapshot = &snapshot;
    packet.trace_packet_defaults = &defaults;
    packet.has_sequence_flags = true;
    packet.sequence_flags = STATE_CLEARED;
    write_packet(packets, &packet);

    /* Perfetto reads prev_state by the release: the format of 4.14 and later is what we write. */
    struct utsname host;
    if (uname(&host) < 0)
        return;
    Perfetto__Utsname name = PERFETTO__UTSNAME__INIT;
    name.sysname = host.sysname;
    name.version = host.version;
    name.release = host.release;
    name.machine = host.machine;
    Perfetto__SystemInfo system = PERFETTO__SYSTEM_INFO__INIT;
    system.utsname = &name;
    system.has_num_cpus = true;
    system.num_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
    Perfetto__TracePacket info = PERFETTO__TRACE_PACKET__INIT;
    info.system_info = &system;
    write_packet(packets, &info);
}

/* --- tracks ----------------------------------------------------------------------------------- */

static void write_descriptor(struct packets *packets, Perfetto__TrackDescriptor *descriptor, uint64_t uuid,
                             uint64_t parent)
{
    descriptor->has_uuid = true;
    descriptor->uuid = uuid;
    descriptor->has_parent_uuid = parent != 0;
    descriptor->parent_uuid = parent;
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
    packet.track_descriptor = descriptor;
    write_packet(packets, &packet);
}

void packets_process(struct packets *packets, uint64_t uuid, uint32_t pid, const char *name)
{
    Perfetto__ProcessDescriptor process = PERFETTO__PROCESS_DESCRIPTOR__INIT;
    process.has_pid = true;
    process.pid = (int32_t)pid;
    process.process_name = (char *)name;
    Perfetto__TrackDescriptor descriptor = PERFETTO__TRACK_DESCRIPTOR__INIT;
    descriptor.process = &process;
    descriptor.has_child_ordering = true;
    descriptor.child_ordering = BY_RANK;
    write_descriptor(packets, &descriptor, uuid, 0);
}

void packets_thread(struct packets *packets, uint64_t uuid, uint32_t pid, uint32_t tid, const char *name)
{
    Perfetto__ThreadDescriptor thread = PERFETTO__THREAD_DESCRIPTOR__INIT;
    thread.has_pid = thread.has_tid = true;
    thread.pid = (int32_t)pid;
    thread.tid = (int32_t)tid;
    thread.thread_name = (char *)name;
    Perfetto__TrackDescriptor descriptor = PERFETTO__TRACK_DESCRIPTOR__INIT;
    descriptor.thread = &thread;
    write_descriptor(packets, &descriptor, uuid, 0);
}

void packets_track(struct packets *packets, uint64_t uuid, uint64_t parent, const char *name, int rank)
{
    Perfetto__TrackDescriptor descriptor = PERFETTO__TRACK_DESCRIPTOR__INIT;
    descriptor.name = (char *)name;
    descriptor.has_child_ordering = descriptor.has_sibling_order_rank = true;
    descriptor.child_ordering = BY_RANK;
    descriptor.sibling_order_rank = rank;
    descriptor.has_sibling_merge_behavior = true;
    descriptor.sibling_merge_behavior = NOT_MERGED;
    write_descriptor(packets, &descriptor, uuid, parent);
}

void packets_counter_track(struct packets *packets, uint64_t uuid, uint64_t parent, const char *name,
                           const char *unit)
{
    Perfetto__CounterDescriptor counter = PERFETTO__COUNTER_DESCRIPTOR__INIT;
    counter.unit_name = (char *)unit;
    Perfetto__TrackDescriptor descriptor = PERFETTO__TRACK_DESCRIPTOR__INIT;
    descriptor.name = (char *)name;
    descriptor.counter = &counter;
    write_descriptor(packets, &descriptor, uuid, parent);
}

/* --- names and events ------------------------------------------------------------------------- */

/* FNV-1a. */
static uint64_t hash(const char *name)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (; *name; name++)
        value = (value ^ (unsigned char)*name) * 0x100000001b3u;
    return value;
}

static void tell_name(struct packets *packets, uint64_t iid, const char *name)
{
    Perfetto__EventName known = PERFETTO__EVENT_NAME__INIT;
    known.has_iid = true;
    known.iid = iid;
    known.name = (char *)name;
    Perfetto__EventName *names[1] = {&known};
    Perfetto__InternedData data = PERFETTO__INTERNED_DATA__INIT;
    data.event_names = names;
    data.n_event_names = 1;
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
    packet.interned_data = &data;
    packet.has_sequence_flags = true;
    packet.sequence_flags = STATE_NEEDED;
    write_packet(packets, &packet);
}

uint64_t packets_name(struct packets *packets, const char *name)
{
    size_t slot = hash(name) & (NAMES - 1);
    while (packets->names[slot].name && strcmp(packets->names[slot].name, name) != 0)
        slot = (slot + 1) & (NAMES - 1);
    struct interned *found = &packets->names[slot];
    if (found->name)
        return found->iid;
    if (packets->name_count == NAMES / 2 || !(found->name = strdup(name)))
        return NAME_OTHER;
    found->iid = ++packets->name_count + NAME_OTHER;
    tell_name(packets, found->iid, name);
    return found->iid;
}

struct packets *packets_open(FILE *out, uint64_t start, int64_t real_offset)
{
    struct packets *packets = calloc(1, sizeof *packets);
    if (!packets)
        return NULL;
    packets->out = out;
    write_head(packets, start, real_offset);
    tell_name(packets, NAME_OTHER, "other");
    return packets;
}

static void write_event(struct packets *packets, uint64_t time, Perfetto__TrackEvent *event, int32_t type,
                        uint64_t track)
{
    event->has_type = event->has_track_uuid = true;
    event->type = type;
    event->track_uuid = track;
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
    packet.has_timestamp = packet.has_sequence_flags = true;
    packet.timestamp = time;
    packet.sequence_flags = STATE_NEEDED;
    packet.track_event = event;
    write_packet(packets, &packet);
}

void packets_begin(struct packets *packets, uint64_t time, uint64_t track, uint64_t name, uint64_t flow)
{
    Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
    event.has_name_iid = true;
    event.name_iid = name;
    event.terminating_flow_ids = &flow;
    event.n_terminating_flow_ids = flow != 0;
    write_event(packets, time, &event, SLICE_BEGIN, track);
}

void packets_end(struct packets *packets, uint64_t time, uint64_t track)
{
    Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
    write_event(packets, time, &event, SLICE_END, track);
}

void packets_instant(struct packets *packets, uint64_t time, uint64_t track, uint64_t name, uint64_t flow)
{
    Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
    event.has_name_iid = true;
    event.name_iid = name;
    event.flow_ids = &flow;
    event.n_flow_ids = flow != 0;
    write_event(packets, time, &event, INSTANT, track);
}

void packets_counter(struct packets *packets, uint64_t time, uint64_t track, int64_t value)
{
    Perfetto__TrackEvent event = PERFETTO__TRACK_EVENT__INIT;
    event.has_counter_value = true;
    event.counter_value = value;
    write_event(packets, time, &event, COUNTER, track);
}

/* --- the scheduler's -------------------------------------------------------------------------- */

static void write_bundle(struct packets *packets, size_t cpu)
{
    struct bundle *bundle = packets->bundles[cpu];
    if (!bundle || !bundle->count)
        return;
    Perfetto__FtraceEventBundle events = PERFETTO__FTRACE_EVENT_BUNDLE__INIT;
    events.has_cpu = true;
    events.cpu = (uint32_t)cpu;
    events.event = bundle->pointers;
    events.n_event = bundle->count;
    events.has_lost_events = bundle->lost;
    events.lost_events = bundle->lost;
    Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
    packet.ftrace_events = &events;
    write_packet(packets, &packet);
    bundle->count = 0;
    bundle->lost = false;
}

/* The next free place in the CPU's bundle; NULL where memory is short. */
static struct bundle *room_for(struct packets *packets, size_t cpu)
{
    struct bundle **bundle = &packets->bundles[cpu];
    if (!*bundle)
        *bundle = calloc(1, sizeof **bundle);
    if (!*bundle)
        packets->failed = packets->failed ? packets->failed : -ENOMEM;
    else if ((*bundle)->count == BUNDLE)
        write_bundle(packets, cpu);
    return *bundle;
}

/* What is not of the trial has no name here but the idle thread. */
static char *comm_of(uint32_t tid, bool is_ours, const char *ours)
{
    return (char *)(is_ours ? ours : tid == 0 ? "swapper" : "other");
}

static void fill_switch(Perfetto__SchedSwitchFtraceEvent *to, const struct event_sched_switch *event,
                        const char *ours)
{
    perfetto__sched_switch_ftrace_event__init(to);
    to->has_prev_pid = to->has_prev_prio = to->has_prev_state = to->has_next_pid = to->has_next_prio = true;
    to->prev_pid = (int32_t)event->header.tid;
    to->next_pid = (int32_t)event->next_tid;
    to->prev_prio = to->next_prio = PRIORITY;
    to->prev_state = event->header.flags & EVENT_FLAG_PREEMPT ? STATE_PREEMPTED : event->prev_state;
    to->prev_comm = comm_of(event->header.tid, event->header.flags & EVENT_FLAG_PREV, ours);
    to->next_comm = comm_of(event->next_tid, event->header.flags & EVENT_FLAG_NEXT, ours);
}

static void fill_wake(Perfetto__SchedWakeupFtraceEvent *to, const struct event_sched_wake *event,
                      const char *ours)
{
    perfetto__sched_wakeup_ftrace_event__init(to);
    to->has_pid = to->has_prio = to->has_success = to->has_target_cpu = true;
    to->pid = (int32_t)event->header.tid;
    to->prio = PRIORITY;
    to->success = 1;
    to->target_cpu = (int32_t)event->target_cpu;
    to->comm = (char *)ours;
}

static void fill_migrate(Perfetto__SchedMigrateTaskFtraceEvent *to, const struct event_sched_migrate *event,
                         const char *ours)
{
    perfetto__sched_migrate_task_ftrace_event__init(to);
    to->has_pid = to->has_prio = to->has_orig_cpu = to->has_dest_cpu = true;
    to->pid = (int32_t)event->header.tid;
    to->prio = PRIORITY;
    to->orig_cpu = (int32_t)event->from_cpu;
    to->dest_cpu = (int32_t)event->to_cpu;
    to->comm = (char *)ours;
}

void packets_sched(struct packets *packets, const struct event_header *event, const char *ours)
{
    struct bundle *bundle = room_for(packets, event->cpu);
    if (!bundle)
        return;
    size_t at = bundle->count++;
    Perfetto__FtraceEvent *to = bundle->pointers[at] = &bundle->events[at];
    perfetto__ftrace_event__init(to);
    to->has_timestamp = to->has_pid = true;
    to->timestamp = event->time;
    to->pid = event->tid;
    if (event->kind == EVENT_SCHED_SWITCH) {
        to->sched_switch = &bundle->details[at].sched_switch;
        fill_switch(to->sched_switch, (const struct event_sched_switch *)event, ours);
    } else if (event->kind == EVENT_SCHED_MIGRATE) {
        to->sched_migrate_task = &bundle->details[at].migrate;
        fill_migrate(to->sched_migrate_task, (const struct event_sched_migrate *)event, ours);
    } else {
        const struct event_sched_wake *wake = (const struct event_sched_wake *)event;
        Perfetto__SchedWakeupFtraceEvent *details = &bundle->details[at].wake;
        fill_wake(details, wake, ours);
        to->pid = wake->waker_tid;
        if (event->kind == EVENT_SCHED_WAKING)
            to->sched_waking = details;
        else if (event->kind == EVENT_SCHED_WAKEUP)
            to->sched_wakeup = details;
        else
            to->sched_wakeup_new = details;
    }
}

void packets_lost(struct packets *packets)
{
    for (size_t cpu = 0; cpu < CPUS; cpu++)
        if (packets->bundles[cpu])
            packets->bundles[cpu]->lost = true;
}

int packets_close(struct packets *packets)
{
    for (size_t cpu = 0; cpu < CPUS; cpu++) {
        write_bundle(packets, cpu);
        free(packets->bundles[cpu]);
    }
    flush(packets);
    if (!packets->failed && fflush(packets->out) != 0)
        packets->failed = -errno;
    int result = packets->failed;
    for (size_t i = 0; i < NAMES; i++)
        free(packets->names[i].name);
    free(packets);
    return result;
}
