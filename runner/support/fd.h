/*
 * Descriptors and memory that release themselves, and the few whole-file operations that every room needs.
 */
#ifndef RUNNER_SUPPORT_FD_H
#define RUNNER_SUPPORT_FD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/support/error.h"

/* For __attribute__((cleanup)): closes *fd when it is not negative, frees *pointer. */
void fd_cleanup(int *fd);
void free_cleanup(void *pointer);
#define AUTO_FD   __attribute__((cleanup(fd_cleanup))) int
#define AUTO_FREE __attribute__((cleanup(free_cleanup)))

/* Takes the value out of *fd and leaves -1: the ownership moves to the caller. */
int fd_take(int *fd);
/* Closes *fd when it is not negative and leaves -1. Keeps errno. */
void fd_close(int *fd);

/* Writes all `size` bytes; restarts on EINTR and short writes. 0 or a negative errno. */
int fd_write_all(int fd, const void *data, size_t size);

/* Reads a whole file relative to `dir` (AT_FDCWD: the working directory) into fresh memory with a NUL behind
   it; refuses more than `limit` bytes with -EFBIG. *size without the NUL. Works for /proc and cgroupfs. */
int fd_read_file(int dir, const char *path, size_t limit, char **data, size_t *size);

/* Reads a small text file (at most size - 1 bytes), strips the final newline. 0 or a negative errno. */
int fd_read_text(int dir, const char *path, char *text, size_t size);
/* Writes `text` to an existing file (no create), one write(2). 0 or a negative errno. */
int fd_write_text(int dir, const char *path, const char *text);

/* Removes a tree below `dir` without following links. 0 or a negative errno; a missing tree is success. */
int fd_remove_tree(int dir, const char *path);
/* mkdir -p relative to `dir`, mode 0755. 0 or a negative errno. */
int fd_make_path(int dir, const char *path);
/* Copies the whole content of `from` to `to` (copy_file_range, else read and write). 0 or a negative errno.
 */
int fd_copy(int from, int to);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t clock_monotonic_ns(void);

#endif
