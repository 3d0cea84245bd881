/* Finds a text in a stream that comes in pieces, in memory of the text's length. */
#ifndef RUNNER_LOAD_WATCH_H
#define RUNNER_LOAD_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct watch {
    const char *text; /* the caller's; NULL: nothing is looked for */
    size_t length;
    size_t *fallback; /* of Knuth, Morris and Pratt: where to go on after a mismatch */
    size_t matched;
    bool found;
};

int watch_open(struct watch *watch, const char *text); /* 0 or -ENOMEM */
/* Shaped for struct capture's scan; `context` is a struct watch. */
void watch_bytes(void *context, const char *bytes, size_t size);
void watch_close(struct watch *watch);

#endif
