/*
 * The kernel's functions by address, from /proc/kallsyms: read once, for all trials. With
 * kernel.kptr_restrict the file shows every address as 0, and all of the kernel is one name.
 */
#ifndef RUNNER_PROFILE_KERNEL_H
#define RUNNER_PROFILE_KERNEL_H

#include <stdint.h>
#include <stdio.h>

struct kernel_symbols;

/* Reads a file like /proc/kallsyms; NULL: none, all is "[kernel]". NULL: no memory. */
struct kernel_symbols *kernel_symbols_read(FILE *file);
void kernel_symbols_free(struct kernel_symbols *symbols);
/* "tcp_sendmsg"; "[kernel]" where no function is known. `symbols` may be NULL. */
const char *kernel_symbols_at(const struct kernel_symbols *symbols, uint64_t address);

#endif
