/*
 * Inside of the library: the table of limits, and the conversions between the two interfaces. The manifest
 * and v2 share their notation; v1's differs in files and in how "max" is written.
 */
#ifndef CGROUP_LIMITS_H
#define CGROUP_LIMITS_H

#include "cgroup/root.h"

enum limit_form {
    LIMIT_BYTES, /* rounded down to pages by the kernel */
    LIMIT_COUNT,
    LIMIT_QUOTA,     /* "QUOTA PERIOD" in microseconds */
    LIMIT_CPUS,      /* a list of CPUs */
    LIMIT_SWAP_BYTES /* v1 limits memory and swap together */
};

struct limit_row {
    const char *key; /* as manifest and v2 have it */
    enum controller controller;
    enum limit_form form;
    const char *v1_file;   /* NULL: v1 has no such limit */
    const char *unlimited; /* what a new group has: holds where the limit cannot be set */
};

/* The rows in the order of writing (memory.max before swap: v1 wants memsw at least as high). */
extern const struct limit_row limit_rows[];
extern const size_t limit_row_count;

/* What `settings` asks of a row, in v2's notation. False: nothing. */
bool limit_asked(const struct limit_row *row, const struct cgroup_settings *settings, char *text,
                 size_t size);

/* v1 notation of a number or "max": -1 stands for no limit. */
void limit_to_v1(const char *v2, char *text, size_t size);
/* And back; for memory, everything near INT64_MAX is "max". */
void limit_from_v1(const char *v1, enum limit_form form, char *text, size_t size);

/* Whether what the kernel says is what was asked. */
bool limit_holds(enum limit_form form, const char *asked, const char *read_back);

/* Bits of a CPU list like "0-2,5"; CPUs from `count` on are an error. */
bool limit_parse_cpus(const char *list, bool *cpus, size_t count);

/* Whether `names`, separated by spaces, has `key`. */
bool limit_listed(const char *names, const char *key);

#endif
