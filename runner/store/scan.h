/*
 * JSON that is read where it stands: a cursor over the text, no tree.
 *
 * For summary.json, of which a comparison reads hundreds: a tree of its values takes 15 ms and 20 times the
 * memory of the doubles in it, jansson's way of reading; this takes one tenth. Strict (RFC 8259), nothing is
 * trusted: depth is bounded, numbers must be finite doubles, what is skipped is checked as well.
 *
 * Every function returns false once something is wrong; scan_fault() says what and where, and all that
 * follows returns false too, so that a caller may look once at the end.
 */
#ifndef RUNNER_STORE_SCAN_H
#define RUNNER_STORE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define SCAN_DEPTH_MAX 64

struct scan {
    const char *start, *at, *end;
    int depth;
    const char *fault; /* static; NULL: all is well */
};

enum scan_kind {
    SCAN_NOTHING,
    SCAN_OBJECT,
    SCAN_ARRAY,
    SCAN_STRING,
    SCAN_NUMBER,
    SCAN_TRUE,
    SCAN_FALSE,
    SCAN_NULL
};

void scan_open(struct scan *scan, const char *text, size_t size);

/* What the value under the cursor is, by its first character. */
enum scan_kind scan_kind(struct scan *scan);

/* Calls `member` for each key of an object, with the cursor on its value, which `member` must take. A key
   that is longer than `SCAN_KEY_SIZE` - 1 bytes is cut. */
#define SCAN_KEY_SIZE 256
bool scan_object(struct scan *scan, bool (*member)(struct scan *scan, const char *key, void *context),
                 void *context);
/* The same for the items of an array. */
bool scan_array(struct scan *scan, bool (*item)(struct scan *scan, void *context), void *context);
/* A number; NAN for null. */
bool scan_number(struct scan *scan, double *value);
/* A string, unescaped and cut between characters to what fits. Bytes that are no UTF-8 are left as they are.
 */
bool scan_string(struct scan *scan, char *to, size_t size);
bool scan_bool(struct scan *scan, bool *value);
/* Any value. */
bool scan_skip(struct scan *scan);
/* Nothing but white space is left. */
bool scan_finish(struct scan *scan);

/* Records a fault of the caller's own; returns false. */
bool scan_fail(struct scan *scan, const char *static_text);
/* "12:5: text" into `to`; "" where all is well. */
void scan_fault(const struct scan *scan, char *to, size_t size);

#endif
