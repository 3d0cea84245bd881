/*
 * The CPU profile of a trial (profile.json, runner/profile/profile.h) as folded stacks, which tools that draw
 * flame graphs read (Gregg, FlameGraph: flamegraph.pl, stackcollapse-*.pl): a line for each stack, functions
 * from the outermost to the innermost with ';' between, a space, the number of samples.
 *
 * The first function tells whose stack it is: "goroutine main.worker", "runtime" (threads of the Go runtime
 * without a goroutine), or the name of a thread. Functions of the kernel end in "_[k]". A ';' or a line end
 * in a name becomes ':'.
 */
#ifndef RUNNER_EXPORT_FOLDED_H
#define RUNNER_EXPORT_FOLDED_H

#include <stdio.h>

#include "runner/support/error.h"

/* `trial_dir` holds profile.json. ERROR_USAGE where there is none, or it makes no sense (nothing is written
   then); ERROR_INTERNAL when `out` cannot be written. Flushes `out`, does not close it. */
int folded_export(int trial_dir, FILE *out, struct error *error);

#endif
