/*
 * The CPU profile of a trial: samples of stacks (bpf/profile.h) become a tree of calls with names.
 *
 * Theory of operation. Names are found as samples come, while the process is alive: the demo's own code by
 * the executable's tables (runner/gobin; where the kernel put it follows from the end of its code), the
 * kernel's by /proc/kallsyms, anything else by what is mapped there. Then a sample is a group (whose it is)
 * and a list of names, and is added to the tree: memory grows with what a program calls, not with time.
 *
 * What is known of Go is used where frame pointers alone mislead:
 * - a function without a frame (yet) leaves its caller's frame pointer alone, so the chain lacks the caller:
 *   Go's tables tell such places, and the return address is on top of the stack.
 * - runtime.mcall and morestack go to the system stack for good: what their frame pointer leads to is the
 * stack of a goroutine that may run elsewhere by now. A stack ends there, as at the bottom of a goroutine's
 * stack (goexit) or a thread's (mstart, rt0_go; mstart0, which mstart calls before it has a frame). A Go
 * stack that ends nowhere of these is counted as broken.
 * - runtime.systemstack comes back, so the goroutine's frames follow; Go before 1.21 leaves out the function
 *   that called it. Below a signal's handler (runtime.sigtramp) the function is missing that the signal hit.
 * Calls that the compiler put in line have no frame: their time is their caller's.
 *
 * profile.json, in the trial's folder ("schema": 1):
 *   hz, period_ns
 *   samples      in all nodes together
 *   functions    [{"name", "kind": "function" | "kernel" | "mapping" | "thread" | "unknown"}, ...]
 *   groups       [{"kind": "goroutine", "function": F, "creator": F or null, "samples", "goroutines"}, ...]
 *                kind runtime: threads of the Go runtime without a goroutine; kind thread: of programs that
 * are not Go, by the name that the kernel has for them (function) goroutines   [{"goid", "pid", "group": G,
 * "samples"}, ...]: at most 1,000, those with the most samples first nodes        the tree in columns: node i
 * was called by node parent[i] < i; parent[i] = -1 - G: it is the outermost of group G. function[i]: its
 * function. samples[i]: those that ended in it; what its callees have comes on top. F and G are indexes of
 * functions and groups. Each sample stands for period_ns on one CPU.
 */
#ifndef RUNNER_PROFILE_PROFILE_H
#define RUNNER_PROFILE_PROFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/profile.h"
#include "runner/gobin/gobin.h"
#include "runner/profile/kernel.h"
#include "runner/support/error.h"

struct profile;

struct profile_settings {
    const struct gobin *binary; /* of the demo; NULL: not an ELF file */
    int32_t executable;         /* the number that it was announced by (bpf/executables.h); -1: it was not */
    bool goroutines;            /* announced with its layout: samples without a goroutine have none */
    const struct kernel_symbols *kernel; /* may be NULL */
    uint32_t depth_limit; /* frames of each half of a stack, as observer_profile_read() has it */
};

/* What became of the samples that were added. */
struct profile_health {
    uint64_t samples;     /* in the tree */
    uint64_t no_room;     /* lost: the tree, the names or the groups were at their bounds */
    uint64_t in_kernel;   /* of samples: in kernel mode */
    uint64_t cut_deep;    /* stacks with a half as deep as the kernel walks */
    uint64_t cut_broken;  /* Go stacks that did not reach their bottom */
    uint64_t cut_refused; /* stacks with a half that the kernel could not walk */
    uint64_t frames;      /* of all samples; unknown: without a name */
    uint64_t unknown_frames;
    uint64_t repaired; /* stacks whose innermost caller was found on top of the stack */
};

int profile_open(const struct profile_settings *settings, struct profile **profile, struct error *error);
void profile_close(struct profile *profile);
/* Shaped for observer_profile_drain(): `context` is a struct profile. 0; errors are kept for the end. */
int profile_add(void *context, const struct profile_sample *sample);
void profile_read_health(const struct profile *profile, struct profile_health *health);
/* Writes profile.json into the directory `dir`; also the first error of adding, if there was one. */
int profile_write(const struct profile *profile, uint64_t period_ns, int dir, struct error *error);

#endif
