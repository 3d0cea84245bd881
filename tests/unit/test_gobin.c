#include "runner/gobin/gobin.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

static struct gobin *open_binary(int fd)
{
    struct gobin *binary;
    struct error error = {0};
    cr_assert_eq(gobin_open(fd, "fixture", &binary, &error), 0, "%s", error.text);
    return binary;
}

static const char *setting_of(const struct gobin *binary, const char *wanted)
{
    for (size_t i = 0; i < gobin_setting_count(binary); i++) {
        const char *key;
        const char *value;
        gobin_setting(binary, i, &key, &value);
        if (strcmp(key, wanted) == 0)
            return value;
    }
    return NULL;
}

/* --- real executables -------------------------------------------------------------------------------------
 */

static void check_facts(uint32_t minor)
{
    AUTO_FD fd = go_fixture(minor, "plain");
    struct gobin *binary = open_binary(fd);
    char prefix[16];
    snprintf(prefix, sizeof prefix, "go1.%u", minor);
    cr_assert(gobin_is_go(binary));
    cr_assert(gobin_is_static(binary));
    cr_assert_not(gobin_is_pie(binary));
    cr_assert_eq(gobin_minor(binary), minor);
    cr_assert_eq(strncmp(gobin_version(binary), prefix, strlen(prefix)), 0);
    cr_assert_str_eq(gobin_main_path(binary), "example.org/fixture");
    cr_assert_str_eq(setting_of(binary, "CGO_ENABLED"), "0");
    cr_assert_str_eq(setting_of(binary, "GOARCH"), "amd64");
    cr_assert_null(setting_of(binary, "-ldflags"));
    gobin_close(binary);
}

Test(gobin, tells_version_and_settings, .timeout = 60)
{
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        check_facts(minors[i]);
}

Test(gobin, names_the_function_at_an_address, .timeout = 60)
{
    AUTO_FD fd = go_fixture(23, "stripped");
    struct image image;
    struct functions functions;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert_eq(functions_read(&image, &functions), 0);
    const struct function *function = functions_find(&functions, "main.main");
    cr_assert_not_null(function);
    struct gobin *binary = open_binary(fd);
    cr_assert_str_eq(gobin_function_at(binary, function->address), "main.main");
    cr_assert_str_eq(gobin_function_at(binary, function->address + function->size - 1), "main.main");
    cr_assert_str_neq(gobin_function_at(binary, function->address + function->size), "main.main");
    cr_assert_null(gobin_function_at(binary, 0));
    cr_assert_null(gobin_function_at(binary, UINT64_MAX));
    gobin_close(binary);
    functions_free(&functions);
    image_close(&image);
}

/* --- the running program ----------------------------------------------------------------------------------
 */

static int take_base(struct dl_phdr_info *info, size_t size, void *base)
{
    (void)size;
    *(uint64_t *)base = info->dlpi_addr;
    return 1; /* the program itself comes first */
}

Test(gobin, the_load_bias_is_told_by_the_auxiliary_vector)
{
    AUTO_FD fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct gobin *binary = open_binary(fd);
    AUTO_FREE char *auxv = NULL;
    size_t size;
    uint64_t base = 1;
    uint64_t bias = 2;
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/auxv", 1 << 16, &auxv, &size), 0);
    dl_iterate_phdr(take_base, &base);
    cr_assert(gobin_load_bias(binary, auxv, size, &bias));
    cr_assert_eq(bias, base);
    cr_assert_not(gobin_load_bias(binary, auxv, 24, &bias));
    gobin_close(binary);
}

Test(gobin, the_auxiliary_vector_of_another_program_tells_nothing)
{
    AUTO_FD fd = go_fixture(23, "pie");
    AUTO_FD plain_fd = go_fixture(23, "plain");
    struct gobin *pie = open_binary(fd);
    struct gobin *plain = open_binary(plain_fd);
    AUTO_FREE char *auxv = NULL;
    size_t size;
    uint64_t bias;
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/auxv", 1 << 16, &auxv, &size), 0);
    cr_assert_not(gobin_load_bias(pie, auxv, size, &bias));
    cr_assert_not(gobin_load_bias(plain, auxv, size, &bias));
    gobin_close(pie);
    gobin_close(plain);
}

Test(gobin, variables_are_known)
{
    static const char *const kinds[] = {"plain", "stripped", "pie-stripped", "symbols", "cgo-pie"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        AUTO_FD fd = go_fixture(23, kinds[i]);
        struct gobin *binary = open_binary(fd);
        const struct gobin_variables *variables = gobin_variables(binary);
        cr_assert(variables->gomaxprocs && variables->gc_controller && variables->sched && variables->allp &&
                  variables->allglen && variables->memstats);
        cr_assert_eq(gobin_offsets(binary)->mem_numgc, 7704u);
        cr_assert_eq(gobin_offsets(binary)->sched_gfree_nostack, GO_ABSENT);
        gobin_close(binary);
    }
}

/* --- altered executables ----------------------------------------------------------------------------------
 */

static void section_of(int fd, const char *name, struct image_section *section, uint64_t *offset)
{
    struct image image;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert(image_section(&image, name, section));
    for (size_t i = 0; i < image.segment_count; i++)
        if (section->address >= image.segments[i].address &&
            section->address - image.segments[i].address < image.segments[i].file_size)
            *offset = section->address - image.segments[i].address + image.segments[i].offset;
    image_close(&image);
}

