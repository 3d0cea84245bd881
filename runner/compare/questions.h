/*
 * Whom each gate is asked of; for the modules of this folder only.
 */
#ifndef RUNNER_COMPARE_QUESTIONS_H
#define RUNNER_COMPARE_QUESTIONS_H

#include "runner/compare/rows.h"
#include "runner/manifest/gates.h"

/* A gate and whom it is asked of. */
struct question {
    const struct gate *gate;
    const struct measured *bundle;
    const char *name;                 /* of the demo; NULL: nobody can be asked */
    const struct measured_demo *demo; /* NULL: no trial of it was finished */
    const struct pair *pair;          /* against the baseline */
};

struct questions {
    struct question *list; /* freed by the caller */
    size_t count;
    bool no_memory; /* some are missing */
};

/* At least one of each gate. */
void questions_make(struct questions *questions, const struct comparison *comparison,
                    const struct gate *gates, size_t count);

#endif
