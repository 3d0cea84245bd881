/*
 * Real Go executables for the tests, built by the toolchains of this host.
 */
#ifndef TESTS_UNIT_TEST_GOBIN_FIXTURE_H
#define TESTS_UNIT_TEST_GOBIN_FIXTURE_H

#include <stdint.h>

/* Builds a program that uses timers, goroutines and system calls with Go 1.`minor` and extra arguments of
   `go build` (NULL-terminated, may be NULL). Returns a descriptor of the unlinked executable. Skips the test
   where the toolchain is missing, fails it where the build fails. */
int go_fixture(uint32_t minor, const char *const *arguments);

#endif
