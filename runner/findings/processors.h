/*
 * Findings about threads, Ps and CPUs: syscall-handoff, spinning, oversubscribed.
 */
#ifndef RUNNER_FINDINGS_PROCESSORS_H
#define RUNNER_FINDINGS_PROCESSORS_H

#include "runner/findings/findings.h"

void processors_judge_handoff(const struct findings_input *input, struct findings *findings);
void processors_judge_spinning(const struct findings_input *input, struct findings *findings);
void processors_judge_oversubscribed(const struct findings_input *input, struct findings *findings);

#endif
