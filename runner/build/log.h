/*
 * What a build prints, bounded: the first part, which names the first error, and the last part. Whatever lies
 * between is counted.
 */
#ifndef RUNNER_BUILD_LOG_H
#define RUNNER_BUILD_LOG_H

#include <stddef.h>
#include <stdint.h>

#define LOG_HEAD_MAX ((size_t)16 << 10)
#define LOG_TAIL_MAX ((size_t)48 << 10)

struct build_log {
    char head[LOG_HEAD_MAX];
    size_t head_size;
    char tail[LOG_TAIL_MAX]; /* a ring: byte n of the part behind the head is at n % LOG_TAIL_MAX */
    uint64_t tail_total;
};

void log_add(struct build_log *log, const char *bytes, size_t size);

/* The text with a line "[N bytes are left out]" at the cut; NULs become spaces. Fresh memory; NULL: none. */
char *log_text(const struct build_log *log);

/* The first line that tells an error: neither empty nor one of go's "# package" lines. Control characters are
   replaced; "" where there is none. */
void log_first_error(const char *text, char *line, size_t size);

#endif
