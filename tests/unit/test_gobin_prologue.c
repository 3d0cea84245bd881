#include "runner/gobin/prologue.h"

#include <criterion/criterion.h>

#define DECODE(bytes, needed) prologue_decode((const uint8_t *)(bytes), sizeof(bytes) - 1, needed)
#define EXPECT(bytes, needed, where, at)                                                                     \
    do {                                                                                                     \
        struct prologue found = DECODE(bytes, needed);                                                       \
        cr_assert_eq(found.place, where);                                                                    \
        cr_assert_eq(found.offset, (uint32_t)(at));                                                          \
    } while (0)

Test(gobin_prologue, the_jump_of_a_small_frame_is_at_4)
{
    EXPECT("\x49\x3b\x66\x10\x76\x1d\x55", 0, PROLOGUE_STACK_CHECK, 4);
    EXPECT("\x49\x3b\x66\x10\x0f\x86\xbf\x00\x00\x00\x55", 0, PROLOGUE_STACK_CHECK, 4);
}

Test(gobin_prologue, a_systemstack_function_compares_another_guard)
{
    EXPECT("\x49\x3b\x66\x18\x76\x1d\x55", 0, PROLOGUE_STACK_CHECK, 4);
}

Test(gobin_prologue, a_larger_frame_has_a_lea_before_the_check)
{
    EXPECT("\x4c\x8d\x64\x24\xd8\x4d\x3b\x66\x10\x0f\x86\xb8\x04\x00\x00", 0, PROLOGUE_STACK_CHECK, 9);
    EXPECT("\x4c\x8d\xa4\x24\xd0\xfe\xff\xff\x4d\x3b\x66\x10\x0f\x86\x7a\x0c\x00\x00", 0,
           PROLOGUE_STACK_CHECK, 12);
}

Test(gobin_prologue, a_huge_frame_checks_for_wrap_around_first)
{
    EXPECT("\x49\x89\xe4\x49\x81\xec\x00\x20\x00\x00\x0f\x82\x10\x00\x00\x00\x4d\x3b\x66\x10\x76\x05", 0,
           PROLOGUE_STACK_CHECK, 20);
}

Test(gobin_prologue, a_function_without_check_is_probed_at_its_push)
{
    EXPECT("\x55\x48\x89\xe5\x48\x83\xec\x40", PROLOGUE_RAX, PROLOGUE_PUSH, 0);
}

/* runtime.casgstatus of Go 1.19. */
Test(gobin_prologue, the_straight_line_leads_to_the_first_emulated_instruction)
{
    EXPECT("\x48\x83\xec\x40\x48\x89\x6c\x24\x38\x48\x8d\x6c\x24\x38\x48\x89\x44\x24\x48\x89\x5c\x24\x50"
           "\x89\x4c\x24\x54\x0f\xba\xe3\x0c\x90\x72\x0a",
           PROLOGUE_RAX | PROLOGUE_RBX | PROLOGUE_RCX, PROLOGUE_EMULATED, 31);
}

/* runtime.exitsyscall of Go 1.19: the nopl is emulated by new kernels only, and RCX is lost on the way. */
static const char exitsyscall_19[] =
    "\x48\x83\xec\x38\x48\x89\x6c\x24\x30\x48\x8d\x6c\x24\x30\x49\x8b\x4e\x30\xff\x81\x08\x01\x00\x00"
    "\x48\x8d\x4c\x24\x40\x0f\x1f\x00\x49\x39\x4e\x70\x0f\x82\x1d\x02\x00\x00";

Test(gobin_prologue, a_register_that_is_needed_must_be_intact)
{
    EXPECT(exitsyscall_19, PROLOGUE_R14, PROLOGUE_EMULATED, 36);
    EXPECT(exitsyscall_19, PROLOGUE_R14 | PROLOGUE_RCX, PROLOGUE_NONE, 0);
}

Test(gobin_prologue, a_nop_with_a_prefix_is_not_taken)
{
    EXPECT("\x66\x90\xeb\x02", 0, PROLOGUE_EMULATED, 2);
    EXPECT("\x41\x90\xeb\x02", 0, PROLOGUE_EMULATED, 2);
}

