/*
 * The finding of what waits for a P although its descriptor is ready: netpoll-starvation.
 */
#ifndef RUNNER_FINDINGS_STARVING_H
#define RUNNER_FINDINGS_STARVING_H

#include "runner/findings/findings.h"

void starving_judge(const struct findings_input *input, struct findings *findings);

#endif
