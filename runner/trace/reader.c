#include "runner/trace/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/layout.h"
#include "runner/trace/metadata.h"
#include "runner/trace/packet.h"
#include "runner/trace/trace.h"

/* Stays in the second-level cache; read(2) rather than mmap, because a file that is cut while it is read must
   not end in SIGBUS. */
enum { BUFFER_BYTES = 256 * 1024 };

struct trace_reader {
    const uint8_t *at, *end; /* what is read of the buffer's content */
    uint64_t left;           /* bytes of this packet from `at` on */
    uint64_t last_time;
    struct kind_layout kinds[EVENT_KIND_COUNT];

    struct packet_header packet; /* of this packet, else all 0 */
    uint64_t packets;
    uint64_t whole; /* file offset behind the last packet without a fault */
    uint64_t base;  /* file offset of the buffer's start */
    uint64_t file_size;
    int fd;
    struct metadata metadata;
    _Alignas(struct packet_header) uint8_t buffer[BUFFER_BYTES];
};

static uint64_t offset(const struct trace_reader *reader)
{
    return reader->base + (uint64_t)(reader->at - reader->buffer);
}

static int damaged(const struct trace_reader *reader, struct error *error, const char *what)
{
    return error_set(error, ERROR_USAGE, 0,
                     "stream: byte %" PRIu64 ": %s: the file is damaged or was altered", offset(reader),
                     what);
}

/* Makes `size` bytes available at `at`; the caller knows from the file's size that they exist. */
static int want(struct trace_reader *reader, size_t size, struct error *error)
{
    size_t rest = (size_t)(reader->end - reader->at);
    if (rest >= size)
        return 0;
    reader->base = offset(reader);
    memmove(reader->buffer, reader->at, rest);
    reader->at = reader->buffer;
    reader->end = reader->buffer + rest;
    while (rest < size) {
        ssize_t n =
            pread(reader->fd, reader->buffer + rest, BUFFER_BYTES - rest, (off_t)(reader->base + rest));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(error, ERROR_INTERNAL, errno, "read stream at byte %" PRIu64, offset(reader));
        if (n == 0)
            return damaged(reader, error, "the file became shorter while it was read");
        rest += (size_t)n;
        reader->end = reader->buffer + rest;
    }
    return 0;
}

static bool discarded_steps_back(const struct trace_reader *reader, const struct packet_header *packet)
{
    return packet->events_discarded < reader->packet.events_discarded;
}

/* What is wrong with a packet's header, or NULL. */
static const char *packet_fault(const struct trace_reader *reader, const struct packet_header *packet)
{
    uint64_t room = reader->file_size - offset(reader);
    if (packet->magic != PACKET_MAGIC)
        return "no packet begins here (wrong magic number)";
    if (packet->stream_id != 0)
        return "the packet belongs to a stream that was not declared";
    if (packet->content_size != packet->packet_size || packet->packet_size % 64)
        return "the packet's sizes are not those of whole records";
    if (packet->packet_size / 8 < sizeof *packet)
        return "the packet is smaller than its header";
    if (packet->packet_size / 8 > room)
        return "the packet is cut off by the end of the file";
    if (packet->packet_seq_num != reader->packets)
        return "the packet is not the next one in sequence";
    if (packet->timestamp_begin > packet->timestamp_end || packet->timestamp_begin < reader->last_time)
        return "the packet's time steps back";
    if (packet->packet_size / 8 == sizeof *packet && packet->timestamp_begin != packet->timestamp_end)
        return "an empty packet lasts longer than a moment";
    return discarded_steps_back(reader, packet) ? "the count of lost events steps back" : NULL;
}

/* Ends the packet that was read and enters the next one. 1, 0 at the end of the file, or negative. */
static int next_packet(struct trace_reader *reader, struct error *error)
{
    if (reader->packets && reader->last_time != reader->packet.timestamp_end)
        return damaged(reader, error, "the packet's last record is not from the packet's end");
    reader->whole = offset(reader);
    if (reader->whole == reader->file_size)
        return 0;
    if (reader->file_size - reader->whole < sizeof reader->packet)
        return damaged(reader, error, "the packet is cut off by the end of the file");
    int result = want(reader, sizeof reader->packet, error);
    if (result < 0)
        return result;
    struct packet_header packet;
    memcpy(&packet, reader->at, sizeof packet);
    const char *fault = packet_fault(reader, &packet);
    if (fault)
        return damaged(reader, error, fault);
    uint64_t records = packet.packet_size / 8 - sizeof packet;
    if (records) {
        if (records < sizeof(struct event_header))
            return damaged(reader, error, "the packet is smaller than a record");
        result = want(reader, sizeof packet + sizeof(struct event_header), error);
        if (result < 0)
            return result;
        uint64_t first;
        memcpy(&first, reader->at + sizeof packet, sizeof first);
        if (first != packet.timestamp_begin)
            return damaged(reader, error, "the packet's first record is not from the packet's start");
    }
    reader->packet = packet;
    reader->packets++;
    reader->last_time = packet.timestamp_begin;
    reader->at += sizeof packet;
    reader->left = records;
    return 1;
}