Test(gobin_prologue, writes_are_seen_in_every_operand)
{
    EXPECT("\x31\xc0\x90", PROLOGUE_RAX, PROLOGUE_NONE, 0);                        /* xor %eax,%eax */
    EXPECT("\x31\xc0\x90", PROLOGUE_RCX, PROLOGUE_EMULATED, 2);                    /* another register */
    EXPECT("\x39\xc8\x90", PROLOGUE_RAX, PROLOGUE_EMULATED, 2);                    /* cmp writes nothing */
    EXPECT("\x48\x8b\x08\x90", PROLOGUE_RCX, PROLOGUE_NONE, 0);                    /* mov (%rax),%rcx */
    EXPECT("\x48\x89\x08\x90", PROLOGUE_RAX | PROLOGUE_RCX, PROLOGUE_EMULATED, 3); /* mov %rcx,(%rax) */
    EXPECT("\xb9\x01\x00\x00\x00\x90", PROLOGUE_RCX, PROLOGUE_NONE, 0);            /* mov $1,%ecx */
    EXPECT("\x49\xc7\xc6\x00\x00\x00\x00\x90", PROLOGUE_R14, PROLOGUE_NONE, 0);    /* mov $0,%r14 */
    EXPECT("\x87\xd9\x90", PROLOGUE_RBX, PROLOGUE_NONE, 0);                        /* xchg %ebx,%ecx */
    EXPECT("\xb4\x01\x90", PROLOGUE_RAX, PROLOGUE_NONE, 0);                        /* mov $1,%ah */
}

Test(gobin_prologue, lengths_of_operands_and_immediates_are_right)
{
    EXPECT("\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08\x90", 0, PROLOGUE_EMULATED, 10); /* movabs */
    EXPECT("\x66\xc7\x00\x01\x00\x90", 0, PROLOGUE_EMULATED, 5);                      /* movw $1,(%rax) */
    EXPECT("\x80\x3d\x22\xb5\x12\x00\x00\x90", 0, PROLOGUE_EMULATED, 7);              /* cmpb $0,x(%rip) */
    EXPECT("\x8b\x04\xc5\x00\x00\x00\x00\x90", 0, PROLOGUE_EMULATED, 7); /* mov 0(,%rax,8),%eax */
    EXPECT("\xf7\xc1\x01\x00\x00\x00\x90", 0, PROLOGUE_EMULATED, 6);     /* test $1,%ecx */
    EXPECT("\xf2\x48\x0f\x2a\xc1\x90", 0, PROLOGUE_EMULATED, 5);         /* cvtsi2sd %rcx,%xmm0 */
    EXPECT("\x44\x0f\x11\x7c\x24\x28\x90", 0, PROLOGUE_EMULATED, 6);     /* movups %xmm15,40(%rsp) */
}

Test(gobin_prologue, unknown_or_cut_bytes_end_the_search)
{
    EXPECT("\x0f\x0b\x90", 0, PROLOGUE_NONE, 0); /* ud2 */
    EXPECT("\x48\x8d", 0, PROLOGUE_NONE, 0);
    EXPECT("", 0, PROLOGUE_NONE, 0);
    EXPECT("\x49\x3b\x66\x10\x0f\x86", 0, PROLOGUE_NONE, 0);
}

Test(gobin_prologue, no_bytes_read_beyond_the_end)
{
    uint8_t bytes[PROLOGUE_BYTES];
    uint64_t state = 88172645463325252u;
    for (unsigned round = 0; round < 200000; round++) {
        for (unsigned i = 0; i < sizeof bytes; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[i] = (uint8_t)state;
        }
        size_t size = state >> 32 & 31;
        uint8_t *exact = malloc(size ? size : 1); /* ASan sees one byte too many */
        memcpy(exact, bytes, size);
        struct prologue found = prologue_decode(exact, size, 0);
        cr_assert(found.place == PROLOGUE_NONE || found.offset < size);
        free(exact);
    }
}
