#include "runner/sandbox/execfault.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

union header {
    char text[256];
    unsigned char ident[EI_NIDENT];
    Elf64_Ehdr elf64;
    Elf32_Ehdr elf32;
};

/* Reads the path at `offset`, cut to what fits. */
static void read_path(int fd, uint64_t offset, uint64_t size, char *path, size_t room)
{
    size_t wanted = size < room - 1 ? (size_t)size : room - 1;
    ssize_t n = pread(fd, path, wanted, (off_t)offset);
    path[n > 0 ? n : 0] = 0;
}

static void find_loader64(int fd, const Elf64_Ehdr *elf, char *loader, size_t room)
{
    for (unsigned i = 0; i < elf->e_phnum; i++) {
        Elf64_Phdr segment;
        off_t at = (off_t)(elf->e_phoff + i * sizeof segment);
        if (pread(fd, &segment, sizeof segment, at) != sizeof segment)
            return;
        if (segment.p_type == PT_INTERP)
            read_path(fd, segment.p_offset, segment.p_filesz, loader, room);
    }
}

static void find_loader32(int fd, const Elf32_Ehdr *elf, char *loader, size_t room)
{
    for (unsigned i = 0; i < elf->e_phnum; i++) {
        Elf32_Phdr segment;
        off_t at = (off_t)(elf->e_phoff + i * sizeof segment);
        if (pread(fd, &segment, sizeof segment, at) != sizeof segment)
            return;
        if (segment.p_type == PT_INTERP)
            read_path(fd, segment.p_offset, segment.p_filesz, loader, room);
    }
}

/* PT_INTERP of an ELF file (elf(5)), the first word after "#!" of a script (execve(2)); empty if none. */
static void find_loader(int fd, char *loader, size_t room)
{
    union header header = {0};
    loader[0] = 0;
    ssize_t n = pread(fd, &header, sizeof header - 1, 0);
    if (n < 2)
        return;
    if (memcmp(header.text, "#!", 2) == 0) {
        const char *name = header.text + 2 + strspn(header.text + 2, " \t");
        snprintf(loader, room, "%.*s", (int)strcspn(name, " \t\n"), name);
    } else if (n >= (ssize_t)sizeof header.elf32 && memcmp(header.ident, ELFMAG, SELFMAG) == 0) {
        if (header.ident[EI_CLASS] == ELFCLASS64)
            find_loader64(fd, &header.elf64, loader, room);
        else
            find_loader32(fd, &header.elf32, loader, room);
    }
}

void execfault_note(const char *path, int number, struct failure *failure)
{
    failure_set(failure, SANDBOX_STEP_EXEC, number, "%s", path);
    AUTO_FD fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (number == ENOENT || number == ENOTDIR) {
        if (fd >= 0)
            find_loader(fd, failure->loader, sizeof failure->loader);
        failure->fault = fd >= 0 && failure->loader[0] ? EXEC_FAULT_NO_LOADER : EXEC_FAULT_MISSING;
    } else if (number == EACCES || number == EPERM || number == EISDIR) {
        failure->fault = EXEC_FAULT_NOT_EXECUTABLE;
    } else if (number == ENOMEM || number == E2BIG || number == EFAULT) {
        failure->fault = EXEC_FAULT_NO_MEMORY; /* what copy_strings() in fs/exec.c makes of a refused page */
    } else if (number == ENOEXEC || number == ELIBBAD) {
        failure->fault = EXEC_FAULT_WRONG_FORMAT;
    }
}
