/*
 * Names of functions and mappings, each kept once, so that stacks are lists of numbers.
 */
#ifndef RUNNER_PROFILE_NAMES_H
#define RUNNER_PROFILE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "runner/replay/table.h"

enum name_kind {
    NAME_FUNCTION, /* of the demo's executable */
    NAME_KERNEL,   /* of the kernel; "[kernel]" where it hides its symbols */
    NAME_MAPPING,  /* "[libc.so.6]", "[vdso]": code that has no name of its own here */
    NAME_THREAD,   /* no code: what the kernel calls a thread */
    NAME_UNKNOWN,  /* "[unknown]": no code is known there */
};
/* "function", "kernel", ... */
const char *name_kind_text(enum name_kind kind);

struct name {
    enum name_kind kind;
    char *text;
};

struct names {
    struct name *items;
    size_t count, room;
    struct table numbers; /* by hash */
};

/* 0 or -ENOMEM. names_close() in any case. */
int names_open(struct names *names);
void names_close(struct names *names);
/* The number of a name, from 0 in the order of their coming; -ENOSPC beyond a million, -ENOMEM. Of a text
   only the first NAME_LONGEST bytes count. */
#define NAME_LONGEST 1024
int64_t names_add(struct names *names, enum name_kind kind, const char *text);

#endif
