#include "runner/gobin/calls.h"

#include <string.h>

enum { CALL = 0xe8, CALL_SIZE = 5 };

size_t calls_find(const uint8_t *code, size_t size, uint64_t address, uint64_t target, size_t from)
{
    for (size_t at = from; at < size && size - at >= CALL_SIZE; at++) {
        int32_t distance;
        memcpy(&distance, code + at + 1, sizeof distance);
        if (code[at] == CALL && address + at + CALL_SIZE + (uint64_t)(int64_t)distance == target)
            return at;
    }
    return size;
}

/* Length of the no-op at `at` that the assembler pads with (cmd/internal/obj/x86, nop[][16]); 0: none. */
static size_t no_op(const uint8_t *code, size_t size, size_t at)
{
    static const struct {
        uint8_t size;
        uint8_t bytes[6];
        uint8_t compared;
    } forms[] = {
        {1, {0x90}, 1},
        {2, {0x66, 0x90}, 2},
        {3, {0x0f, 0x1f, 0x00}, 3},
        {4, {0x0f, 0x1f, 0x40}, 3},
        {5, {0x0f, 0x1f, 0x44, 0x00}, 4},
        {6, {0x66, 0x0f, 0x1f, 0x44, 0x00}, 5},
        {7, {0x0f, 0x1f, 0x80}, 3},
        {8, {0x0f, 0x1f, 0x84, 0x00}, 4},
        {9, {0x66, 0x0f, 0x1f, 0x84, 0x00}, 5},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (size - at >= forms[i].size && memcmp(code + at, forms[i].bytes, forms[i].compared) == 0)
            return forms[i].size;
    return 0;
}

static size_t skip_no_ops(const uint8_t *code, size_t size, size_t at)
{
    for (size_t length; at < size && (length = no_op(code, size, at));)
        at += length;
    return at;
}

bool calls_branch_on_result(const uint8_t *code, size_t size, size_t call, size_t *jump)
{
    if (call >= size || size - call < CALL_SIZE)
        return false;
    size_t at = skip_no_ops(code, size, call + CALL_SIZE);
    if (at >= size || size - at < 2 || memcmp(code + at, "\x85\xc0", 2) != 0)
        return false;
    at = skip_no_ops(code, size, at + 2);
    if (at >= size || size - at < 2)
        return false;
    *jump = at;
    return (code[at] & 0xf0) == 0x70 || (code[at] == 0x0f && (code[at + 1] & 0xf0) == 0x80);
}
