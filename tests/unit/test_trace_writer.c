#include "tests/unit/trace_sample.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

Test(trace_writer, every_kind_comes_back_as_it_was_written)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    uint64_t time = 1000;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        if (event_type(kind))
            sample_write(writer, kind, time++);
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 7, &counts, &error), 0);
    cr_assert_eq(counts.first_ns, 1000);
    cr_assert_eq(counts.last_ns, time - 1);
    cr_assert_eq(counts.packets, 3, "empty, records, empty");
    cr_assert_eq(counts.bytes, sample_stream_size(folder.dir));

    struct trace_reader *reader = NULL;
    cr_assert_eq(trace_reader_open(folder.dir, &reader, &error), 0, "%s", error.text);
    const struct event_header *event;
    for (uint64_t expected = 1000; expected < time; expected++) {
        cr_assert_eq(trace_read(reader, &event, &error), 1, "%s", error.text);
        cr_assert_eq(counts.written[event->kind], 1);
        union sample_record record;
        size_t size = sample_event(&record, event->kind, expected);
        size_t padding = event_padding(event_type(event->kind));
        cr_assert_arr_eq(event, &record, size - padding);
        for (size_t i = 0; i < padding; i++)
            cr_assert_eq(((const uint8_t *)event)[size - 1 - i], 0, "padding of kind %u", event->kind);
    }
    cr_assert_eq(trace_read(reader, &event, &error), 0);
    cr_assert_eq(trace_read(reader, &event, &error), 0, "the end stays the end");
    cr_assert_eq(trace_reader_discarded(reader), 7);
    cr_assert_eq(trace_reader_go_minor(reader), 23);
    cr_assert_str_eq(trace_reader_trial(reader), "pool/trial-002-observed");
    trace_reader_close(reader);
    sample_folder_remove(&folder);
}

/* Times in an order that steps back by up to `back`. */
static uint64_t shuffled(uint64_t i, uint64_t back)
{
    return 1000000 + 10 * i - (i * 2654435761u >> 7) % back;
}

Test(trace_writer, what_is_out_of_order_within_the_window_is_put_in_order)
{
    enum { EVENTS = 100000 };
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    settings.window_ns = 2000;
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    for (uint64_t i = 0; i < EVENTS; i++) {
        sample_write(writer, i % 3 ? EVENT_GO_RUN : EVENT_GO_CREATE, shuffled(i, 1900));
        if (i % 777 == 0)
            cr_assert_eq(trace_flush(writer, 0), 0);
    }
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, &counts, &error), 0);
    cr_assert_eq(counts.late, 0);
    cr_assert_eq(counts.written[EVENT_GO_RUN] + counts.written[EVENT_GO_CREATE], EVENTS);
    cr_assert_eq(sample_read_all(folder.dir, &error), EVENTS, "%s", error.text);
    sample_folder_remove(&folder);
}

Test(trace_writer, events_of_the_same_time_keep_their_order)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    union sample_record record;
    for (uint32_t i = 0; i < 1000; i++) {
        size_t size = sample_event(&record, EVENT_GO_RUN, 5000 - i / 100);
        record.header.seq = i;
        cr_assert_eq(trace_write(writer, &record.header, size), 0);
    }
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, NULL, &error), 0);
    struct trace_reader *reader = NULL;
    cr_assert_eq(trace_reader_open(folder.dir, &reader, &error), 0);
    const struct event_header *event;
    uint64_t last_time = 0;
    uint32_t last_seq = 0;
    while (trace_read(reader, &event, &error) > 0) {
        cr_assert(event->time > last_time || event->seq == last_seq + 1);
        last_time = event->time;
        last_seq = event->seq;
    }
    cr_assert_eq(last_seq, 99, "the first hundred are the youngest");
    trace_reader_close(reader);
    sample_folder_remove(&folder);
}

Test(trace_writer, what_comes_later_than_the_window_is_counted_not_written)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    settings.window_ns = 100;
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    sample_write(writer, EVENT_GO_RUN, 1000);
    sample_write(writer, EVENT_GO_RUN, 2000);
    cr_assert_eq(trace_flush(writer, 0), 0);
    sample_write(writer, EVENT_GO_RUN, 999);
    sample_write(writer, EVENT_GO_RUN, 1000);
    sample_write(writer, EVENT_GO_RUN, 1500);
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 4, &counts, &error), 0);
    cr_assert_eq(counts.late, 1, "only 999 is older than what was written");
    cr_assert_eq(counts.written[EVENT_GO_RUN], 4);
    struct trace_reader *reader = NULL;
    cr_assert_eq(trace_reader_open(folder.dir, &reader, &error), 0);
    const struct event_header *event;
    while (trace_read(reader, &event, &error) > 0)
        ;
    cr_assert_eq(trace_reader_discarded(reader), 5, "the ring's losses and the late one");
    trace_reader_close(reader);
    sample_folder_remove(&folder);
}

Test(trace_writer, the_stream_stays_below_its_maximum_and_marks_pass)
{
    enum { MAX = 64 * 1024 };
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    settings.max_bytes = MAX;
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    uint64_t time = 1000000;
    for (unsigned i = 0; i < 5000; i++) {
        sample_write(writer, EVENT_GO_PARK, time += 50000);
        if (i % 20 == 0)
            cr_assert_eq(trace_flush(writer, 0), 0);
    }
    sample_write(writer, EVENT_MARK, time + 1);
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, &counts, &error), 0);
    cr_assert_leq(counts.bytes, MAX);
    cr_assert_gt(counts.bytes, MAX - 8192);
    cr_assert_eq(counts.written[EVENT_GO_PARK] + counts.over_max, 5000);
    cr_assert_eq(counts.written[EVENT_MARK], 1);
    cr_assert_eq(sample_read_all(folder.dir, &error), (long)counts.written[EVENT_GO_PARK] + 1);
    sample_folder_remove(&folder);
}

