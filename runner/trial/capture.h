/*
 * What a demo prints: read through a pipe without end, kept up to a bound, counted beyond it, so that a demo
 * that prints 10 GB neither hangs nor fills the disk. Output is data: nothing in it is ever taken for
 * runner's own words.
 */
#ifndef RUNNER_TRIAL_CAPTURE_H
#define RUNNER_TRIAL_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/support/error.h"

#define CAPTURE_LIMIT (4u << 20) /* bytes kept of a stream */

struct capture {
    int read_end;  /* non-blocking; -1 after the end */
    int write_end; /* for the demo; closed by capture_close_write() */
    int file;
    uint64_t seen, kept; /* bytes */
    int write_error;     /* errno of the first failed write to the file */
    /* Every chunk goes through here before it is cut; may be NULL. */
    void (*scan)(void *context, const char *bytes, size_t size);
    void *context;
};

/* Makes the pipe and the file `name` in `dir`. */
int capture_open(struct capture *capture, int dir, const char *name, struct error *error);
void capture_close_write(struct capture *capture);
/* Reads what is there. True while the stream may bring more. */
bool capture_drain(struct capture *capture);
void capture_close(struct capture *capture);

#endif
