#include "runner/gobin/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define SECTIONS_MAX   4096 /* a Go executable has about 40 */
#define SEGMENTS_MAX   256
#define DYNAMIC_MAX    4096
#define TLS_MAX        (1u << 20)
#define NAME_TABLE_MAX ((uint64_t)1 << 20)

/* read(2) of up to `size` bytes at an offset, restarted; the number of bytes that the file has there. */
static size_t read_at(int fd, uint64_t offset, void *bytes, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t n = pread(fd, (char *)bytes + used, size - used, (off_t)(offset + used));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    return used;
}

static int check_header(const struct image *image, const char *name, Elf64_Ehdr *header, struct error *error)
{
    size_t got = read_at(image->fd, 0, header, sizeof *header);
    if (got < EI_NIDENT || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return error_set(error, ERROR_DEMO, 0, "%s is not an ELF executable", name);
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
        return error_set(error, ERROR_DEMO, 0,
                         "%s is not a 64-bit little-endian ELF file, as this machine needs", name);
    if (got < sizeof *header)
        return error_set(error, ERROR_DEMO, 0, "%s is cut off within its ELF header", name);
    if (header->e_machine != EM_X86_64)
        return error_set(error, ERROR_DEMO, 0, "%s is built for another machine (ELF machine %u), not x86-64",
                         name, header->e_machine);
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return error_set(error, ERROR_DEMO, 0, "%s is an ELF file of type %u, not an executable", name,
                         header->e_type);
    /* e_shnum 0 with a table is the extension for more than 65,279 sections: no executable needs that. */
    if (header->e_shnum > SECTIONS_MAX || (header->e_shnum == 0 && header->e_shoff != 0))
        return error_set(error, ERROR_DEMO, 0, "%s has more than %d sections", name, SECTIONS_MAX);
    if (header->e_phnum == 0 || header->e_phnum > SEGMENTS_MAX)
        return error_set(error, ERROR_DEMO, 0, "%s has %u program headers, where 1 to %d are expected", name,
                         header->e_phnum, SEGMENTS_MAX);
    return 0;
}

/* Is there a DT_NEEDED in the dynamic segment? */
static bool needs_libraries(const struct image *image, const GElf_Phdr *dynamic)
{
    for (size_t i = 0; i < DYNAMIC_MAX && (i + 1) * sizeof(Elf64_Dyn) <= dynamic->p_filesz; i++) {
        Elf64_Dyn entry;
        if (read_at(image->fd, dynamic->p_offset + i * sizeof entry, &entry, sizeof entry) < sizeof entry ||
            entry.d_tag == DT_NULL)
            return false;
        if (entry.d_tag == DT_NEEDED)
            return true;
    }
    return false;
}

static void add_segment(struct image *image, const GElf_Phdr *program)
{
    /* Wrapping addresses and parts beyond the file are left out: nothing can be read there. */
    if (program->p_vaddr + program->p_memsz < program->p_vaddr || program->p_offset > image->file_size ||
        program->p_filesz > image->file_size - program->p_offset || program->p_filesz > program->p_memsz)
        return;
    image->segments[image->segment_count++] = (struct image_segment){
        .offset = program->p_offset,
        .file_size = program->p_filesz,
        .address = program->p_vaddr,
        .memory_size = program->p_memsz,
        .executable = program->p_flags & PF_X,
        .writable = program->p_flags & PF_W,
    };
}

static uint64_t padded(uint64_t size, uint64_t align)
{
    return align > 1 ? (size + align - 1) / align * align : size;
}

static int read_segments(struct image *image, const char *name, size_t count, struct error *error)
{
    image->segments = calloc(count, sizeof *image->segments);
    if (!image->segments)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read the program headers of %s", name);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr program;
        if (!gelf_getphdr(image->elf, (int)i, &program))
            return error_set(error, ERROR_DEMO, 0, "%s: program header %zu lies beyond the end of the file",
                             name, i);
        if (program.p_type == PT_LOAD)
            add_segment(image, &program);
        else if (program.p_type == PT_INTERP)
            image->has_loader = true;
        else if (program.p_type == PT_TLS && program.p_memsz <= TLS_MAX && program.p_align <= TLS_MAX)
            image->tls_size = padded(program.p_memsz, program.p_align);
        else if (program.p_type == PT_DYNAMIC)
            image->has_libraries = needs_libraries(image, &program);
    }
    return 0;
}

int image_open(int fd, const char *name, struct image *image, struct error *error)
{
    *image = (struct image){.fd = -1};
    image->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    struct stat status;
    if (image->fd < 0 || fstat(image->fd, &status) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "open the executable %s", name);
    image->file_size = (uint64_t)status.st_size;
    Elf64_Ehdr header;
    int result = check_header(image, name, &header, error);
    if (result < 0)
        return result;
    elf_version(EV_CURRENT);
    image->elf = elf_begin(image->fd, ELF_C_READ, NULL);
    if (!image->elf || elf_kind(image->elf) != ELF_K_ELF)
        return error_set(error, ERROR_DEMO, 0, "%s cannot be read as an ELF file: %s", name, elf_errmsg(-1));
    image->pie = header.e_type == ET_DYN;
    image->entry = header.e_entry;
    image->header_count = header.e_phnum;
    result = read_segments(image, name, header.e_phnum, error);
    for (size_t i = 0; result == 0 && i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (header.e_phoff >= segment->offset && header.e_phoff - segment->offset < segment->file_size)
            image->headers = segment->address + (header.e_phoff - segment->offset);
    }
    return result;
}

