#include "runner/gobin/calls.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define FIND(bytes, address, target, from)                                                                   \
    calls_find((const uint8_t *)(bytes), sizeof(bytes) - 1, address, target, from)
#define EXPECT_BRANCH(bytes, at)                                                                             \
    do {                                                                                                     \
        size_t jump = 0;                                                                                     \
        cr_assert(calls_branch_on_result((const uint8_t *)(bytes), sizeof(bytes) - 1, 0, &jump));            \
        cr_assert_eq(jump, (size_t)(at));                                                                    \
    } while (0)
#define EXPECT_NONE(bytes)                                                                                   \
    do {                                                                                                     \
        size_t jump;                                                                                         \
        cr_assert_not(calls_branch_on_result((const uint8_t *)(bytes), sizeof(bytes) - 1, 0, &jump));        \
    } while (0)
#define CALL "\xe8\x00\x00\x00\x00"

Test(gobin_calls, a_call_is_found_by_its_target)
{
    static const char code[] = "\x90\xe8\x10\x00\x00\x00\x90\xe8\xf0\xff\xff\xff";
    cr_assert_eq(FIND(code, 0x1000, 0x1016, 0), 1u);
    cr_assert_eq(FIND(code, 0x1000, 0xffc, 0), 7u, "backwards");
    cr_assert_eq(FIND(code, 0x1000, 0x1015, 0), sizeof code - 1);
    cr_assert_eq(FIND(code, 0x2000, 0x1016, 0), sizeof code - 1,
                 "the distance counts from where the code is");
}

Test(gobin_calls, a_further_call_is_found_behind_the_first)
{
    static const char code[] = "\xe8\x0b\x00\x00\x00\xe8\x06\x00\x00\x00";
    cr_assert_eq(FIND(code, 0, 16, 0), 0u);
    cr_assert_eq(FIND(code, 0, 16, 1), 5u);
    cr_assert_eq(FIND(code, 0, 16, 6), sizeof code - 1);
}

Test(gobin_calls, a_call_that_is_cut_off_is_none)
{
    cr_assert_eq(FIND("\xe8\x00\x00\x00", 0, 5, 0), 4u);
    cr_assert_eq(FIND("", 0, 5, 0), 0u);
    cr_assert_eq(FIND("\xe8", 0, 5, 7), 1u);
}

Test(gobin_calls, the_branch_stands_behind_the_test_of_the_result)
{
    EXPECT_BRANCH(CALL "\x85\xc0\x74\x59", 7);
    EXPECT_BRANCH(CALL "\x85\xc0\x75\x59", 7);
    EXPECT_BRANCH(CALL "\x85\xc0\x0f\x84\x01\x02\x03\x04", 7);
}

/* runtime.runqsteal of Go 1.19 has a nopl (%rax) there. */
Test(gobin_calls, no_ops_of_every_length_are_passed)
{
    EXPECT_BRANCH(CALL "\x0f\x1f\x00\x85\xc0\x74\x59", 10);
    EXPECT_BRANCH(CALL "\x90\x85\xc0\x74\x59", 8);
    EXPECT_BRANCH(CALL "\x66\x90\x85\xc0\x74\x59", 9);
    EXPECT_BRANCH(CALL "\x0f\x1f\x40\x00\x85\xc0\x74\x59", 11);
    EXPECT_BRANCH(CALL "\x0f\x1f\x44\x00\x00\x85\xc0\x74\x59", 12);
    EXPECT_BRANCH(CALL "\x66\x0f\x1f\x44\x00\x00\x85\xc0\x74\x59", 13);
    EXPECT_BRANCH(CALL "\x0f\x1f\x80\x00\x00\x00\x00\x85\xc0\x74\x59", 14);
    EXPECT_BRANCH(CALL "\x0f\x1f\x84\x00\x00\x00\x00\x00\x85\xc0\x74\x59", 15);
    EXPECT_BRANCH(CALL "\x66\x0f\x1f\x84\x00\x00\x00\x00\x00\x85\xc0\x74\x59", 16);
    EXPECT_BRANCH(CALL "\x85\xc0\x66\x90\x74\x59", 9);
}

Test(gobin_calls, another_register_or_another_instruction_is_no_branch_on_the_result)
{
    EXPECT_NONE(CALL "\x85\xdb\x74\x59");     /* test %ebx,%ebx */
    EXPECT_NONE(CALL "\x48\x85\xc0\x74\x59"); /* test %rax,%rax: not a number of goroutines */
    EXPECT_NONE(CALL "\x89\xc1\x85\xc0\x74\x59");
    EXPECT_NONE(CALL "\x85\xc0\xeb\x59");
    EXPECT_NONE(CALL "\x85\xc0");
    EXPECT_NONE(CALL "\x85");
    EXPECT_NONE(CALL);
    EXPECT_NONE("\xe8\x00");
}

Test(gobin_calls, no_bytes_are_read_beyond_the_end)
{
    uint64_t state = 88172645463325252u;
    for (unsigned round = 0; round < 200000; round++) {
        uint8_t bytes[32];
        for (unsigned i = 0; i < sizeof bytes; i++) {
            static const uint8_t likely[] = {0xe8, 0x0f, 0x1f, 0x66, 0x90, 0x85, 0xc0, 0x74};
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            bytes[i] = likely[state % sizeof likely];
        }
        size_t size = state >> 32 & 31;
        uint8_t *exact = malloc(size ? size : 1); /* ASan sees one byte too many */
        memcpy(exact, bytes, size);
        size_t jump = 0;
        cr_assert_leq(calls_find(exact, size, 0, state, 0), size);
        cr_assert(!calls_branch_on_result(exact, size, 0, &jump) || jump < size);
        free(exact);
    }
}
