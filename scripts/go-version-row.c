/*
 * go-version-row PROGRAM: prints as C what the tables of runner/gobin have to say of the Go that built
 * PROGRAM: offsets out of its DWARF, names out of its data, and where each function of the catalogue is
 * probed. Rows that stay as they are are not printed. PROGRAM must use all that the linker leaves out
 * otherwise: scripts/go-version-row builds one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/gobin/buildinfo.h"
#include "runner/gobin/names.h"
#include "runner/gobin/offsets.h"
#include "runner/gobin/probes.h"
#include "runner/support/fd.h"

struct program {
    const char *name;
    struct image image;
    struct functions functions;
    struct buildinfo info;
    struct names wait, stw;
    uint32_t minor;
    unsigned faults;
};

static void complain(struct program *program, const char *what, const char *which)
{
    fprintf(stderr, "go-version-row: %s: %s%s\n", program->name, what, which);
    program->faults++;
}

/* The name of the variable of reasons.c, by the first version that has these names. */
static void name_list(const char *kind, const struct reason_names *list, bool is_stw, uint32_t minor,
                      char name[32])
{
    struct version version;
    for (size_t i = 0; i < version_count(); i++) {
        version_find(version_at(i), &version);
        if (reasons_equal(list, is_stw ? version.stw_reasons : version.wait_reasons)) {
            minor = version_at(i);
            break;
        }
    }
    snprintf(name, 32, list->count ? "&%s_reasons_%u" : "NULL", kind, minor);
}

static void print_list(const char *kind, const struct reason_names *list, uint32_t minor)
{
    printf("\n// reasons.c:\nstatic const char *const %s_reason_names_%u[] = {\n", kind, minor);
    for (size_t i = 0; i < list->count; i++)
        printf("    [%zu] = \"%s\",\n", i, list->names[i]);
    printf("};\nconst struct reason_names %s_reasons_%u = {COUNT(%s_reason_names_%u), %s_reason_names_%u};\n",
           kind, minor, kind, minor, kind, minor);
}

static void print_version(const struct program *program)
{
    struct version version;
    char wait[32];
    char stw[32];
    bool known = version_find(program->minor, &version);
    name_list("wait", &program->wait.list, false, program->minor, wait);
    name_list("stw", &program->stw.list, true, program->minor, stw);
    bool same = known && reasons_equal(&program->wait.list, version.wait_reasons) &&
                reasons_equal(&program->stw.list, version.stw_reasons);
    if (same)
        return;
    printf("\n// versions.c:\n    {%u, %s, %s},\n", program->minor, wait, stw);
    char own[32];
    snprintf(own, sizeof own, "&wait_reasons_%u", program->minor);
    if (strcmp(wait, own) == 0)
        print_list("wait", &program->wait.list, program->minor);
    snprintf(own, sizeof own, "&stw_reasons_%u", program->minor);
    if (strcmp(stw, own) == 0)
        print_list("stw", &program->stw.list, program->minor);
}

static void print_offset(const struct offset *row, uint32_t minor, uint32_t derived)
{
    printf("    OFFSET(\"%s\", \"%s\", %u, %s", strchr(row->structure, '.') + 1, row->member, row->size,
           row->name);
    for (size_t i = 0; i < OFFSET_CHANGES_MAX && row->changes[i].from && row->changes[i].from < minor; i++)
        if (row->changes[i].offset == GO_ABSENT)
            printf(", {%u, GO_ABSENT}", row->changes[i].from);
        else
            printf(", {%u, %u}", row->changes[i].from, row->changes[i].offset);
    if (derived == GO_ABSENT)
        printf(", {%u, GO_ABSENT}),\n", minor);
    else
        printf(", {%u, %u}),\n", minor, derived);
}

static void print_offsets(struct program *program)
{
    struct version derived;
    char missing[512];
    version_find(VERSION_NEWEST, &derived); /* no offsets */
    memset(&derived.layout, 0xff, sizeof derived.layout);
    derived.minor = program->minor;
    if (!offsets_read(&program->image, &derived, missing, sizeof missing))
        complain(program, "not found, or of another size: ", missing);
    printf("\n// offsets.c:\n");
    for (size_t i = 0; i < offset_count(); i++) {
        const struct offset *row = offset_at(i);
        uint32_t stated = offset_in(row, program->minor);
        uint32_t found = offset_stated(row, &derived);
        if (stated != GO_ABSENT && stated != found)
            print_offset(row, program->minor, found);
    }
}

static void print_site(struct program *program, const struct version_site *site)
{
    static const char *const places[] = {"entry", "call of ", "branch behind the call of "};
    struct probe_site found[PROBES_PLACES_MAX];
    size_t count = probes_find(&program->image, &program->functions, site, found);
    const struct function *function = functions_find(&program->functions, site->function);
    printf("//   %2d %s, %s%s:", site->site, site->function, places[site->place],
           site->callee ? site->callee : "");
    if (!count && !site->optional)
        complain(program, function ? "no place to probe in " : "no function ", site->function);
    if (!count)
        printf(" none");
    if (count > 1 && found[0].use == SITE_INSTEAD_OF_MANY) {
        printf(" or its %zu calls", count - 1);
        count = 1;
    } else if (site->by_calls) {
        complain(program, "not all calls of interest are found of ", site->function);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t start = 0;
        uint8_t code[6] = {0};
        image_code_offset(&program->image, function->address, &start);
        printf(" +%llu%s", (unsigned long long)(found[i].offset - start),
               found[i].stack_check ? " (stack check)" : "");
        if (pread(program->image.fd, code, sizeof code, (off_t)found[i].offset) == (ssize_t)sizeof code)
            printf(" %02x %02x %02x %02x %02x %02x", code[0], code[1], code[2], code[3], code[4], code[5]);
    }
    printf("\n");
}

static void print(struct program *program)
{
    printf("// %s\n// sites.c:\n", program->info.version);
    for (size_t i = 0; i < version_site_count; i++)
        if (version_has_site(program->minor, &version_sites[i]))
            print_site(program, &version_sites[i]);
    if (names_read(&program->image, "runtime.waitReasonStrings", &program->wait) < 0)
        complain(program, "cannot read ", "runtime.waitReasonStrings");
    if (names_read(&program->image, "runtime.stwReasonStrings", &program->stw) < 0 && program->minor > 20)
        complain(program, "cannot read ", "runtime.stwReasonStrings");
    print_version(program);
    print_offsets(program);
    names_free(&program->wait);
    names_free(&program->stw);
}

int main(int argc, char **argv)
{
    struct program program = {.name = argv[1]};
    struct error error = {0};
    AUTO_FD fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: go-version-row PROGRAM\n");
        return 2;
    }
    if (image_open(fd, argv[1], &program.image, &error) < 0)
        complain(&program, error.text, "");
    else if (buildinfo_read(&program.image, &program.info) < 0 || !program.info.version ||
             functions_read(&program.image, &program.functions) < 0)
        complain(&program, "is no Go program", "");
    else if (!(program.minor = version_minor(program.info.version)))
        complain(&program, "made by no released Go: ", program.info.version);
    else
        print(&program);
    functions_free(&program.functions);
    buildinfo_free(&program.info);
    image_close(&program.image);
    return program.faults != 0;
}
