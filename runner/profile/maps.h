/*
 * The code of a process that is not its executable's own (shared libraries, vdso, code made at run time), as
 * /proc/PID/maps has it: ranges and what to call them. A pure function on that text.
 */
#ifndef RUNNER_PROFILE_MAPS_H
#define RUNNER_PROFILE_MAPS_H

#include <stddef.h>
#include <stdint.h>

struct map {
    uint64_t start, end;
    char name[64]; /* "[libc.so.6]", "[vdso]", "[anonymous]"; long ones are cut */
};

struct maps {
    struct map *items; /* by address, as the kernel sorts them */
    size_t count;
};

#define MAPS_MOST 4096

/* Executable ranges only. -ENOMEM. Release with maps_free(). */
int maps_parse(const char *text, struct maps *maps);
void maps_free(struct maps *maps);
/* NULL: nothing executable is there. */
const char *maps_name_at(const struct maps *maps, uint64_t address);

#endif
