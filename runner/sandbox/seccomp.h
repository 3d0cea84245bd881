/*
 * System call filters: the default profile as a table, changed by a profile file, compiled through
 * libseccomp. The public part, with the format of the file, is in sandbox.h.
 */
#ifndef RUNNER_SANDBOX_SECCOMP_H
#define RUNNER_SANDBOX_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>

#include "runner/sandbox/protocol.h"

struct sandbox_filter {
    unsigned short length;
    bool late; /* it denies what the demo's process does behind the barrier: to be installed right before
                  execve */
    struct sock_filter *program;
};

/* Installs it for the caller, which has no_new_privs. Without the mitigations of speculation that kernels
   before 5.16 couple to seccomp: they would slow the demo, and protect it from nobody but itself. */
int filter_install(const struct sock_fprog *program, struct failure *failure);

#endif
