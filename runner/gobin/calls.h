/*
 * Calls within a Go function's code: where they stand, and the conditional jump that looks at what they
 * returned. Pure functions on bytes.
 *
 * A call of a function of the executable is E8 with the distance from the next instruction. It is found by
 * its target: four bytes that lead exactly there by chance are one place in 2^32, so nothing has to be
 * disassembled. Both the call and the jump are emulated by the kernel, so a uprobe is as cheap there as at a
 * stack check. Sources: Intel SDM volume 2 (CALL, TEST, Jcc, NOP); arch/x86/kernel/uprobes.c
 * branch_setup_xol_ops().
 */
#ifndef RUNNER_GOBIN_CALLS_H
#define RUNNER_GOBIN_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offset of the first call of `target` at or behind offset `from` in the code of a function that begins at
   `address`; `size`: there is none. */
size_t calls_find(const uint8_t *code, size_t size, uint64_t address, uint64_t target, size_t from);

/* Of the call at offset `call`: `test %eax,%eax` and a conditional jump behind it, with nothing but no-ops
   between. At the jump AX still has what the function returned. False where something else stands there. */
bool calls_branch_on_result(const uint8_t *code, size_t size, size_t call, size_t *jump);

#endif
