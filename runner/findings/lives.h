/*
 * Findings about how goroutines come and go: goroutine-leak, goroutine-churn.
 */
#ifndef RUNNER_FINDINGS_LIVES_H
#define RUNNER_FINDINGS_LIVES_H

#include "runner/findings/findings.h"

void lives_judge_leak(const struct findings_input *input, struct findings *findings);
void lives_judge_churn(const struct findings_input *input, struct findings *findings);

#endif
