/*
 * The packet of the file `stream`: this header, then whole records in time order. All sizes are multiples of
 * 8 bytes, so that every record is aligned.
 */
#ifndef RUNNER_TRACE_PACKET_H
#define RUNNER_TRACE_PACKET_H

#include <stdint.h>

#define PACKET_MAGIC 0xc1fc1fc1u /* CTF 1.8.3, 5.2.1 */

struct packet_header {
    uint32_t magic, stream_id;
    uint64_t content_size, packet_size; /* bits, this header included; the same here */
    uint64_t timestamp_begin, timestamp_end;
    uint64_t events_discarded; /* since the start, the writer's own losses included */
    uint64_t packet_seq_num;
};
_Static_assert(sizeof(struct packet_header) == 56, "layout of the declared packet");

#endif
