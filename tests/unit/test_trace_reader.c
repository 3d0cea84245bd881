#include "tests/unit/trace_sample.h"

#include <errno.h>

#include "runner/trace/packet.h"

enum { EVENTS_A_PACKET = 20, PACKETS = 5 };

/* A trace of 7 packets (empty, 5 x 20 events, empty) whose times are 1000 apart. */
static void make_trace(int dir)
{
    static const unsigned kinds[] = {EVENT_GO_PARK, EVENT_SCHED_SWITCH, EVENT_GO_CREATE, EVENT_MARK,
                                     EVENT_PROCESS_EXEC};
    struct trace_settings settings = sample_settings();
    settings.window_ns = 1;
    struct trace_writer *writer = sample_writer(dir, &settings);
    uint64_t time = 1000000;
    for (unsigned packet = 0; packet < PACKETS; packet++) {
        for (unsigned i = 0; i < EVENTS_A_PACKET; i++)
            sample_write(writer, kinds[i % 5], time += 1000);
        if (packet + 1 < PACKETS)
            cr_assert_eq(trace_flush(writer, packet + 1), 0);
    }
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, PACKETS, NULL, &error), 0);
}

static void load(int dir, const char *name, char **data, size_t *size)
{
    cr_assert_eq(fd_read_file(dir, name, 1 << 20, data, size), 0);
}

static void save(int dir, const char *name, const char *data, size_t size)
{
    AUTO_FD fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_assert_geq(fd, 0);
    cr_assert_eq(fd_write_all(fd, data, size), 0);
}

Test(trace_reader, a_cut_at_any_byte_is_refused_and_recovered)
{
    struct sample_folder folder = sample_folder_make();
    make_trace(folder.dir);
    AUTO_FREE char *stream = NULL;
    size_t size = 0;
    load(folder.dir, "stream", &stream, &size);
    long last = 0;
    for (size_t cut = 0; cut <= size; cut++) {
        save(folder.dir, "stream", stream, cut);
        struct error error = {0};
        long read = sample_read_all(folder.dir, &error);
        int64_t removed = trace_recover(folder.dir, &error);
        cr_assert_geq(removed, 0, "%s", error.text);
        cr_assert_eq(read<0, removed> 0, "cut at %zu: %ld, %ld", cut, read, (long)removed);
        if (read < 0)
            cr_assert_eq(error.class, ERROR_USAGE);
        cr_assert_eq(sample_stream_size(folder.dir), cut - (size_t)removed);
        long events = sample_read_all(folder.dir, &error);
        cr_assert_geq(events, last, "what was whole stays: %s", error.text);
        last = events;
    }
    cr_assert_eq(last, EVENTS_A_PACKET * PACKETS);
    sample_folder_remove(&folder);
}

/* Cuts of the window leave the last event of a flush to the next packet; the headers say where they are. */
static size_t packet_at(const char *stream, unsigned packet)
{
    size_t at = 0;
    for (unsigned i = 0; i < packet; i++)
        at += ((const struct packet_header *)(stream + at))->packet_size / 8;
    return at;
}

/* Sets 8 bytes and reads: the text of the refusal must begin with `expected`. */
static void refused(int dir, const char *stream, size_t size, size_t at, uint64_t value, const char *expected)
{
    AUTO_FREE char *copy = malloc(size);
    cr_assert_not_null(copy);
    memcpy(copy, stream, size);
    memcpy(copy + at, &value, sizeof value);
    save(dir, "stream", copy, size);
    struct error error = {0};
    cr_assert_lt(sample_read_all(dir, &error), 0, "not refused: %s", expected);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_eq(strncmp(error.text, expected, strlen(expected)), 0, "%s\n instead of %s", error.text,
                 expected);
    cr_assert_geq(trace_recover(dir, &error), 0);
    cr_assert_geq(sample_read_all(dir, &error), 0, "%s", error.text);
}