static int bad_record(const struct trace_reader *reader, const struct kind_layout *layout,
                      struct error *error)
{
    if (reader->left < sizeof(struct event_header))
        return damaged(reader, error, "a record is cut off by the end of its packet");
    if (!layout || layout->size == 0)
        return damaged(reader, error, "a record of a kind that was not declared");
    if (layout->size > reader->left)
        return damaged(reader, error, "a record is cut off by the end of its packet");
    const struct event_header *event = (const struct event_header *)reader->at;
    if (event->time < reader->last_time)
        return damaged(reader, error, "time steps back");
    return damaged(reader, error, "a record's padding is not 0");
}

static int enter(struct trace_reader *reader, struct error *error)
{
    while (reader->left == 0) {
        int result = next_packet(reader, error);
        if (result <= 0)
            return result;
    }
    return 1;
}

int trace_read(struct trace_reader *reader, const struct event_header **event, struct error *error)
{
    if (reader->left == 0) {
        int result = enter(reader, error);
        if (result <= 0)
            return result;
    }
    if (reader->end - reader->at < EVENT_SIZE_MAX) {
        int result =
            want(reader, reader->left < EVENT_SIZE_MAX ? (size_t)reader->left : EVENT_SIZE_MAX, error);
        if (result < 0)
            return result;
    }
    const struct event_header *record = (const struct event_header *)reader->at;
    if (reader->left < sizeof *record)
        return bad_record(reader, NULL, error);
    const struct kind_layout *layout = record->kind < EVENT_KIND_COUNT ? &reader->kinds[record->kind] : NULL;
    if (!layout || layout->size == 0 || layout->size > reader->left || record->time < reader->last_time)
        return bad_record(reader, layout, error);
    uint64_t last_word;
    memcpy(&last_word, reader->at + layout->size - sizeof last_word, sizeof last_word);
    if (last_word & layout->padding)
        return bad_record(reader, layout, error);
    reader->last_time = record->time;
    reader->at += layout->size;
    reader->left -= layout->size;
    *event = record;
    return 1;
}

static int open_regular(int dir, const char *name, uint64_t *size, struct error *error)
{
    /* O_NONBLOCK: a FIFO with this name must not hang the program */
    AUTO_FD fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return error_mend(error, ERROR_USAGE, errno,
                          "A trace is a folder with the regular files metadata and stream.", "open %s", name);
    struct stat facts;
    if (fstat(fd, &facts) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "look at %s", name);
    if (!S_ISREG(facts.st_mode))
        return error_set(error, ERROR_USAGE, 0, "%s: byte 0: not a regular file", name);
    *size = (uint64_t)facts.st_size;
    return fd_take(&fd);
}

static int read_metadata(int dir, struct metadata *metadata, struct error *error)
{
    uint64_t size = 0;
    AUTO_FD fd = open_regular(dir, "metadata", &size, error);
    if (fd < 0)
        return fd;
    AUTO_FREE char *text = malloc(METADATA_SIZE_MAX);
    if (!text)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read metadata");
    size_t used = 0;
    ssize_t n;
    while (used < METADATA_SIZE_MAX && (n = read(fd, text + used, METADATA_SIZE_MAX - used)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(error, ERROR_INTERNAL, errno, "read metadata");
        used += (size_t)n;
    }
    if (used == METADATA_SIZE_MAX)
        return error_set(error, ERROR_USAGE, 0, "metadata: byte %zu: the file is larger than any of ours",
                         used);
    return metadata_parse(text, used, metadata, error);
}

int trace_reader_open(int dir, struct trace_reader **reader, struct error *error)
{
    struct trace_reader *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read a trace");
    made->fd = -1;
    made->at = made->end = made->buffer;
    int result = read_metadata(dir, &made->metadata, error);
    if (result == 0)
        result = made->fd = open_regular(dir, "stream", &made->file_size, error);
    if (result < 0) {
        trace_reader_close(made);
        return result;
    }
    kind_layouts(made->metadata.kinds, made->kinds);
    *reader = made;
    return 0;
}

void trace_reader_close(struct trace_reader *reader)
{
    if (!reader)
        return;
    fd_close(&reader->fd);
    free(reader);
}

uint32_t trace_reader_go_minor(const struct trace_reader *reader)
{
    return reader->metadata.go_minor;
}

const char *trace_reader_trial(const struct trace_reader *reader)
{
    return reader->metadata.trial;
}

uint64_t trace_reader_discarded(const struct trace_reader *reader)
{
    return reader->packet.events_discarded;
}

int64_t trace_reader_clock_offset(const struct trace_reader *reader)
{
    return reader->metadata.clock_offset;
}

const char *trace_reader_name(const struct trace_reader *reader, enum field_type type, uint64_t value)
{
    bool named = type == FIELD_WAIT_REASON || type == FIELD_STW_REASON || type == FIELD_MARK;
    if (!named || value >= NAMES_MAX || !reader->metadata.names[type][value][0])
        return NULL;
    return reader->metadata.names[type][value];
}

uint64_t trace_reader_whole_bytes(const struct trace_reader *reader)
{
    return reader->whole;
}

uint64_t trace_reader_file_size(const struct trace_reader *reader)
{
    return reader->file_size;
}
