/*
 * Inside of the library: the shapes of cgroupfs' statistics files. Pure.
 */
#ifndef CGROUP_STAT_H
#define CGROUP_STAT_H

#include <stdbool.h>
#include <stdint.h>

enum stat_form {
    STAT_NUMBER,   /* the whole file */
    STAT_FLAT,     /* "key value" lines */
    STAT_PRESSURE, /* "some avg10=... total=N": key is "some" or "full"; Documentation/accounting/psi.rst */
    STAT_NESTED,   /* "8:0 rbytes=1 wbytes=2": the sum over the lines */
};

/* The value of `key`; false where the text has none. */
bool stat_find(const char *text, enum stat_form form, const char *key, uint64_t *value);

#endif
