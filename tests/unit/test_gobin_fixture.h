/*
 * Real Go executables for the tests: build/gobin/KIND-1.MINOR, made by `make go-programs` out of
 * tests/unit/gobin with every Go that is at hand.
 */
#ifndef TESTS_UNIT_TEST_GOBIN_FIXTURE_H
#define TESTS_UNIT_TEST_GOBIN_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#define FIXTURE_MINORS_MAX 16

/* The known minor versions that there are executables of. Skips the test where there is none, fails it where
   one of the distribution's own toolchains has none. */
size_t go_fixture_minors(uint32_t minors[FIXTURE_MINORS_MAX]);

/* A copy, without a name, of the executable of `kind` ("plain", "stripped", "symbols", "unpacked", "trimmed",
   "pie", "pie-stripped", "cgo", "cgo-stripped", "cgo-pie", "cgo-pie-stripped", "race"). Skips or fails the
   test as above. */
int go_fixture(uint32_t minor, const char *kind);

#endif