/* Before Go 1.18 the header had the addresses of two Go string headers. */
Test(gobin, the_older_build_info_is_read, .timeout = 60)
{
    AUTO_FD fd = go_fixture(23, "plain");
    struct image_section section;
    uint64_t offset = 0;
    section_of(fd, ".go.buildinfo", &section, &offset);
    static const char modules[] = "0123456789abcdefpath\texample.org/old\nbuild\t-ldflags=\"-X a=b\\tc\"\n"
                                  "build\tvcs=git\n0123456789abcdef";
    uint64_t words[] = {section.address + 32, section.address + 48, section.address + 64, 8,
                        section.address + 72, sizeof modules - 1};
    struct {
        uint8_t magic[14], pointer_size, flags;
        uint64_t pointers[2], version[2], text[2];
        char strings[8 + sizeof modules];
    } __attribute__((packed)) old = {.pointer_size = 8};
    memcpy(old.magic, "\xff Go buildinf:", 14);
    memcpy(old.pointers, words, sizeof words);
    memcpy(old.strings, "go1.17.3", 8);
    memcpy(old.strings + 8, modules, sizeof modules);
    cr_assert_eq(pwrite(fd, &old, sizeof old, (off_t)offset), (ssize_t)sizeof old);
    struct gobin *binary = open_binary(fd);
    cr_assert_str_eq(gobin_version(binary), "go1.17.3");
    cr_assert_str_eq(gobin_main_path(binary), "example.org/old");
    cr_assert_str_eq(setting_of(binary, "-ldflags"), "-X a=b\tc");
    cr_assert_str_eq(setting_of(binary, "vcs"), "git");
    gobin_close(binary);
}

Test(gobin, without_section_headers_the_version_is_still_found, .timeout = 60)
{
    AUTO_FD fd = go_fixture(23, "plain");
    Elf64_Ehdr header;
    cr_assert_eq(pread(fd, &header, sizeof header, 0), (ssize_t)sizeof header);
    header.e_shoff = 0;
    header.e_shnum = 0;
    header.e_shstrndx = 0;
    cr_assert_eq(pwrite(fd, &header, sizeof header, 0), (ssize_t)sizeof header);
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_eq(gobin_minor(binary), 23u);
    cr_assert_lt(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0);
    cr_assert_not_null(strstr(error.text, "neither a symbol table nor a readable .gopclntab"));
    gobin_close(binary);
}

Test(gobin, a_cut_executable_is_an_error_or_has_less, .timeout = 60)
{
    AUTO_FD fd = go_fixture(23, "plain");
    struct stat status;
    cr_assert_eq(fstat(fd, &status), 0);
    for (off_t size = status.st_size; size > 0; size = size * 9 / 10) {
        cr_assert_eq(ftruncate(fd, size), 0);
        struct gobin *binary;
        struct error error = {0};
        if (gobin_open(fd, "cut", &binary, &error) < 0) {
            cr_assert_eq(error.class, ERROR_DEMO);
            continue;
        }
        struct probe_plan plan;
        if (gobin_plan_probes(binary, GO_FULL, &plan, &error) == 0)
            gobin_plan_free(&plan);
        gobin_close(binary);
    }
}

/* --- no Go, no ELF ----------------------------------------------------------------------------------------
 */

static int file_of(const void *bytes, size_t size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(fd_write_all(fd, bytes, size), 0);
    return fd;
}

static void expect_refusal(const void *bytes, size_t size, const char *says)
{
    AUTO_FD fd = file_of(bytes, size);
    struct gobin *binary;
    struct error error = {0};
    cr_assert_lt(gobin_open(fd, "thing", &binary, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
}

Test(gobin, what_is_no_executable_for_this_machine_is_told_apart)
{
    expect_refusal("", 0, "not an ELF executable");
    expect_refusal("#!/bin/sh\necho no\n", 18, "not an ELF executable");
    Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT}};
    expect_refusal(&header, sizeof header, "not a 64-bit");
    header.e_ident[EI_CLASS] = ELFCLASS64;
    expect_refusal(&header, 40, "cut off");
    header.e_machine = EM_AARCH64;
    expect_refusal(&header, sizeof header, "another machine");
    header.e_machine = EM_X86_64;
    header.e_type = ET_REL;
    expect_refusal(&header, sizeof header, "not an executable");
    header.e_type = ET_EXEC;
    header.e_shnum = 65000;
    expect_refusal(&header, sizeof header, "sections");
    header.e_shnum = 0;
    expect_refusal(&header, sizeof header, "program headers");
    header.e_phnum = 4;
    header.e_phoff = 1 << 30;
    header.e_phentsize = sizeof(Elf64_Phdr);
    expect_refusal(&header, sizeof header, "program header");
}

Test(gobin, an_elf_program_that_is_not_go_is_no_error)
{
    AUTO_FD fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_not(gobin_is_go(binary));
    cr_assert_not(gobin_is_static(binary));
    cr_assert_null(gobin_version(binary));
    cr_assert_lt(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0);
    cr_assert_not_null(strstr(error.text, "it is no Go program"));
    cr_assert_eq(gobin_plan_probes(binary, GO_NONE, &plan, &error), 0);
    gobin_close(binary);
}
