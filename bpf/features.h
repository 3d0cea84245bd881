/* What differs between kernels and has to be known before our programs are loaded; and why loading failed. */
#ifndef BPF_FEATURES_H
#define BPF_FEATURES_H

#include <stdbool.h>

#include "runner/support/error.h"

struct features {
    bool switch_has_state; /* sched_switch hands over prev's state as a fourth argument */
    bool before_5_15;      /* the variant of the programs to load: bpf/variant.h */
};

/* Asks the running kernel and its BTF. ERROR_HOST where there is none. */
int features_find(struct features *features, struct error *error);

/* How many arguments a tracepoint of this kernel hands over; -1: there is no such tracepoint. */
struct btf;
int features_tracepoint_arguments(const struct btf *kernel, const char *name);

/* The error of a failed load: `number` is positive, `log` what the verifier said (may be empty). */
int features_load_error(int number, const char *log, struct error *error);

#endif
