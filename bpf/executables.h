/*
 * Which file is which executable: lets a program find the layout of whatever a task was started from
 * (bpf/goroutine.bpf.h). Nothing is attached to the file.
 */
#ifndef BPF_EXECUTABLES_H
#define BPF_EXECUTABLES_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/support/error.h"

struct observer;

/* Announces the file behind `path` as executable number `index` (0 .. GO_EXECUTABLES_MAX - 1); another one
   with that number is forgotten. `layout` NULL: it is not Go, or not known; then no goroutine is found in it.
   Holds until the observer is closed. ERROR_HOST where the kernel cannot tell (before 5.10). */
int observer_announce(struct observer *observer, uint32_t index, const char *path,
                      const struct go_layout *layout, struct error *error);

#endif
