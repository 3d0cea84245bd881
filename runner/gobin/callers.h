/*
 * All places of the runtime that change a goroutine's status by calling runtime.casgstatus, instead of that
 * function's own beginning.
 *
 * Every system call passes it twice up to Go 1.25 (running to syscall and back) and tells nothing by it that
 * is of interest here, but would pay for the probe. A call has the registers that the function will find, and
 * is emulated by the kernel. It takes some 35 places, so it is for links that hold many: uprobe.multi.
 *
 * Calls are found by their target, in all functions of the runtime (calls.h); only those are left out that
 * make no change of interest, by name. A name that is not known costs a hit in vain, and no event. That
 * nothing is missing is made sure of by the functions that have to be among the callers: where one of them is
 * not, as with a changed runtime, there is no list at all.
 */
#ifndef RUNNER_GOBIN_CALLERS_H
#define RUNNER_GOBIN_CALLERS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/observer.h"
#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"

#define CALLERS_PLACES_MAX 64 /* 32 to 36 of them in Go 1.19 to 1.27 */

/* Fills in the places that call `callee`, runtime.casgstatus; returns how many there are, 0 where they cannot
   all be told. */
size_t callers_find(const struct image *image, const struct functions *functions,
                    const struct function *callee, enum go_site site,
                    struct probe_site places[CALLERS_PLACES_MAX]);

/* Whether calls within a function make only changes of status that are no event: to a system call and back,
   around the copying of a stack, of the g of a callback out of C. */
bool callers_left_out(const char *function);

#endif