struct followed {
    uint64_t count, last;
    struct event_go_wake derived;
};

/* Every second go_run yields a record of its own. */
static const struct event_header *follow(void *context, const struct event_header *event)
{
    struct followed *followed = context;
    cr_assert_geq(event->time, followed->last);
    followed->last = event->time;
    if (event->kind != EVENT_GO_RUN || followed->count++ % 2)
        return NULL;
    followed->derived = (struct event_go_wake){
        .header = {.time = event->time, .kind = EVENT_GO_WAKE, .cpu = EVENT_CPU_USER}, .go_queue = 5};
    return &followed->derived.header;
}

Test(trace_writer, a_follower_sees_all_in_order_and_its_records_stand_behind_their_cause)
{
    enum { EVENTS = 100000, MAX = 2 * 1024 * 1024 };
    struct sample_folder folder = sample_folder_make();
    struct followed followed = {0};
    struct trace_settings settings = sample_settings();
    settings.follow = follow;
    settings.follow_context = &followed;
    settings.max_bytes = MAX;
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    for (uint64_t i = 0; i < EVENTS; i++)
        sample_write(writer, EVENT_GO_RUN, shuffled(i, 1000));
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, &counts, &error), 0);
    cr_assert_eq(followed.count, EVENTS, "also what the maximum keeps out");
    cr_assert_gt(counts.over_max, 0);
    cr_assert_eq(counts.written[EVENT_GO_RUN] + counts.written[EVENT_GO_WAKE] + counts.over_max,
                 EVENTS + EVENTS / 2);
    cr_assert_leq(sample_stream_size(folder.dir), MAX);
    struct trace_reader *reader = NULL;
    cr_assert_eq(trace_reader_open(folder.dir, &reader, &error), 0);
    const struct event_header *event;
    for (uint64_t i = 0; trace_read(reader, &event, &error) > 0; i++)
        cr_assert_eq(event->kind, i % 3 == 1 ? EVENT_GO_WAKE : EVENT_GO_RUN, "record %zu", (size_t)i);
    trace_reader_close(reader);
    sample_folder_remove(&folder);
}

Test(trace_writer, a_flood_without_a_flush_is_written_from_bounded_memory)
{
    enum { EVENTS = 500000 }; /* 24 MB of records, all within one window */
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    settings.window_ns = 1000000000;
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    for (uint64_t i = 0; i < EVENTS; i++)
        sample_write(writer, EVENT_GO_PARK, shuffled(i, 1000));
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, &counts, &error), 0);
    cr_assert_eq(counts.written[EVENT_GO_PARK] + counts.late, EVENTS);
    cr_assert_gt(counts.packets, 10, "written before the end");
    cr_assert_eq(sample_read_all(folder.dir, &error), (long)counts.written[EVENT_GO_PARK], "%s", error.text);
    sample_folder_remove(&folder);
}

Test(trace_writer, a_trace_without_events_is_whole)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    cr_assert_eq(trace_flush(writer, 3), 0);
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 3, &counts, &error), 0);
    cr_assert_eq(counts.packets, 2);
    cr_assert_eq(counts.first_ns, 0);
    cr_assert_eq(sample_read_all(folder.dir, &error), 0, "%s", error.text);
    sample_folder_remove(&folder);
}

Test(trace_writer, records_that_are_none_are_refused)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    union sample_record record;
    size_t size = sample_event(&record, EVENT_GO_PARK, 1);
    cr_assert_eq(trace_write(writer, &record.header, size - 8), -EINVAL);
    cr_assert_eq(trace_write(writer, &record.header, 8), -EINVAL);
    record.header.kind = 63;
    cr_assert_eq(trace_write(writer, &record.header, size), -EINVAL);
    record.header.kind = UINT16_MAX;
    cr_assert_eq(trace_write(writer, &record.header, size), -EINVAL);
    trace_writer_abort(writer);
    sample_folder_remove(&folder);
}

Test(trace_writer, a_folder_with_a_trace_is_not_written_over)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    trace_writer_abort(sample_writer(folder.dir, &settings));
    struct trace_writer *writer = NULL;
    struct error error = {0};
    cr_assert_eq(trace_writer_open(folder.dir, &settings, &writer, &error), -EEXIST);
    cr_assert_eq(error.class, ERROR_INTERNAL);
    cr_assert_str_eq(error.text, "write trace/metadata of pool/trial-002-observed: File exists");
    sample_folder_remove(&folder);
}

/* A limit of the file's size stands for a full disk: write(2) fails in the middle of a packet. */
Test(trace_writer, a_full_disk_leaves_whole_packets)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder.dir, &settings);
    struct rlimit old;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){10000, old.rlim_max}), 0);
    int result = 0;
    uint64_t time = 1000000;
    for (unsigned i = 0; i < 1000 && result == 0; i++) {
        sample_write(writer, EVENT_GO_PARK, time += 100000);
        if (i % 20 == 19)
            result = trace_flush(writer, 0);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    cr_assert_eq(result, -EFBIG);
    union sample_record record;
    size_t size = sample_event(&record, EVENT_GO_PARK, time);
    cr_assert_eq(trace_write(writer, &record.header, size), -EFBIG, "the failure stays");
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, &counts, &error), -EFBIG);
    cr_assert_eq(error.class, ERROR_INTERNAL);
    cr_assert_eq(sample_stream_size(folder.dir), counts.bytes);
    cr_assert_eq(sample_read_all(folder.dir, &error), (long)counts.written[EVENT_GO_PARK]);
    sample_folder_remove(&folder);
}
