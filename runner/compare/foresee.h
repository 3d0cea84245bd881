/*
 * What an experiment will be able to show, before it runs: for `--dry-run`.
 */
#ifndef RUNNER_COMPARE_FORESEE_H
#define RUNNER_COMPARE_FORESEE_H

#include <stdio.h>

#include "runner/compare/measured.h"
#include "runner/manifest/experiment.h"

#define FORESEE_SPREAD 0.02 /* between trials of one demo, where none was measured */

/* The smallest difference that 80% of such experiments would show, in percent at the corrected level: by the
   spread between trials that was measured in `former`, a bundle of the same experiment, or by FORESEE_SPREAD
   where that is NULL; it says which. And which gates can never be decided with so few trials. */
void foresee_print(const struct experiment *experiment, const struct measured *former, FILE *out);

#endif
