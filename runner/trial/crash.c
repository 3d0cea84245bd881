#include "runner/trial/crash.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *start;
    enum crash_kind kind;
} words[] = {
    {"fatal error: all goroutines are asleep - deadlock!", CRASH_DEADLOCK},
    {"fatal error: no goroutines (main called runtime.Goexit) - deadlock!", CRASH_DEADLOCK},
    {"fatal error: ", CRASH_FATAL},
    {"panic: ", CRASH_PANIC},
};

static void end_of_line(struct crash_scan *scan)
{
    scan->current[scan->used] = 0;
    if (scan->kind != CRASH_NONE) {
        if (strncmp(scan->current, "goroutine ", 10) == 0 && strchr(scan->current, '['))
            scan->traced = true;
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(scan->current, words[i].start, strlen(words[i].start)) == 0) {
            scan->kind = words[i].kind;
            snprintf(scan->line, sizeof scan->line, "%s", scan->current);
            return;
        }
}

void crash_scan(void *context, const char *bytes, size_t size)
{
    struct crash_scan *scan = context;
    while (size) {
        const char *newline = memchr(bytes, '\n', size);
        size_t length = newline ? (size_t)(newline - bytes) : size;
        size_t room = sizeof scan->current - 1 - scan->used;
        size_t take = length < room ? length : room;
        memcpy(scan->current + scan->used, bytes, take);
        scan->used += take;
        if (!newline)
            return;
        end_of_line(scan);
        scan->used = 0;
        bytes += length + 1;
        size -= length + 1;
    }
}
