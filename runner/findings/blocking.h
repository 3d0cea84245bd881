/*
 * Findings about what goroutines wait for: blocked-sends, lock-convoy.
 */
#ifndef RUNNER_FINDINGS_BLOCKING_H
#define RUNNER_FINDINGS_BLOCKING_H

#include "runner/findings/findings.h"

void blocking_judge_sends(const struct findings_input *input, struct findings *findings);
void blocking_judge_convoy(const struct findings_input *input, struct findings *findings);

#endif
