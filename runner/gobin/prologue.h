/*
 * Where in a Go function's first instructions a uprobe is cheap and exact. Pure functions on bytes.
 *
 * A uprobe on an instruction that the kernel emulates costs a twentieth of one that it must single-step, and
 * the first instruction of a Go function (cmp) is of the second kind. The `jbe` of the stack check is
 * emulated, stands before anything is changed, and runs again when the stack has grown: hits whose branch is
 * taken (CF or ZF) are to be dropped. A function without a check begins with push %rbp (Go 1.21 and later) or
 * has an emulated instruction a few instructions later. Sources: arch/x86/kernel/uprobes.c
 * branch_setup_xol_ops(), push_setup_xol_ops(); cmd/internal/obj/x86 stacksplit().
 */
#ifndef RUNNER_GOBIN_PROLOGUE_H
#define RUNNER_GOBIN_PROLOGUE_H

#include <stddef.h>
#include <stdint.h>

#define PROLOGUE_BYTES 128 /* more than any function of the catalogue needs */

enum prologue_place {
    PROLOGUE_NONE,        /* no instruction that is emulated and has the registers intact */
    PROLOGUE_STACK_CHECK, /* the jbe: drop hits with CF or ZF */
    PROLOGUE_PUSH,        /* push %rbp at the start */
    PROLOGUE_EMULATED,    /* the first emulated instruction of the straight line */
};

/* Registers as bits, numbered as the processor does. */
enum prologue_register {
    PROLOGUE_RAX = 1 << 0,
    PROLOGUE_RCX = 1 << 1,
    PROLOGUE_RBX = 1 << 3,
    PROLOGUE_R14 = 1 << 14,
};

struct prologue {
    enum prologue_place place;
    uint32_t offset; /* from the function's start */
};

/* `code` is the start of the function; `needed` are the registers (enum prologue_register) that must still
   have their value of the entry. */
struct prologue prologue_decode(const uint8_t *code, size_t size, uint32_t needed);

#endif
