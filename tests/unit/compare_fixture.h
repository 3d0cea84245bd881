/*
 * Bundles made up for tests of comparisons: what they hold is stated, and they can be spoilt.
 */
#ifndef TESTS_UNIT_COMPARE_FIXTURE_H
#define TESTS_UNIT_COMPARE_FIXTURE_H

#include <jansson.h>
#include <stddef.h>

#include "runner/compare/compare.h"

struct bundle_fixture {
    json_t *experiment, *summary;
};

/* Complete, of this machine as it were, with the baseline's name; no demo yet. */
struct bundle_fixture fixture_make(const char *bundle, const char *baseline);
void fixture_free(struct bundle_fixture *fixture);
/* A demo with Go 1.23. */
void fixture_demo(struct bundle_fixture *fixture, const char *demo);
/* Values of a metric, of "bare", "observed" or "aa" trials; NAN: not known. Makes the demo where it is new.
 */
void fixture_values(struct bundle_fixture *fixture, const char *demo, const char *role, const char *metric,
                    const double *values, size_t count);
/* The same as the metric's p99. */
void fixture_p99(struct bundle_fixture *fixture, const char *demo, const char *role, const char *metric,
                 const double *values, size_t count);
/* count values around `centre`, within `spread` of it, always the same for the same seed; no two alike. */
void fixture_spread(double *values, size_t count, double centre, double spread, unsigned seed);
/* Sets a place of one of the files, "environment.kernel_release"; takes the value's reference. */
void fixture_set(json_t *json, const char *path, json_t *value);

/* Writes it as a folder with checksums; the path is freed by fixture_remove(). */
char *fixture_write(const struct bundle_fixture *fixture);
/* Puts a text in the place of one of its files. */
void fixture_spoil(const char *path, const char *file, const char *text);
void fixture_remove(char *path);

/* A comparison of one or several, run; the fixtures' labels are A, B, ... */
struct comparison *fixture_compare(struct bundle_fixture *const *fixtures, size_t count);

#endif
