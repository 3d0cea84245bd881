/*
 * For tests: runs a shell script in a sandbox and keeps what it said.
 */
#ifndef TESTS_INTEGRATION_SANDBOXED_H
#define TESTS_INTEGRATION_SANDBOXED_H

#include <stdbool.h>

#include "runner/sandbox/sandbox.h"

/* Stands before every script that tries something dangerous: in the host's user namespace the same calls
   would succeed. */
#define INSIDE_ONLY                                                                                          \
    "read a b n < /proc/self/uid_map; if [ \"$n\" != 1 ]; then echo 'not in a sandbox'; exit 99; fi\n"

struct sandboxed {
    char output[16384];
    struct sandbox_status status;
};

/* A spec for /bin/sh -c SCRIPT with the host's libraries and no descriptors yet. `argv` has room for 4. */
struct sandbox_spec sandboxed_spec(const char *argv[4], const char *script);

/* Fails the test when the sandbox cannot be prepared. stdin is /dev/null. */
void sandboxed_run(const struct sandbox_spec *spec, struct sandboxed *result);
/* In namespaces that were made ahead, and in its own: fails the test when they do not say the same. */
void sandboxed_shell(const char *script, struct sandboxed *result);
/* Namespaces for `spec`, made; the test frees them. */
struct sandbox_spare *sandboxed_spare(const struct sandbox_spec *spec);

/* Waits for the last status; fails the test after 20 s. */
void sandboxed_wait(struct sandbox *sandbox, struct sandbox_status *status);

/* Skips the test where nobody may make namespaces. */
void sandboxed_need_root(void);

#endif
