/*
 * A demo made ready for its trials: built, its executable's probe sites attached, or the reason why not.
 */
#ifndef RUNNER_EXPERIMENT_SUBJECT_H
#define RUNNER_EXPERIMENT_SUBJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/observer.h"
#include "runner/build/build.h"
#include "runner/gobin/gobin.h"
#include "runner/manifest/experiment.h"

struct subject {
    const struct demo *demo;
    struct build build;
    bool built;
    char *failure; /* why it did not build; owned */
    struct probe_plan probes;
    size_t sites_attached;
    char *go_off;        /* why the Go probes are off; NULL: on; owned */
    char *no_goroutines; /* why samples of the CPU profile have no goroutine; NULL: they have; owned */
};

/* Builds it. Only what is not the demo's fault is an error; a failed build is told by subject->failure. */
int subject_build(struct subject *subject, const struct demo *demo, const struct build_options *options,
                  struct error *error);
/* Plans and attaches the Go probes to the observed copy; `index` is the executable's number for the observer.
 */
void subject_attach(struct subject *subject, struct observer *observer, uint32_t index,
                    const struct probe_settings *probes);
/* After a trial whose self-check failed: no Go probes any more. */
void subject_go_failed(struct subject *subject);
/* The demo's block of experiment.json: toolchain, hashes, build settings, probes. */
json_t *subject_json(const struct subject *subject);
void subject_free(struct subject *subject);

#endif
