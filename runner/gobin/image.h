/*
 * An ELF executable as bytes that can be asked for: sections by name, memory by virtual address, file offsets
 * of code. The file may be hostile: every size is checked against the file and a bound before it is read, and
 * what is read is copied (no mapping, so a file cut under our hands cannot raise SIGBUS).
 * Sources: elf(5); System V gABI, chapters 4 and 5.
 */
#ifndef RUNNER_GOBIN_IMAGE_H
#define RUNNER_GOBIN_IMAGE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/support/error.h"

#define IMAGE_SECTION_MAX ((uint64_t)256 << 20) /* a larger section is treated as missing */

struct span {
    const uint8_t *data;
    size_t size;
};

struct image_segment {
    uint64_t offset, file_size, address, memory_size;
    bool executable, writable;
};

struct image {
    int fd; /* own duplicate */
    uint64_t file_size;
    uint64_t entry;   /* where the program starts, as the file has it */
    uint64_t headers; /* address of the program headers; 0: they are not loaded */
    uint32_t header_count;
    Elf *elf;
    bool pie, has_loader, has_libraries;
    struct image_segment *segments; /* PT_LOAD only */
    size_t segment_count;
    uint64_t tls_size; /* of the thread-local storage that it brings along, padded: PT_TLS */
};

struct image_section {
    uint64_t address; /* 0: not loaded */
    uint32_t type, link;
    struct span bytes; /* belongs to the image; empty for SHT_NOBITS */
};

/* ERROR_DEMO for what is no ELF executable for x86-64, with a sentence that tells what it is instead. `name`
   is for messages only. Call image_close in any case. */
int image_open(int fd, const char *name, struct image *image, struct error *error);
void image_close(struct image *image);
/* Gives back the memory of the sections that were read; no section can be asked for afterwards, addresses and
   code still can. */
void image_drop_sections(struct image *image);

/* The first section of that name, or with that index; false where there is none that can be read. */
bool image_section(const struct image *image, const char *name, struct image_section *section);
bool image_section_at(const struct image *image, size_t index, struct image_section *section);
/* The first section of that type (SHT_SYMTAB, SHT_RELA, ...). */
bool image_section_of_type(const struct image *image, uint32_t type, struct image_section *section);

/* Reads `size` bytes that are at virtual address `address` in the file; returns how many there are (0: none,
   fewer at the end of a segment). */
size_t image_read(const struct image *image, uint64_t address, void *bytes, size_t size);

/* The addend of the relative relocation that fills in the word at `address` of a position-independent
   executable; 0: there is none. */
uint64_t image_relocation(const struct image *image, uint64_t address);
/* The address that the program will find at `address`, without the load bias; 0: none. */
uint64_t image_pointer(const struct image *image, uint64_t address);

/* File offset of an address within executable code; false where there is none. */
bool image_code_offset(const struct image *image, uint64_t address, uint64_t *offset);

/* Little-endian numbers at an offset of a span; false beyond its end. */
bool span_u32(struct span span, uint64_t offset, uint32_t *value);
bool span_u64(struct span span, uint64_t offset, uint64_t *value);

#endif
