/*
 * Names of wait reasons and of reasons to stop the world, by number: they are numbered anew in most versions.
 * Sources: runtime/runtime2.go (waitReasonStrings), runtime/proc.go (stwReasonStrings).
 */
#ifndef RUNNER_GOBIN_REASONS_H
#define RUNNER_GOBIN_REASONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reason_names {
    size_t count;
    const char *const *names;
};

extern const struct reason_names wait_reasons_19, wait_reasons_21, wait_reasons_22, wait_reasons_23,
    wait_reasons_24, wait_reasons_25, wait_reasons_26;
extern const struct reason_names stw_reasons_21;

/* The name of a number; NULL where there is none, or no names at all. */
const char *reason_name(const struct reason_names *names, uint32_t number);
/* The number of a name; false where there is none. */
bool reason_number(const struct reason_names *names, const char *name, uint32_t *number);
/* NULL equals an empty list. */
bool reasons_equal(const struct reason_names *left, const struct reason_names *right);

#endif
