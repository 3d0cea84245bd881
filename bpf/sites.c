#include "bpf/sites.h"

#include <bpf/bpf.h>
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf/state.h"

/* Where the code of the last executable segment ends in the file; 0: it has none, or is not for this machine.
 */
static uint64_t code_end(int fd)
{
    Elf64_Ehdr header;
    uint64_t end = 0, address = 0;
    if (pread(fd, &header, sizeof header, 0) != sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
        return 0;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        off_t at = (off_t)(header.e_phoff + (uint64_t)i * header.e_phentsize);
        if (pread(fd, &segment, sizeof segment, at) != sizeof segment)
            return 0;
        if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X) ||
            segment.p_vaddr + segment.p_filesz < address)
            continue;
        address = segment.p_vaddr + segment.p_filesz;
        end = segment.p_offset + segment.p_filesz;
    }
    return end;
}

int sites_announce(struct observer *observer, uint32_t index, const char *path,
                   const struct probe_site *sites, size_t count, struct error *error)
{
    const struct announced *announced = &observer->announced[index];
    uint64_t end = code_end(announced->fd);
    if (!end)
        return error_set(error, ERROR_HOST, ENOEXEC, "find the end of the code of %s", path);
    for (size_t i = 0; i < count; i++) {
        if (sites[i].use == SITE_ONE_OF_MANY) /* no kernel before 5.15 has uprobe.multi */
            continue;
        struct site_key key = {.inode = announced->inode, .distance = end - sites[i].offset};
        uint64_t cookie = GO_COOKIE(index, sites[i].site, sites[i].stack_check);
        int result = bpf_map_update_elem(bpf_map__fd(observer->programs->maps.sites), &key, &cookie, BPF_ANY);
        if (result < 0)
            return error_set(error, ERROR_INTERNAL, -result, "tell the BPF programs of the sites of %s",
                             path);
    }
    return 0;
}
