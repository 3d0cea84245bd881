#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/metadata.h"
#include "runner/trace/order.h"
#include "runner/trace/packet.h"
#include "runner/trace/trace.h"

enum {
    WINDOW_BYTES = 2 * 1024 * 1024, /* some 45,000 records: 20 ms at 2 million events a second */
    WINDOW_NS = 1000 * 1000,        /* 15 times the largest lag that was seen with one ring */
    /* What ordinary records leave free below max_bytes: headers of packets to come, and the marks. */
    MAX_RESERVE = 4096,
    MARK_RESERVE = 512,
    PACKET_BYTES = 512 * 1024, /* most records of a packet */
};

struct trace_writer {
    int fd;
    struct order order;
    uint64_t window_ns, max_bytes;
    trace_follow follow;
    void *follow_context;
    struct {
        uint8_t *records; /* PACKET_BYTES */
        size_t used;
        uint64_t begin, end;
        uint64_t kinds[EVENT_KIND_COUNT];
    } packet;                /* being filled */
    uint64_t ring_discarded; /* highest count told by the caller */
    uint64_t last_ns;        /* of what was written: nothing older may follow */
    struct trace_counts counts;
    int failed; /* negative errno of the write that failed */
    char trial[256];
};

static int write_metadata(int dir, const struct trace_settings *settings)
{
    AUTO_FREE struct metadata *metadata = malloc(sizeof *metadata);
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!metadata || !memory) {
        if (memory)
            fclose(memory);
        return -ENOMEM;
    }
    metadata_make(settings, metadata);
    int result = metadata_print(memory, metadata);
    if (fclose(memory) != 0 || result < 0)
        return -ENOMEM;
    AUTO_FD fd = openat(dir, "metadata", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return fd < 0 ? -errno : fd_write_all(fd, text, size);
}

int trace_writer_open(int dir, const struct trace_settings *settings, struct trace_writer **writer,
                      struct error *error)
{
    struct trace_writer *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "write the trace of %s", settings->trial);
    made->fd = -1;
    made->window_ns = settings->window_ns ? settings->window_ns : WINDOW_NS;
    made->max_bytes = settings->max_bytes ? settings->max_bytes : UINT64_MAX;
    snprintf(made->trial, sizeof made->trial, "%s", settings->trial ? settings->trial : "");
    made->follow = settings->follow;
    made->follow_context = settings->follow_context;
    made->packet.records = malloc(PACKET_BYTES);
    int result = made->packet.records ? order_open(&made->order, WINDOW_BYTES) : -ENOMEM;
    const char *what = "metadata";
    if (result == 0)
        result = write_metadata(dir, settings);
    if (result == 0) {
        what = "stream";
        made->fd = openat(dir, "stream", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        result = made->fd < 0 ? -errno : 0;
    }
    if (result < 0) {
        error_set(error, ERROR_INTERNAL, -result, "write trace/%s of %s", what, made->trial);
        trace_writer_abort(made);
        return result;
    }
    *writer = made;
    return 0;
}

/* One packet, one system call: a kill leaves whole packets, or a last one that is cut (trace_recover). After
   a failure the file ends with the last whole one. */
static int write_packet(struct trace_writer *writer, struct packet_header *header, const void *records,
                        size_t size)
{
    size_t total = sizeof *header + size;
    header->magic = PACKET_MAGIC;
    header->content_size = header->packet_size = (uint64_t)total * 8;
    header->packet_seq_num = writer->counts.packets;
    struct iovec parts[] = {{header, sizeof *header}, {(void *)records, size}};
    ssize_t written = writev(writer->fd, parts, size ? 2 : 1);
    int result = written < 0 ? -errno : 0;
    if (result == 0 && (size_t)written < sizeof *header)
        result = -ENOSPC;
    else if (result == 0 && (size_t)written < total)
        result = fd_write_all(writer->fd, (const char *)records + ((size_t)written - sizeof *header),
                              total - (size_t)written);
    if (result < 0) {
        writer->failed = result;
        if (ftruncate(writer->fd, (off_t)writer->counts.bytes) < 0)
            writer->failed = -errno;
        return writer->failed;
    }
    writer->counts.bytes += total;
    writer->counts.packets++;
    return 0;
}

static uint64_t discarded(const struct trace_writer *writer)
{
    return writer->ring_discarded + writer->counts.late + writer->counts.over_max;
}

/* babeltrace2 knows the interval of a loss only by a packet before it: the first one is empty and lost
   nothing. */
static int write_first_packet(struct trace_writer *writer, uint64_t time)
{
    struct packet_header header = {.timestamp_begin = time, .timestamp_end = time};
    writer->counts.first_ns = time;
    return write_packet(writer, &header, NULL, 0);
}

