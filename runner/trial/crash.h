/*
 * Finds the Go runtime's last words in a stream of bytes: "panic: ...", "fatal error: ...", each at the start
 * of a line, and the "goroutine N [...]:" header that follows a real one (runtime/panic.go printpanics,
 * runtime/traceback.go goroutineheader). A demo can print the same; that is why a verdict also needs the exit
 * status, and why the evidence is marked as the demo's word.
 */
#ifndef RUNNER_TRIAL_CRASH_H
#define RUNNER_TRIAL_CRASH_H

#include <stdbool.h>
#include <stddef.h>

enum crash_kind { CRASH_NONE, CRASH_PANIC, CRASH_FATAL, CRASH_DEADLOCK };

struct crash_scan {
    enum crash_kind kind; /* of the first such line */
    char line[512];       /* that line, cut, without the newline */
    bool traced;          /* a goroutine header came after it */
    char current[512];    /* the line being collected */
    size_t used;
};

/* `context` is a struct crash_scan, zeroed before the first call. Shaped for struct capture's scan. */
void crash_scan(void *context, const char *bytes, size_t size);

#endif
