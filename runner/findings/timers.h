/*
 * The finding about timers: timer-abuse.
 */
#ifndef RUNNER_FINDINGS_TIMERS_H
#define RUNNER_FINDINGS_TIMERS_H

#include "runner/findings/findings.h"

void timers_judge(const struct findings_input *input, struct findings *findings);

#endif
