/*
 * The event stream on disk: a Common Trace Format 1.8 trace of two files, `metadata` and `stream`.
 *
 * Writer: records arrive nearly in time order; they are merged in a bounded window (events older than the
 * newest by more than the window are written) in packets, one write(2) a packet; what comes later than the
 * window is counted as late. Packets are whole when written; trace_recover() cuts back to the last
 * whole one after a kill. Reader: one pass over the packets in bounded memory; foreign or damaged files are
 * refused with the byte offset. Format: diamon.org/ctf v1.8.3; the layout of a record is its C layout in
 * bpf/events.h.
 *
 * kinds.c has the table of event kinds, metadata.c the text that declares them, order.c the window.
 */
#ifndef RUNNER_TRACE_TRACE_H
#define RUNNER_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/support/error.h"

enum field_type { FIELD_UNSIGNED, FIELD_HEX, FIELD_WAIT_REASON, FIELD_STW_REASON, FIELD_MARK };

/* One field behind the header, for metadata, exporters and the tests' comparison. */
struct event_field {
    const char *name;
    uint8_t offset, size; /* bytes from the start of the record; 4 or 8 */
    enum field_type type;
};
/* Fields follow each other without gaps from the end of the header; what is left up to `size` is padding,
   which the writer sets to 0 and the reader wants to be 0. */
struct event_type {
    enum event_kind kind;
    const char *name; /* "sched_switch", "go_park" */
    uint16_t size;
    uint8_t field_count;
    const struct event_field *fields;
};
/* The table of kinds; NULL for a kind that does not exist. */
const struct event_type *event_type(unsigned kind);
const struct event_type *event_type_by_name(const char *name);
uint64_t event_field_value(const struct event_header *event, const struct event_field *field);
size_t event_padding(const struct event_type *type); /* bytes at the end: 0, 4 or 8 */
const char *event_mark_name(uint32_t mark);          /* "barrier"; NULL: no such mark */

struct trace_writer;
/* Name of a number in the program's version of Go, or NULL. */
typedef const char *(*trace_reason_name)(void *context, uint32_t reason);
/* Gets every record in time order just before it is written, also what max_bytes keeps out of the stream.
   What it returns (NULL: nothing) is written behind it: a record of the same time, valid until the next call.
 */
typedef const struct event_header *(*trace_follow)(void *context, const struct event_header *event);
struct trace_settings {
    const char *trial;             /* "pool/trial-002-observed" */
    uint32_t go_minor;             /* 0: not a Go program, or not known */
    trace_reason_name wait_reason; /* both may be NULL: reasons are numbers then */
    trace_reason_name stw_reason;
    void *reason_context;
    uint64_t max_bytes;  /* of `stream`, 0: no limit; what is beyond is counted, only marks pass */
    uint64_t window_ns;  /* re-ordering window; 0: 1 ms */
    trace_follow follow; /* may be NULL */
    void *follow_context;
};
struct trace_counts {
    uint64_t written[EVENT_KIND_COUNT];
    uint64_t late, over_max; /* lost by reason */
    uint64_t bytes, packets;
    uint64_t first_ns, last_ns; /* of the events written; 0: none */
};

/* `dir`: an open, empty directory. The metadata is written at once. */
int trace_writer_open(int dir, const struct trace_settings *settings, struct trace_writer **writer,
                      struct error *error);
/* Copies a record into the window. 0 (also when it was counted as late or over the maximum), -EINVAL for a
   kind that does not exist or has another size, or another negative errno after a write failed (disk full;
   the stream then ends with its last whole packet, and every later call returns the same). */
int trace_write(struct trace_writer *writer, const struct event_header *event, size_t size);
/* Writes what is older than the window as one packet; `discarded` is the ring's cumulative count of losses,
   to which the writer adds its own. */
int trace_flush(struct trace_writer *writer, uint64_t discarded);
/* Everything, the last packet with the final count; fills `counts` (may be NULL); frees the writer also on
   error. */
int trace_writer_close(struct trace_writer *writer, uint64_t discarded, struct trace_counts *counts,
                       struct error *error);
/* Frees without finishing. */
void trace_writer_abort(struct trace_writer *writer);
/* Cuts `stream` in `dir` back to its last whole packet. Returns the bytes cut (0: it was whole), or negative
   where the folder holds no metadata of ours or the stream cannot be read or cut. */
int64_t trace_recover(int dir, struct error *error);

struct trace_reader;
int trace_reader_open(int dir, struct trace_reader **reader, struct error *error);
/* The next record in time order; *event points into the reader and is valid until the next call. 1: a record,
   0: the end, negative: damaged (ERROR_USAGE, with the byte offset). */
int trace_read(struct trace_reader *reader, const struct event_header **event, struct error *error);
uint32_t trace_reader_go_minor(const struct trace_reader *reader);
const char *trace_reader_trial(const struct trace_reader *reader);
/* Of the packets read so far: all losses, the writer's own included. */
uint64_t trace_reader_discarded(const struct trace_reader *reader);
/* CLOCK_REALTIME - CLOCK_MONOTONIC in ns when it was recorded. */
int64_t trace_reader_clock_offset(const struct trace_reader *reader);
/* Name of a reason or mark as the trace's own metadata has it ("chan receive"), or NULL. */
const char *trace_reader_name(const struct trace_reader *reader, enum field_type type, uint64_t value);
void trace_reader_close(struct trace_reader *reader);

#endif
