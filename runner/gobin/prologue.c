#include "runner/gobin/prologue.h"

#include <stdbool.h>
#include <string.h>

#define STRAIGHT_LINE_MAX 24 /* instructions looked at */
#define ALL_REGISTERS     0xffffu

/* --- the stack check -------------------------------------------------------------------------------------
 */

static bool starts(const uint8_t *code, size_t size, size_t at, const char *bytes, size_t count)
{
    return at + count <= size && memcmp(code + at, bytes, count) == 0;
}
#define STARTS(at, bytes) starts(code, size, at, bytes, sizeof(bytes) - 1)

static size_t short_or_near(const uint8_t *code, size_t size, size_t at, uint8_t condition)
{
    if (at + 2 <= size && code[at] == (0x70 | condition))
        return 2;
    if (at + 6 <= size && code[at] == 0x0f && code[at + 1] == (0x80 | condition))
        return 6;
    return 0;
}

/* Length of what stands before the cmp: nothing (small frame), lea -N(%rsp),%r12 (medium), or mov %rsp,%r12;
   sub $N,%r12; jb (huge frame). *r12 tells which register is compared. */
static size_t frame_part(const uint8_t *code, size_t size, bool *r12)
{
    *r12 = true;
    if (STARTS(0, "\x4c\x8d\x64\x24"))
        return 5;
    if (STARTS(0, "\x4c\x8d\xa4\x24"))
        return 8;
    if (STARTS(0, "\x49\x89\xe4\x49\x81\xec")) {
        size_t jump = short_or_near(code, size, 10, 2);
        if (jump)
            return 10 + jump;
    }
    *r12 = false;
    return 0;
}

/* cmp 0x10(%r14) or 0x18(%r14) (//go:systemstack), then jbe. Offset of the jbe, 0: no stack check. */
static size_t stack_check(const uint8_t *code, size_t size)
{
    bool r12;
    size_t at = frame_part(code, size, &r12);
    if (!(r12 ? STARTS(at, "\x4d\x3b\x66") : STARTS(at, "\x49\x3b\x66")) || at + 4 > size ||
        (code[at + 3] != 0x10 && code[at + 3] != 0x18))
        return 0;
    at += 4;
    return short_or_near(code, size, at, 6) ? at : 0;
}

/* --- the straight line ------------------------------------------------------------------------------------
 */

/* What an instruction writes, by its operands. */
enum effect {
    WRITES_NOTHING,
    WRITES_RM,
    WRITES_REG,
    WRITES_BOTH,
    WRITES_OPCODE_REGISTER,
    WRITES_AX_DX,
    UNKNOWN
};

struct form {
    bool modrm;
    uint8_t immediate; /* bytes without an operand-size prefix */
    enum effect effect;
};

struct instruction {
    size_t length;
    uint32_t writes;
    bool emulated;
};

struct prefixes {
    size_t count;
    uint8_t rex;
    bool size_16, other;
};

static struct prefixes read_prefixes(const uint8_t *code, size_t size)
{
    struct prefixes prefixes = {0};
    while (prefixes.count < size && prefixes.count < 4) {
        uint8_t byte = code[prefixes.count];
        if (byte == 0x66)
            prefixes.size_16 = true;
        else if (byte == 0xf2 || byte == 0xf3 || byte == 0xf0 || byte == 0x64)
            prefixes.other = true;
        else
            break;
        prefixes.count++;
    }
    if (prefixes.count < size && (code[prefixes.count] & 0xf0) == 0x40)
        prefixes.rex = code[prefixes.count++];
    return prefixes;
}

/* 00 .. 3f: add, or, adc, sbb, and, sub, xor, cmp in six forms each. */
static struct form arithmetic(uint8_t opcode)
{
    bool compare = opcode >= 0x38;
    switch (opcode & 7) {
    case 0 ... 1:
        return (struct form){true, 0, compare ? WRITES_NOTHING : WRITES_RM};
    case 2 ... 3:
        return (struct form){true, 0, compare ? WRITES_NOTHING : WRITES_REG};
    case 4:
        return (struct form){false, 1, compare ? WRITES_NOTHING : WRITES_AX_DX};
    case 5:
        return (struct form){false, 4, compare ? WRITES_NOTHING : WRITES_AX_DX};
    default:
        return (struct form){.effect = UNKNOWN};
    }
}

/* The groups whose reg field chooses the operation (f6, f7: test, not, neg, mul, div; ff: inc, dec, call,
 * push).
 */
