/*
 * Executables for the tests, put together byte by byte: what no compiler would write.
 */
#ifndef TESTS_UNIT_ELF_MAKER_H
#define TESTS_UNIT_ELF_MAKER_H

#include <stddef.h>
#include <stdint.h>

#define MADE_ADDRESS 0x400000 /* of the file's first byte, in the only segment: it has all of the file */

struct made_section {
    const char *name;
    uint32_t type;
    uint64_t flags; /* SHF_ALLOC: it has an address */
    const void *data;
    size_t size;
    uint32_t link; /* index of another one of `sections`, from 1 */
    /* What the header says instead of the truth, where it is not 0. */
    uint64_t said_size, said_offset;
};

/* A Go program by its build info (.go.buildinfo is made first), of version "go1.99", without a name; close
   it. */
int elf_make(const struct made_section *sections, size_t count);

/* Reads it as a trial does, all of it. */
void made_read(int fd);

/* Bytes that grow. */
struct made_bytes {
    uint8_t bytes[1 << 16];
    size_t size;
};
void put(struct made_bytes *to, const void *bytes, size_t size);
void put_u8(struct made_bytes *to, unsigned value);
void put_u16(struct made_bytes *to, unsigned value);
void put_u32(struct made_bytes *to, uint32_t value);
void put_u64(struct made_bytes *to, uint64_t value);
void put_text(struct made_bytes *to, const char *text); /* with its end */
void put_number(struct made_bytes *to, uint64_t value); /* LEB128 */

#endif