void image_drop_sections(struct image *image)
{
    if (image->elf)
        elf_end(image->elf);
    image->elf = NULL;
}

void image_close(struct image *image)
{
    image_drop_sections(image);
    free(image->segments);
    image->segments = NULL;
    image->segment_count = 0;
    fd_close(&image->fd);
}

/* The header alone decides whether the section lies within the file: libelf allocates before it reads. */
static bool fill_section(const struct image *image, Elf_Scn *scn, const GElf_Shdr *header,
                         struct image_section *section)
{
    *section = (struct image_section){.address = header->sh_flags & SHF_ALLOC ? header->sh_addr : 0,
                                      .type = header->sh_type,
                                      .link = header->sh_link};
    if (header->sh_type == SHT_NOBITS || header->sh_size == 0)
        return true;
    if (header->sh_flags & SHF_COMPRESSED || header->sh_size > IMAGE_SECTION_MAX ||
        header->sh_offset > image->file_size || header->sh_size > image->file_size - header->sh_offset)
        return false;
    Elf_Data *data = elf_rawdata(scn, NULL);
    if (!data || !data->d_buf)
        return false;
    section->bytes = (struct span){data->d_buf, data->d_size};
    return true;
}

/* Index of the section name table; 0 where it is missing or unreasonably large. */
static size_t name_table(const struct image *image)
{
    size_t index;
    GElf_Shdr header;
    if (!image->elf || elf_getshdrstrndx(image->elf, &index) < 0)
        return 0;
    Elf_Scn *scn = elf_getscn(image->elf, index);
    return scn && gelf_getshdr(scn, &header) && header.sh_size <= NAME_TABLE_MAX ? index : 0;
}

bool image_section(const struct image *image, const char *name, struct image_section *section)
{
    size_t names = name_table(image);
    if (!names)
        return false;
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(image->elf, scn));) {
        GElf_Shdr header;
        const char *have = gelf_getshdr(scn, &header) ? elf_strptr(image->elf, names, header.sh_name) : NULL;
        if (have && strcmp(have, name) == 0)
            return fill_section(image, scn, &header, section);
    }
    return false;
}

bool image_section_at(const struct image *image, size_t index, struct image_section *section)
{
    GElf_Shdr header;
    Elf_Scn *scn = elf_getscn(image->elf, index);
    return scn && gelf_getshdr(scn, &header) && fill_section(image, scn, &header, section);
}

bool image_section_of_type(const struct image *image, uint32_t type, struct image_section *section)
{
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(image->elf, scn));) {
        GElf_Shdr header;
        if (gelf_getshdr(scn, &header) && header.sh_type == type)
            return fill_section(image, scn, &header, section);
    }
    return false;
}

/* The segment whose file part contains the address. */
static const struct image_segment *segment_of(const struct image *image, uint64_t address)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (address >= segment->address && address - segment->address < segment->file_size)
            return segment;
    }
    return NULL;
}

size_t image_read(const struct image *image, uint64_t address, void *bytes, size_t size)
{
    const struct image_segment *segment = segment_of(image, address);
    if (!segment)
        return 0;
    uint64_t at = address - segment->address;
    uint64_t left = segment->file_size - at;
    return read_at(image->fd, segment->offset + at, bytes, size < left ? size : (size_t)left);
}

bool image_code_offset(const struct image *image, uint64_t address, uint64_t *offset)
{
    const struct image_segment *segment = segment_of(image, address);
    if (!segment || !segment->executable)
        return false;
    *offset = segment->offset + (address - segment->address);
    return true;
}

uint64_t image_relocation(const struct image *image, uint64_t address)
{
    struct image_section table;
    if (!image_section_of_type(image, SHT_RELA, &table))
        return 0;
    for (size_t i = 0; i < table.bytes.size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela entry;
        memcpy(&entry, table.bytes.data + i * sizeof entry, sizeof entry);
        if (entry.r_offset == address && ELF64_R_TYPE(entry.r_info) == R_X86_64_RELATIVE)
            return (uint64_t)entry.r_addend;
    }
    return 0;
}

uint64_t image_pointer(const struct image *image, uint64_t address)
{
    uint64_t value = 0;
    if (image_read(image, address, &value, sizeof value) == sizeof value && value)
        return value;
    return image_relocation(image, address);
}

bool span_u32(struct span span, uint64_t offset, uint32_t *value)
{
    if (span.size < sizeof *value || offset > span.size - sizeof *value)
        return false;
    memcpy(value, span.data + offset, sizeof *value);
    return true;
}

bool span_u64(struct span span, uint64_t offset, uint64_t *value)
{
    if (span.size < sizeof *value || offset > span.size - sizeof *value)
        return false;
    memcpy(value, span.data + offset, sizeof *value);
    return true;
}
