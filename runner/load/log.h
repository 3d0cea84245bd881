/*
 * The raw log of a load, load.log.zst: CSV text with one row for each request that was due in the window, in
 * the order in which they ended; the warm-up is left out. Columns:
 *
 *     due_ns,lag_ns,sent_ns,end_ns,status,bytes,connection,error
 *
 * Times count from the window's start. An empty cell: there was none (never sent, no answer; lag_ns, too,
 * when more than LOAD_LAGS_KEPT requests became due while it waited). bytes: of the answer's body.
 * connection: the serial number, from 1 on. error: a name of load_error_name(), empty for an expected answer.
 *
 * Rows gather in a ring of slices, 1 MiB in all; a slice is compressed and written when there is time for it
 * (load_log_work) or, when the ring is full, at once. The compressor's window is small so that a slice is the
 * most that it works on at a time: tens of microseconds.
 */
#ifndef RUNNER_LOAD_LOG_H
#define RUNNER_LOAD_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/load/tally.h"
#include "runner/support/error.h"

#define LOAD_LAGS_KEPT 65536u

struct load_log;

struct load_row {
    uint64_t due_ns, sent_ns, end_ns; /* CLOCK_MONOTONIC; sent_ns 0: never sent */
    int64_t lag_ns;                   /* negative: not known */
    uint16_t status;                  /* 0: no answer */
    uint64_t bytes;
    uint64_t connection; /* 0: none */
    enum load_error error;
};

/* Writes to `fd`, which stays the caller's. Times are told from `origin_ns` on. -ENOMEM with error. */
int load_log_open(struct load_log **log, int fd, uint64_t origin_ns, struct error *error);
void load_log_add(struct load_log *log, const struct load_row *row);
/* Compresses and writes one slice; false: no slice is full. */
bool load_log_work(struct load_log *log);
/* Writes what is left and the end of the stream. */
void load_log_finish(struct load_log *log);
/* The first error (a full disk), as a positive errno value; 0: none. The rows behind it are lost. */
int load_log_error(const struct load_log *log);
uint64_t load_log_rows(const struct load_log *log); /* added so far */
void load_log_free(struct load_log *log);           /* NULL is fine */

#endif
