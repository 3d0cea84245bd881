#include "tests/unit/elf_maker.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/gobin/gobin.h"

#define SECTIONS_MOST 16
#define ALIGNMENT     64

static const char build_info[] = "\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06go1.99\0";

void put(struct made_bytes *to, const void *bytes, size_t size)
{
    cr_assert_leq(to->size + size, sizeof to->bytes);
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

void put_u8(struct made_bytes *to, unsigned value)
{
    put(to, &(uint8_t){(uint8_t)value}, 1);
}

void put_u16(struct made_bytes *to, unsigned value)
{
    put(to, &(uint16_t){(uint16_t)value}, 2);
}

void put_u32(struct made_bytes *to, uint32_t value)
{
    put(to, &value, sizeof value);
}

void put_u64(struct made_bytes *to, uint64_t value)
{
    put(to, &value, sizeof value);
}

void put_text(struct made_bytes *to, const char *text)
{
    put(to, text, strlen(text) + 1);
}

void put_number(struct made_bytes *to, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        put_u8(to, 0x80 | (value & 0x7f));
    put_u8(to, (unsigned)value);
}

static void write_at(int fd, uint64_t offset, const void *bytes, size_t size)
{
    cr_assert_eq(pwrite(fd, bytes, size, (off_t)offset), (ssize_t)size);
}

struct layout {
    Elf64_Shdr headers[SECTIONS_MOST];
    size_t count;
    struct made_bytes names;
    uint64_t end;
};

static void add(struct layout *layout, int fd, const struct made_section *section)
{
    cr_assert_lt(layout->count, SECTIONS_MOST);
    uint64_t offset = layout->end;
    layout->headers[layout->count++] = (Elf64_Shdr){
        .sh_name = (uint32_t)layout->names.size,
        .sh_type = section->type,
        .sh_flags = section->flags,
        .sh_addr = section->flags & SHF_ALLOC ? MADE_ADDRESS + offset : 0,
        .sh_offset = section->said_offset ? section->said_offset : offset,
        .sh_size = section->said_size ? section->said_size : section->size,
        .sh_link = section->link ? section->link + 1 : 0, /* behind the first, and .go.buildinfo */
        .sh_addralign = 1,
        .sh_entsize = section->type == SHT_SYMTAB || section->type == SHT_RELA ? 24 : 0,
    };
    put_text(&layout->names, section->name);
    if (section->size)
        write_at(fd, offset, section->data, section->size);
    layout->end = (offset + section->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int elf_make(const struct made_section *sections, size_t count)
{
    int fd = memfd_create("made", MFD_CLOEXEC);
    cr_assert_geq(fd, 0);
    static struct layout layout;
    layout = (struct layout){.count = 1, .end = 2 * ALIGNMENT};
    put_u8(&layout.names, 0);
    add(&layout, fd,
        &(struct made_section){".go.buildinfo", SHT_PROGBITS, SHF_ALLOC, build_info, sizeof build_info, 0, 0,
                               0});
    for (size_t i = 0; i < count; i++)
        add(&layout, fd, &sections[i]);
    size_t name = layout.names.size + sizeof ".shstrtab";
    add(&layout, fd, &(struct made_section){".shstrtab", SHT_STRTAB, 0, layout.names.bytes, name, 0, 0, 0});
    write_at(fd, layout.headers[layout.count - 1].sh_offset, layout.names.bytes, layout.names.size);
    const Elf64_Ehdr header = {
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = MADE_ADDRESS,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_shoff = layout.end,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = (uint16_t)layout.count,
        .e_shstrndx = (uint16_t)(layout.count - 1),
    };
    const Elf64_Phdr segment = {.p_type = PT_LOAD,
                                .p_flags = PF_R | PF_W | PF_X,
                                .p_vaddr = MADE_ADDRESS,
                                .p_filesz = layout.end,
                                .p_memsz = layout.end + (1 << 20),
                                .p_align = 4096};
    write_at(fd, 0, &header, sizeof header);
    write_at(fd, sizeof header, &segment, sizeof segment);
    write_at(fd, layout.end, layout.headers, layout.count * sizeof *layout.headers);
    return fd;
}

void made_read(int fd)
{
    struct gobin *binary;
    struct probe_plan plan;
    struct error error = {0};
    if (gobin_open(fd, "made", &binary, &error) < 0)
        return;
    if (gobin_plan_probes(binary, GO_FULL, &plan, &error) == 0)
        gobin_plan_free(&plan);
    gobin_function_at(binary, MADE_ADDRESS + 100);
    struct gobin_frames *frames = gobin_frames_open(binary);
    gobin_frames_none_at(frames, MADE_ADDRESS + 100);
    gobin_frames_close(frames);
    gobin_close(binary);
}
