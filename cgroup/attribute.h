/*
 * Inside of the library: one file of cgroupfs, read or written whole. A read(2) of such a file yields all of
 * it (seq_file makes the text in one piece), so a second one to see the end is left out.
 */
#ifndef CGROUP_ATTRIBUTE_H
#define CGROUP_ATTRIBUTE_H

#include <stddef.h>

/* The text without its final newline; cut where it does not fit. 0 or a negative errno. */
int attribute_read(int dir, const char *file, char *text, size_t size);
/* 0 or a negative errno. */
int attribute_write(int dir, const char *file, const char *text);
/* Writes, and reads back by the same descriptor. 0 or a negative errno. */
int attribute_set(int dir, const char *file, const char *text, char *back, size_t size);

#endif
