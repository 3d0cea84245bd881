/*
 * The functions of the Go runtime to probe, and where in them: one table for all versions. What a site means,
 * and which registers are read there, is said in bpf/events.h (enum go_site).
 */
#ifndef RUNNER_GOBIN_SITES_H
#define RUNNER_GOBIN_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/manifest/experiment.h"

enum site_place {
    SITE_ENTRY, /* the function's beginning, where its registers are still those of the call (prologue.h) */
    SITE_CALL,  /* the instruction that calls `callee` */
    SITE_AFTER_CALL, /* the branch on what `callee` has returned (calls.h) */
};

/* Is probed in Go 1.`from` up to, but not including, Go 1.`before` (0: without end). */
struct version_site {
    enum go_site site;
    enum go_level level;
    const char *function;
    uint32_t registers; /* SITE_ENTRY: enum prologue_register, what the BPF program reads at the site */
    uint32_t from, before;
    bool optional; /* the linker leaves it out of programs that do not use it */
    enum site_place place;
    const char *callee;
    bool by_calls; /* SITE_ENTRY: the calls of the function may stand for it (callers.h) */
};
extern const struct version_site version_sites[];
extern const size_t version_site_count;
bool version_has_site(uint32_t minor, const struct version_site *site);

/* Kinds of events that a site yields: bit 1 << kind. */
uint64_t site_kinds(enum go_site site);
/* Kinds of a level that no site of Go 1.`minor` yields, although those of another version do. */
uint64_t version_absent_kinds(uint32_t minor, enum go_level level);

#endif
