/*
 * JUnit XML, as CI systems read it: a suite a bundle, named after its experiment; a case for each demo (did
 * it do what the manifest expects) and for each gate and demo. FAIL is a failure, what could not be decided
 * is skipped with its reason, what did not build is an error.
 *
 * There is no standard; the form is the one that the schemas of Jenkins' xUnit plugin and of Ant's
 * junitreport have in common (order of elements, required attributes). Findings are no cases: a gate makes
 * them one.
 */
#ifndef RUNNER_REPORT_JUNIT_H
#define RUNNER_REPORT_JUNIT_H

#include <stdio.h>

#include "runner/report/results.h"

void junit_write(const struct results *results, const struct measured *const *bundles, size_t count,
                 FILE *out);

#endif
