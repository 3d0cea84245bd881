/*
 * What is ignored stays so through clone and execve; a demo must not inherit it.
 *
 * The C library keeps signals 32 and 33 to itself and refuses them in sigaction(2), yet they can be ignored:
 * GNU make starts its children by posix_spawn(3), which leaves both ignored in them (glibc, spawni.c). A Go
 * program with cgo uses 33 (runtime/os_linux.go, sigPerThreadSyscall). Hence raw system calls here.
 */
#ifndef RUNNER_SANDBOX_SIGNALS_H
#define RUNNER_SANDBOX_SIGNALS_H

#include <stdint.h>

/* Bit n - 1 is set for each signal n that this process ignores. */
uint64_t signals_ignored(void);

/* Gives the signals of such a set their default action. */
void signals_reset(uint64_t set);

#endif
