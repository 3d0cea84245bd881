#include "runner/gobin/gobin.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"
#include "runner/gobin/versions.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

static struct gobin *open_binary(int fd)
{
    struct gobin *binary;
    struct error error = {0};
    cr_assert_eq(gobin_open(fd, "fixture", &binary, &error), 0, "%s", error.text);
    return binary;
}

static struct probe_plan plan_of(const struct gobin *binary, enum go_level level)
{
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_eq(gobin_plan_probes(binary, level, &plan, &error), 0, "%s", error.text);
    return plan;
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
    AUTO_FD fd = go_fixture(minor, NULL);
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

Test(gobin, tells_version_and_settings, .timeout = 300)
{
    check_facts(19);
    check_facts(23);
}

/* The bytes at a site are what the rule says: a jbe, a push, or one of the emulated instructions. */
static void check_site(int fd, const struct probe_site *site)
{
    uint8_t code[2];
    cr_assert_eq(pread(fd, code, sizeof code, (off_t)site->offset), 2);
    if (site->stack_check)
        cr_assert(code[0] == 0x76 || (code[0] == 0x0f && code[1] == 0x86));
    else
        cr_assert(code[0] == 0x55 || code[0] == 0x90 || code[0] == 0xe8 || (code[0] & 0xf0) == 0x70 ||
                  (code[0] == 0x0f && (code[1] & 0xf0) == 0x80));
}

/* How many sites the table has for a version; the fixture uses all that is optional. */
static size_t sites_of(uint32_t minor)
{
    size_t count = 0;
    for (size_t i = 0; i < version_site_count; i++)
        count += version_has_site(minor, &version_sites[i]);
    return count;
}

static void check_sites(uint32_t minor, const char *const *arguments)
{
    AUTO_FD fd = go_fixture(minor, arguments);
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan = plan_of(binary, GO_FULL);
    size_t all = sites_of(minor);
    cr_assert_eq(plan.wanted, all);
    cr_assert_eq(plan.site_count, all, "missing: %s", plan.missing);
    cr_assert_str_empty(plan.missing);
    for (size_t i = 0; i < plan.site_count; i++)
        check_site(fd, &plan.sites[i]);
    cr_assert_eq(plan.layout.g_m, 48u);
    gobin_plan_free(&plan);
    plan = plan_of(binary, GO_CORE);
    cr_assert_eq(plan.site_count, plan.wanted);
    cr_assert(plan.site_count > 0 && plan.site_count < all);
    gobin_plan_free(&plan);
    plan = plan_of(binary, GO_COUNTERS);
    cr_assert_eq(plan.site_count, 0u);
    gobin_plan_free(&plan);
    gobin_close(binary);
}

static const char *const stripped[] = {"-ldflags", "-s -w", NULL};
static const char *const trimmed[] = {"-trimpath", NULL};
static const char *const pie[] = {"-buildmode=pie", NULL};
static const char *const stripped_pie[] = {"-buildmode=pie", "-ldflags", "-s -w", NULL};
static const uint32_t minors[] = {19, 23};
#define MINORS (sizeof minors / sizeof minors[0])

Test(gobin, finds_every_site, .timeout = 300)
{
    for (size_t i = 0; i < MINORS; i++)
        check_sites(minors[i], NULL);
}

Test(gobin, finds_every_site_of_a_position_independent_program, .timeout = 300)
{
    for (size_t i = 0; i < MINORS; i++) {
        check_sites(minors[i], pie);
        check_sites(minors[i], stripped_pie);
    }
}

Test(gobin, casgstatus_of_go_1_19_is_probed_behind_its_stores, .timeout = 300)
{
    AUTO_FD fd = go_fixture(19, NULL);
    struct image image;
    struct functions functions;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert_eq(functions_read(&image, &functions), 0);
    uint64_t start;
    const struct function *function = functions_find(&functions, "runtime.casgstatus");
    cr_assert(image_code_offset(&image, function->address, &start));
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan = plan_of(binary, GO_CORE);
    cr_assert_eq(plan.sites[0].site, GO_SITE_CASGSTATUS);
    cr_assert_eq(plan.sites[0].offset, start + 31);
    cr_assert_not(plan.sites[0].stack_check);
    gobin_plan_free(&plan);
    gobin_close(binary);
    functions_free(&functions);
    image_close(&image);
}

/* Stripping and trimming change no code: the same functions have the same sites. */
static void check_same_sites(uint32_t minor, const char *const *arguments)
{
    AUTO_FD plain_fd = go_fixture(minor, NULL);
    AUTO_FD other_fd = go_fixture(minor, arguments);
    struct gobin *plain = open_binary(plain_fd);
    struct gobin *other = open_binary(other_fd);
    struct probe_plan expected = plan_of(plain, GO_FULL);
    struct probe_plan found = plan_of(other, GO_FULL);
    cr_assert_eq(found.site_count, expected.site_count);
    for (size_t i = 0; i < found.site_count; i++) {
        cr_assert_eq(found.sites[i].site, expected.sites[i].site);
        cr_assert_eq(found.sites[i].offset, expected.sites[i].offset);
        cr_assert_eq(found.sites[i].stack_check, expected.sites[i].stack_check);
    }
    gobin_plan_free(&expected);
    gobin_plan_free(&found);
    gobin_close(plain);
    gobin_close(other);
}

Test(gobin, a_stripped_program_has_the_same_sites, .timeout = 300)
{
    for (size_t i = 0; i < MINORS; i++)
        check_same_sites(minors[i], stripped);
}

Test(gobin, a_trimmed_program_has_the_same_sites, .timeout = 300)
{
    for (size_t i = 0; i < MINORS; i++)
        check_same_sites(minors[i], trimmed);
}

/* The two tables of one executable tell the same functions. */
static void check_tables(uint32_t minor, const char *const *arguments)
{
    AUTO_FD fd = go_fixture(minor, arguments);
    struct image image;
    struct functions symbols;
    struct functions table;
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert_eq(functions_read(&image, &symbols), 0);
    cr_assert_eq(functions_read_pclntab(&image, &table), 0);
    cr_assert_gt(table.count, 1000u);
    size_t different = 0;
    for (size_t i = 0; i < table.count; i++) {
        const char *name = functions_at(&symbols, table.items[i].address);
        const char *expected = table.names + table.items[i].name;
        /* A symbol of an assembly body or wrapper has its ABI as a suffix, .abi0. */
        different += !name || strncmp(name, expected, strlen(expected)) != 0;
    }
    cr_assert_leq(different, table.count / 200, "%zu of %zu differ", different, table.count);
    functions_free(&symbols);
    functions_free(&table);
    image_close(&image);
}

Test(gobin, symbols_and_pclntab_agree, .timeout = 300)
{
    for (size_t i = 0; i < MINORS; i++) {
        check_tables(minors[i], NULL);
        check_tables(minors[i], pie);
    }
}

Test(gobin, names_the_function_at_an_address, .timeout = 300)
{
    AUTO_FD fd = go_fixture(23, stripped);
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

/* Replaces the version string by one of the same length. */
static void set_version(int fd, const char *version)
{
    struct image_section section;
    uint64_t offset = 0;
    section_of(fd, ".go.buildinfo", &section, &offset);
    cr_assert_eq(pwrite(fd, version, strlen(version), (off_t)offset + 33), (ssize_t)strlen(version));
}

Test(gobin, an_unknown_version_is_refused_and_named, .timeout = 300)
{
    AUTO_FD fd = go_fixture(23, NULL);
    set_version(fd, "go1.99.5");
    struct gobin *binary = open_binary(fd);
    struct probe_plan plan;
    struct error error = {0};
    cr_assert_eq(gobin_minor(binary), 99u);
    cr_assert_lt(gobin_plan_probes(binary, GO_CORE, &plan, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "Go probes of fixture are off"));
    cr_assert_not_null(strstr(error.text, "go1.99.5"));
    cr_assert_not_null(strstr(error.text, "1.19, 1.23"));
    cr_assert_eq(gobin_plan_probes(binary, GO_COUNTERS, &plan, &error), 0);
    gobin_close(binary);
}

/* Before Go 1.18 the header had the addresses of two Go string headers. */
Test(gobin, the_older_build_info_is_read, .timeout = 300)
{
    AUTO_FD fd = go_fixture(23, NULL);
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

Test(gobin, without_section_headers_the_version_is_still_found, .timeout = 300)
{
    AUTO_FD fd = go_fixture(23, NULL);
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

Test(gobin, a_cut_executable_is_an_error_or_has_less, .timeout = 300)
{
    AUTO_FD fd = go_fixture(23, NULL);
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