static struct form group(uint8_t opcode, uint8_t operation)
{
    if (opcode == 0xf6 || opcode == 0xf7) {
        if (operation < 2)
            return (struct form){true, opcode == 0xf6 ? 1 : 4, WRITES_NOTHING};
        return (struct form){true, 0, operation < 4 ? WRITES_RM : WRITES_AX_DX};
    }
    if (operation < 2)
        return (struct form){true, 0, WRITES_RM};
    return (struct form){.effect = operation == 6 ? WRITES_NOTHING : UNKNOWN, .modrm = true};
}

static struct form one_byte(uint8_t opcode, uint8_t operation)
{
    switch (opcode) {
    case 0x00 ... 0x3f:
        return arithmetic(opcode);
    case 0x50 ... 0x57:
    case 0x90:
        return (struct form){0};
    case 0x58 ... 0x5f:
        return (struct form){.effect = WRITES_OPCODE_REGISTER};
    case 0x63:
    case 0x8a ... 0x8b:
    case 0x8d:
        return (struct form){true, 0, WRITES_REG};
    case 0x69:
        return (struct form){true, 4, WRITES_REG};
    case 0x6b:
        return (struct form){true, 1, WRITES_REG};
    case 0x70 ... 0x7f:
    case 0xeb:
        return (struct form){.immediate = 1};
    case 0x80:
    case 0x83:
        return (struct form){true, 1, operation == 7 ? WRITES_NOTHING : WRITES_RM};
    case 0x81:
        return (struct form){true, 4, operation == 7 ? WRITES_NOTHING : WRITES_RM};
    case 0x84 ... 0x85:
        return (struct form){.modrm = true};
    case 0x86 ... 0x87:
        return (struct form){true, 0, WRITES_BOTH};
    case 0x88 ... 0x89:
        return (struct form){true, 0, WRITES_RM};
    case 0xb0 ... 0xb7:
        return (struct form){false, 1, WRITES_OPCODE_REGISTER};
    case 0xb8 ... 0xbf:
        return (struct form){false, 4, WRITES_OPCODE_REGISTER};
    case 0xc0 ... 0xc1:
        return (struct form){true, 1, WRITES_RM};
    case 0xc6:
        return (struct form){true, 1, WRITES_RM};
    case 0xc7:
        return (struct form){true, 4, WRITES_RM};
    case 0xd0 ... 0xd3:
        return (struct form){true, 0, WRITES_RM};
    case 0xe8 ... 0xe9:
        return (struct form){.immediate = 4};
    case 0xf6 ... 0xf7:
    case 0xfe ... 0xff:
        return group(opcode, operation);
    default:
        return (struct form){.effect = UNKNOWN};
    }
}

/* 0f xx. Instructions on vector registers write no general register here, or are left unknown. */
static struct form two_byte(uint8_t opcode, uint8_t operation)
{
    switch (opcode) {
    case 0x10 ... 0x11: /* movups, movss, ... */
    case 0x1f:          /* nopl */
    case 0x28 ... 0x2a: /* movaps, cvtsi2sd */
    case 0x2e ... 0x2f: /* ucomis, comis */
    case 0x57 ... 0x5f: /* xorps .. maxps */
    case 0x6e ... 0x6f: /* movq to a vector register, movdqu */
    case 0x7f:
    case 0xa3: /* bt */
    case 0xd6:
    case 0xef:
        return (struct form){.modrm = true};
    case 0x40 ... 0x4f: /* cmovcc */
    case 0xaf:          /* imul */
    case 0xb6 ... 0xb7: /* movzx */
    case 0xbc ... 0xbf: /* bsf, bsr, movsx */
        return (struct form){true, 0, WRITES_REG};
    case 0x80 ... 0x8f: /* jcc */
        return (struct form){.immediate = 4};
    case 0x90 ... 0x9f: /* setcc */
    case 0xab:          /* bts */
        return (struct form){true, 0, WRITES_RM};
    case 0xba: /* bt, bts, btr, btc with an immediate */
        return (struct form){true, 1, operation == 4 ? WRITES_NOTHING : WRITES_RM};
    case 0xc0 ... 0xc1: /* xadd */
        return (struct form){true, 0, WRITES_BOTH};
    default:
        return (struct form){.effect = UNKNOWN};
    }
}

/* Bytes of ModRM with SIB and displacement; 0: beyond the end. */
static size_t operand_bytes(const uint8_t *code, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t mode = code[0] >> 6;
    size_t length = 1;
    uint8_t base = code[0] & 7;
    if (mode != 3 && base == 4) {
        if (size < 2)
            return 0;
        base = code[1] & 7;
        length++;
        if (mode == 0 && base == 5)
            length += 4;
    } else if (mode == 0 && base == 5) {
        length += 4;
    }
    length += mode == 1 ? 1 : mode == 2 ? 4 : 0;
    return length <= size ? length : 0;
}

