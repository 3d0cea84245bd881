/*
 * Wait reasons by number and name; the numbers differ between versions of Go (runtime/runtime2.go).
 */
#ifndef RUNNER_REPLAY_REASONS_H
#define RUNNER_REPLAY_REASONS_H

#include <stdint.h>

#include "runner/gobin/reasons.h"

/* Wait reasons 0..63; the last stands for all that are larger. Go 1.27 has 47. */
#define WAIT_REASONS 65
/* stwReason 0..31; the last stands for all that are larger. Go 1.27 has 17. */
#define STW_REASONS 33

#define REASON_NAME_SIZE 48
/* The name among `names` (NULL: none is known), else "unknown reason 57", or "other" for the last. */
void reasons_wait_name(const struct reason_names *names, uint32_t reason, char name[REASON_NAME_SIZE]);
void reasons_stw_name(const struct reason_names *names, uint32_t reason, char name[REASON_NAME_SIZE]);

/* Number of the reason of that name; UINT32_MAX where there is none. */
uint32_t reasons_wait_number(const struct reason_names *names, const char *name);

#endif
