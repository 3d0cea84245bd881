#include "runner/load/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* fallback[i]: the length of the longest proper prefix of text[0..i] that also ends there. */
static void fill_fallback(struct watch *watch)
{
    size_t length = 0;
    for (size_t i = 1; i < watch->length; i++) {
        while (length && watch->text[i] != watch->text[length])
            length = watch->fallback[length - 1];
        length += watch->text[i] == watch->text[length];
        watch->fallback[i] = length;
    }
}

int watch_open(struct watch *watch, const char *text)
{
    *watch = (struct watch){.text = text, .length = text ? strlen(text) : 0};
    if (!watch->length)
        return 0;
    watch->fallback = calloc(watch->length, sizeof *watch->fallback);
    if (!watch->fallback)
        return -ENOMEM;
    fill_fallback(watch);
    return 0;
}

void watch_bytes(void *context, const char *bytes, size_t size)
{
    struct watch *watch = context;
    for (size_t i = 0; i < size && watch->length && !watch->found; i++) {
        while (watch->matched && bytes[i] != watch->text[watch->matched])
            watch->matched = watch->fallback[watch->matched - 1];
        watch->matched += bytes[i] == watch->text[watch->matched];
        watch->found = watch->matched == watch->length;
    }
}

void watch_close(struct watch *watch)
{
    free(watch->fallback);
    *watch = (struct watch){0};
}
