/*
 * Findings about what eats the CPU time that the program may have: throttled, gc-pressure.
 */
#ifndef RUNNER_FINDINGS_BUDGET_H
#define RUNNER_FINDINGS_BUDGET_H

#include "runner/findings/findings.h"

void budget_judge_throttled(const struct findings_input *input, struct findings *findings);
void budget_judge_gc(const struct findings_input *input, struct findings *findings);

#endif
