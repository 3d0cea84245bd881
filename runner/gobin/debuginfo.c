#include "runner/gobin/debuginfo.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <string.h>

#include "runner/gobin/confined.h"

#define SECTIONS_SIZE_MAX ((uint64_t)512 << 20) /* of all sections together, unpacked */
#define ENTRIES_MAX       ((size_t)20000000)
#define TYPEDEFS_MAX      8
#define STRUCTURES_MAX    1024 /* that have the name of a wanted one: Go's linker writes each once */
#define SECONDS_MAX       10   /* of CPU time; the largest programs take less than one */

struct walk {
    struct debuginfo_member *members;
    size_t count, left; /* not found yet */
    size_t structures;  /* that may still be looked into */
    size_t entries;     /* that may still be looked at */
};

/* libelf allocates before it reads, and believes the unpacked size that the header of a compressed section
   states. The older form of compression (.zdebug_info) states it within the data; Go 1.19 and later don't
   write that. */
static bool has_reasonable_size(const struct image *image)
{
    size_t names;
    uint64_t total = 0;
    if (elf_getshdrstrndx(image->elf, &names) < 0)
        return false;
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(image->elf, scn));) {
        GElf_Shdr header;
        GElf_Chdr packed;
        if (!gelf_getshdr(scn, &header) || header.sh_type == SHT_NOBITS)
            continue;
        if (header.sh_offset > image->file_size || header.sh_size > image->file_size - header.sh_offset)
            return false;
        const char *name = elf_strptr(image->elf, names, header.sh_name);
        uint64_t size = header.sh_size;
        if (header.sh_flags & SHF_COMPRESSED)
            size = gelf_getchdr(scn, &packed) ? packed.ch_size : UINT64_MAX;
        if (!name || strncmp(name, ".zdebug", 7) == 0 || size > SECTIONS_SIZE_MAX - total)
            return false;
        total += size;
    }
    return true;
}

/* libdw checks where a string begins, and trusts its section to end it. It has unpacked them by now. */
static bool strings_end(const struct image *image)
{
    size_t names;
    if (elf_getshdrstrndx(image->elf, &names) < 0)
        return false;
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(image->elf, scn));) {
        GElf_Shdr header;
        const char *name = gelf_getshdr(scn, &header) ? elf_strptr(image->elf, names, header.sh_name) : NULL;
        if (!name || (strcmp(name, ".debug_str") != 0 && strcmp(name, ".debug_line_str") != 0))
            continue;
        const Elf_Data *data = elf_rawdata(scn, NULL);
        if (data && data->d_size && (!data->d_buf || ((const char *)data->d_buf)[data->d_size - 1]))
            return false;
    }
    return true;
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    if (!dwarf_formref_die(dwarf_attr(die, DW_AT_type, &attribute), type))
        return false;
    for (int i = 0; i < TYPEDEFS_MAX && dwarf_tag(type) == DW_TAG_typedef; i++)
        if (!dwarf_formref_die(dwarf_attr(type, DW_AT_type, &attribute), type))
            return false;
    return true;
}

/* The member of `structure` whose name is the first part of `path`. */
static bool find_member(Dwarf_Die *structure, const char *path, size_t length, struct walk *walk,
                        Dwarf_Die *found)
{
    if (dwarf_child(structure, found) != 0)
        return false;
    do {
        const char *name = dwarf_diename(found);
        if (name && dwarf_tag(found) == DW_TAG_member && strncmp(name, path, length) == 0 && !name[length])
            return true;
    } while (walk->entries && walk->entries-- && dwarf_siblingof(found, found) == 0);
    return false;
}

static bool resolve(Dwarf_Die structure, struct debuginfo_member *wanted, struct walk *walk)
{
    uint64_t offset = 0;
    Dwarf_Die member;
    Dwarf_Die type;
    for (const char *path = wanted->member;;) {
        size_t length = strcspn(path, ".");
        Dwarf_Attribute attribute;
        Dwarf_Word place;
        if (!find_member(&structure, path, length, walk, &member) ||
            dwarf_formudata(dwarf_attr(&member, DW_AT_data_member_location, &attribute), &place) != 0 ||
            !type_of(&member, &type) || place > UINT32_MAX)
            return false;
        offset += place;
        if (!path[length])
            break;
        path += length + 1;
        structure = type;
    }
    Dwarf_Word size;
    if (offset >= UINT32_MAX ||
        (wanted->size && (dwarf_aggregate_size(&type, &size) != 0 || size != wanted->size)))
        return false;
    wanted->offset = (uint32_t)offset;
    return true;
}

static void look_at_structure(Dwarf_Die *die, struct walk *walk)
{
    const char *name = dwarf_diename(die);
    for (size_t i = 0; name && i < walk->count; i++) {
        struct debuginfo_member *wanted = &walk->members[i];
        if (wanted->found || strcmp(wanted->structure, name) != 0 || walk->structures == 0)
            continue;
        walk->structures--;
        if (!resolve(*die, wanted, walk))
            continue;
        wanted->found = true;
        walk->left--;
    }
}

/* Go's linker puts types on the top level of a unit, never into a function. */
static void look_at_unit(Dwarf_Die *unit, struct walk *walk)
{
    Dwarf_Die die;
    if (dwarf_child(unit, &die) != 0)
        return;
    do {
        if (dwarf_tag(&die) == DW_TAG_structure_type)
            look_at_structure(&die, walk);
    } while (walk->left && walk->entries && walk->entries-- && dwarf_siblingof(&die, &die) == 0);
}

/* False where there is no DWARF. */
static bool look_at_all(const struct image *image, struct debuginfo_member *members, size_t count)
{
    struct walk walk = {members, count, count, STRUCTURES_MAX, ENTRIES_MAX};
    Dwarf *dwarf =
        image->elf && has_reasonable_size(image) ? dwarf_begin_elf(image->elf, DWARF_C_READ, NULL) : NULL;
    if (!dwarf)
        return false;
    Dwarf_Off next;
    size_t header;
    bool sound = strings_end(image);
    for (Dwarf_Off at = 0;
         sound && walk.left && dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0 && next > at;
         at = next) {
        Dwarf_Die unit;
        if (dwarf_offdie(dwarf, at + header, &unit))
            look_at_unit(&unit, &walk);
    }
    dwarf_end(dwarf);
    return sound;
}

struct reading {
    const struct image *image;
    struct debuginfo_member *members;
    size_t count;
};

static bool read_in_child(void *context)
{
    const struct reading *reading = context;
    return look_at_all(reading->image, reading->members, reading->count);
}

bool debuginfo_read(const struct image *image, struct debuginfo_member *members, size_t count)
{
    struct reading reading = {image, members, count};
    for (size_t i = 0; i < count; i++)
        members[i].found = false;
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    return read_in_child(&reading); /* the fuzzer looks into its own process, and has a limit of its own */
#else
    return confined_run(read_in_child, &reading, members, count * sizeof *members, SECONDS_MAX);
#endif
}