/* Registers that are written. Byte registers ah .. bh count as written both ways: the exact one does not
   matter, caution does. */
static uint32_t written(enum effect effect, const uint8_t *opcode, const uint8_t *modrm, uint8_t rex)
{
    uint32_t rm = 0;
    uint32_t reg = 0;
    if (modrm) {
        unsigned number = (*modrm & 7u) | (rex & 1 ? 8u : 0);
        rm = *modrm >> 6 == 3 ? 1u << number | (rex ? 0 : 1u << (number & 3)) : 0;
        number = (*modrm >> 3 & 7u) | (rex & 4 ? 8u : 0);
        reg = 1u << number | (rex ? 0 : 1u << (number & 3));
    }
    switch (effect) {
    case WRITES_NOTHING:
        return 0;
    case WRITES_RM:
        return rm;
    case WRITES_REG:
        return reg;
    case WRITES_BOTH:
        return rm | reg;
    case WRITES_OPCODE_REGISTER: {
        unsigned number = (*opcode & 7u) | (rex & 1 ? 8u : 0);
        return 1u << number | (rex ? 0 : 1u << (number & 3));
    }
    case WRITES_AX_DX:
        return 1u << 0 | 1u << 2;
    default:
        return ALL_REGISTERS;
    }
}

/* Every kernel since 4.16 emulates these; other forms of nop only newer ones. */
static bool is_emulated(const uint8_t *opcode, bool two, const struct prefixes *prefixes)
{
    if (prefixes->size_16 || prefixes->other)
        return false;
    if (two)
        return opcode[0] >= 0x80 && opcode[0] <= 0x8f;
    if (opcode[0] >= 0x50 && opcode[0] <= 0x57)
        return prefixes->rex == 0 || prefixes->rex == 0x41;
    if (prefixes->rex)
        return false;
    return (opcode[0] >= 0x70 && opcode[0] <= 0x7f) || opcode[0] == 0x90 || opcode[0] == 0xe8 ||
           opcode[0] == 0xe9 || opcode[0] == 0xeb;
}

/* False for an instruction that is not known here or not complete. */
static bool decode(const uint8_t *code, size_t size, struct instruction *instruction)
{
    struct prefixes prefixes = read_prefixes(code, size);
    size_t at = prefixes.count;
    bool two = at < size && code[at] == 0x0f;
    at += two;
    if (at >= size)
        return false;
    const uint8_t *opcode = code + at++;
    const uint8_t *modrm = at < size ? code + at : NULL;
    uint8_t operation = modrm ? *modrm >> 3 & 7 : 0;
    struct form form = two ? two_byte(*opcode, operation) : one_byte(*opcode, operation);
    if (form.effect == UNKNOWN)
        return false;
    if (form.modrm) {
        size_t operand = operand_bytes(code + at, size - at);
        if (!operand)
            return false;
        at += operand;
    }
    size_t immediate = form.immediate;
    bool move = !two && *opcode >= 0xb8 && *opcode <= 0xbf;
    if (immediate == 4 && move && prefixes.rex & 8)
        immediate = 8;
    else if (immediate == 4 && prefixes.size_16)
        immediate = 2;
    at += immediate;
    if (at > size)
        return false;
    instruction->length = at;
    instruction->writes = written(form.effect, opcode, form.modrm ? modrm : NULL, prefixes.rex);
    instruction->emulated = is_emulated(opcode, two, &prefixes);
    return true;
}

struct prologue prologue_decode(const uint8_t *code, size_t size, uint32_t needed)
{
    size_t check = stack_check(code, size);
    if (check)
        return (struct prologue){PROLOGUE_STACK_CHECK, (uint32_t)check};
    if (size && code[0] == 0x55)
        return (struct prologue){PROLOGUE_PUSH, 0};
    size_t at = 0;
    for (unsigned i = 0; i < STRAIGHT_LINE_MAX; i++) {
        struct instruction instruction;
        if (!decode(code + at, size - at, &instruction))
            break;
        if (instruction.emulated)
            return (struct prologue){PROLOGUE_EMULATED, (uint32_t)at};
        if (instruction.writes & needed)
            break;
        at += instruction.length;
    }
    return (struct prologue){PROLOGUE_NONE, 0};
}
