/* What recovery asks a reader beyond the public calls of trace.h. */
#ifndef RUNNER_TRACE_READER_H
#define RUNNER_TRACE_READER_H

#include <stdint.h>

struct trace_reader;
/* Bytes of `stream` from its start that are whole packets without a fault, as far as it was read. */
uint64_t trace_reader_whole_bytes(const struct trace_reader *reader);
uint64_t trace_reader_file_size(const struct trace_reader *reader);

#endif
