/*
 * summary.json by its text; for the modules of this folder only.
 */
#ifndef RUNNER_COMPARE_SUMMARY_TEXT_H
#define RUNNER_COMPARE_SUMMARY_TEXT_H

#include "runner/compare/measured.h"

/* Fills demos, baseline and unknown. `what` names the text in messages. */
int summary_text_read(struct measured *measured, const char *text, size_t size, const char *what,
                      struct error *error);

#endif