/* Writes the packet that was filled. */
static int end_packet(struct trace_writer *writer)
{
    if (writer->packet.used == 0)
        return 0;
    int result = writer->counts.packets ? 0 : write_first_packet(writer, writer->packet.begin);
    if (result < 0)
        return result;
    struct packet_header header = {.timestamp_begin = writer->packet.begin,
                                   .timestamp_end = writer->packet.end,
                                   .events_discarded = discarded(writer)};
    result = write_packet(writer, &header, writer->packet.records, writer->packet.used);
    if (result < 0)
        return result;
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        writer->counts.written[kind] += writer->packet.kinds[kind];
    writer->counts.last_ns = writer->packet.end;
    memset(writer->packet.kinds, 0, sizeof writer->packet.kinds);
    writer->packet.used = 0;
    return 0;
}

static int add_to_packet(struct trace_writer *writer, const struct event_header *event)
{
    size_t size = writer->order.kinds[event->kind].size;
    uint64_t reserve = event->kind == EVENT_MARK ? MARK_RESERVE : MAX_RESERVE;
    if (writer->counts.bytes + writer->packet.used + size + reserve > writer->max_bytes) {
        writer->counts.over_max++;
        return 0;
    }
    int result = size > PACKET_BYTES - writer->packet.used ? end_packet(writer) : 0;
    if (result < 0)
        return result;
    if (writer->packet.used == 0)
        writer->packet.begin = event->time;
    memcpy(writer->packet.records + writer->packet.used, event, size);
    writer->packet.used += size;
    writer->packet.end = event->time;
    writer->packet.kinds[event->kind]++;
    return 0;
}

/* Writes the first `size` bytes of the window, a result of order_until(). */
static int write_records(struct trace_writer *writer, size_t size)
{
    int result = 0;
    for (size_t at = 0; at < size && result == 0;) {
        const struct event_header *event = (const struct event_header *)(writer->order.records + at);
        at += writer->order.kinds[event->kind].size;
        const struct event_header *derived =
            writer->follow ? writer->follow(writer->follow_context, event) : NULL;
        writer->last_ns = event->time;
        result = add_to_packet(writer, event);
        if (result == 0 && derived)
            result = add_to_packet(writer, derived);
    }
    if (result == 0)
        result = end_packet(writer);
    if (result == 0)
        order_drop(&writer->order, size);
    return result;
}

static size_t ready(struct trace_writer *writer)
{
    uint64_t newest = writer->order.newest;
    return newest < writer->window_ns ? 0 : order_until(&writer->order, newest - writer->window_ns);
}

/* The memory is full before its time: write what the window allows, else its older half. */
static int spill(struct trace_writer *writer)
{
    size_t size = ready(writer);
    if (size == 0)
        size = order_until(&writer->order, order_middle(&writer->order));
    return write_records(writer, size);
}

int trace_write(struct trace_writer *writer, const struct event_header *event, size_t size)
{
    if (writer->failed)
        return writer->failed;
    if (size < sizeof *event || event->kind >= EVENT_KIND_COUNT ||
        writer->order.kinds[event->kind].size != size)
        return -EINVAL;
    if (event->time < writer->last_ns) {
        writer->counts.late++;
        return 0;
    }
    if (order_add(&writer->order, event))
        return 0;
    int result = spill(writer);
    if (result < 0)
        return result;
    return trace_write(writer, event, size);
}

int trace_flush(struct trace_writer *writer, uint64_t ring_discarded)
{
    if (writer->failed)
        return writer->failed;
    if (ring_discarded > writer->ring_discarded)
        writer->ring_discarded = ring_discarded;
    return write_records(writer, ready(writer));
}

/* The last packet is empty and carries the final count: without it, babeltrace2 says only that events may
   have been lost. */
static int finish(struct trace_writer *writer)
{
    int result = write_records(writer, order_until(&writer->order, UINT64_MAX));
    if (result < 0)
        return result;
    uint64_t time = writer->last_ns;
    if (writer->counts.packets == 0) {
        time = clock_monotonic_ns();
        result = write_first_packet(writer, time);
        writer->counts.first_ns = 0;
        if (result < 0)
            return result;
    }
    struct packet_header header = {
        .timestamp_begin = time, .timestamp_end = time, .events_discarded = discarded(writer)};
    return write_packet(writer, &header, NULL, 0);
}

int trace_writer_close(struct trace_writer *writer, uint64_t ring_discarded, struct trace_counts *counts,
                       struct error *error)
{
    int result = trace_flush(writer, ring_discarded);
    if (result == 0)
        result = finish(writer);
    if (result < 0)
        error_set(error, ERROR_INTERNAL, -result, "write trace/stream of %s", writer->trial);
    if (counts)
        *counts = writer->counts;
    trace_writer_abort(writer);
    return result;
}

void trace_writer_abort(struct trace_writer *writer)
{
    fd_close(&writer->fd);
    free(writer->packet.records);
    order_close(&writer->order);
    free(writer);
}