Test(trace_reader, damage_is_refused_with_its_byte)
{
    struct sample_folder folder = sample_folder_make();
    make_trace(folder.dir);
    AUTO_FREE char *stream = NULL;
    size_t size = 0;
    load(folder.dir, "stream", &stream, &size);
    size_t second = packet_at(stream, 2);
    struct packet_header header;
    memcpy(&header, stream + second, sizeof header);
    char text[128];
#define REFUSED(offset, value, message)                                                                      \
    do {                                                                                                     \
        snprintf(text, sizeof text, "stream: byte %zu: %s", second, message);                                \
        refused(folder.dir, stream, size, second + offsetof(struct packet_header, offset), value, text);     \
    } while (0)
    REFUSED(magic, 0x7f454c46, "no packet begins here");
    REFUSED(magic, PACKET_MAGIC | UINT64_C(1) << 32, "the packet belongs to a stream");
    REFUSED(content_size, header.content_size + 64, "the packet's sizes");
    REFUSED(packet_size, header.packet_size - 64, "the packet's sizes");
    REFUSED(packet_size, 0, "the packet's sizes");
    REFUSED(timestamp_begin, header.timestamp_end + 1, "the packet's time steps back");
    REFUSED(timestamp_begin, 999999, "the packet's time steps back");
    REFUSED(timestamp_begin, header.timestamp_begin - 1, "the packet's first record");
    REFUSED(events_discarded, 0, "the count of lost events steps back");
    REFUSED(packet_seq_num, 7, "the packet is not the next one");
    snprintf(text, sizeof text, "stream: byte %zu: the packet's last record", packet_at(stream, 3));
    refused(folder.dir, stream, size, second + offsetof(struct packet_header, timestamp_end),
            header.timestamp_end + 1, text);

    size_t record = second + sizeof header;
    uint64_t word;
    memcpy(&word, stream + record + 8, sizeof word); /* kind, cpu, flags, seq */
    snprintf(text, sizeof text, "stream: byte %zu: a record of a kind that was not declared", record);
    refused(folder.dir, stream, size, record + 8, (word & ~UINT64_C(0xffff)) | 63, text);
    refused(folder.dir, stream, size, record + 8, word | 0xffff, text);
    sample_folder_remove(&folder);
}

Test(trace_reader, time_that_steps_back_and_padding_are_refused)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    for (uint64_t time = 1; time <= 3; time++)
        sample_write(writer, EVENT_GO_PARK, time);
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, NULL, &error), 0);
    AUTO_FREE char *stream = NULL;
    size_t size = 0;
    load(folder.dir, "stream", &stream, &size);
    size_t first = 2 * sizeof(struct packet_header);
    size_t second = first + sizeof(struct event_go_park);
    char text[128];
    snprintf(text, sizeof text, "stream: byte %zu: time steps back", second);
    refused(folder.dir, stream, size, second, 0, text);
    snprintf(text, sizeof text, "stream: byte %zu: a record's padding is not 0", first);
    refused(folder.dir, stream, size, first + 40, UINT64_C(1) << 63 | 1, text);
    sample_folder_remove(&folder);
}

Test(trace_reader, a_record_that_its_packet_cuts_is_refused)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    sample_write(writer, EVENT_GO_RUN, 1);
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, NULL, &error), 0);
    AUTO_FREE char *stream = NULL;
    size_t size = 0;
    load(folder.dir, "stream", &stream, &size);
    size_t record = 2 * sizeof(struct packet_header);
    uint64_t word;
    memcpy(&word, stream + record + 8, sizeof word);
    refused(folder.dir, stream, size, record + 8, (word & ~UINT64_C(0xffff)) | EVENT_GO_CREATE,
            "stream: byte 112: a record is cut off by the end of its packet");
    sample_folder_remove(&folder);
}

Test(trace_reader, what_is_no_regular_file_is_refused)
{
    struct sample_folder folder = sample_folder_make();
    struct error error = {0};
    cr_assert_eq(sample_read_all(folder.dir, &error), -ENOENT);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_not_null(strstr(error.text, "open metadata: No such file"));
    make_trace(folder.dir);
    cr_assert_eq(unlinkat(folder.dir, "stream", 0), 0);
    cr_assert_eq(mkfifoat(folder.dir, "stream", 0600), 0);
    cr_assert_lt(sample_read_all(folder.dir, &error), 0, "and a FIFO does not hang the reader");
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_eq(unlinkat(folder.dir, "stream", 0), 0);
    cr_assert_eq(symlinkat("/dev/zero", folder.dir, "stream"), 0);
    cr_assert_eq(sample_read_all(folder.dir, &error), -ELOOP);
    cr_assert_eq(error.class, ERROR_USAGE);
    sample_folder_remove(&folder);
}
