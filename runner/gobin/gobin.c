#include "runner/gobin/gobin.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/gobin/buildinfo.h"
#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"
#include "runner/gobin/locate.h"
#include "runner/gobin/names.h"
#include "runner/gobin/offsets.h"
#include "runner/gobin/pclntab.h"
#include "runner/gobin/probes.h"
#include "runner/gobin/versions.h"

struct gobin {
    char *name;
    struct image image;
    struct buildinfo info;
    struct functions functions;
    uint32_t minor;
    bool is_known;     /* its version is in the table */
    bool has_layout;   /* `version` is complete */
    char missing[256]; /* why not, where only its DWARF could have told */
    struct version version;
    struct names wait_reasons, stw_reasons; /* its own, where the version is not in the table */
    struct gobin_variables variables;
};

uint64_t gobin_function_address(const struct gobin *binary, const char *name)
{
    const struct function *function = functions_find(&binary->functions, name);
    return function ? function->address : 0;
}

const struct gobin_variables *gobin_variables(const struct gobin *binary)
{
    return &binary->variables;
}

const struct go_offsets *gobin_offsets(const struct gobin *binary)
{
    return binary->has_layout ? &binary->version.offsets : NULL;
}

bool gobin_load_bias(const struct gobin *binary, const void *auxv, size_t size, uint64_t *bias)
{
    uint64_t values[AT_ENTRY + 1] = {0};
    for (size_t at = 0; size - at >= sizeof(Elf64_auxv_t); at += sizeof(Elf64_auxv_t)) {
        Elf64_auxv_t entry;
        memcpy(&entry, (const char *)auxv + at, sizeof entry);
        if (entry.a_type <= AT_ENTRY)
            values[entry.a_type] = entry.a_un.a_val;
    }
    *bias = values[AT_ENTRY] - binary->image.entry;
    return values[AT_PHNUM] == binary->image.header_count &&
           values[AT_PHDR] == binary->image.headers + *bias && (*bias == 0 || binary->image.pie);
}

static void read_variables(struct gobin *binary)
{
    const struct image *image = &binary->image;
    binary->variables = (struct gobin_variables){
        .gomaxprocs = functions_data_symbol(image, "runtime.gomaxprocs"),
        .gc_controller = functions_data_symbol(image, "runtime.gcController"),
        .sched = functions_data_symbol(image, "runtime.sched"),
        .allp = functions_data_symbol(image, "runtime.allp"),
        .allglen = functions_data_symbol(image, "runtime.allglen"),
        .memstats = functions_data_symbol(image, "runtime.memstats"),
    };
    if (binary->has_layout)
        locate_variables(image, &binary->functions, &binary->version, &binary->variables);
}

/* What the executable says of its own reasons is believed more than the table, as its DWARF is. Where neither
   tells, reasons are numbers. */
static int read_names(struct gobin *binary)
{
    struct version *version = &binary->version;
    int wait = names_read(&binary->image, "runtime.waitReasonStrings", &binary->wait_reasons);
    if (wait == 0)
        version->wait_reasons = &binary->wait_reasons.list;
    int stw = names_read(&binary->image, "runtime.stwReasonStrings", &binary->stw_reasons);
    if (stw == 0)
        version->stw_reasons = &binary->stw_reasons.list;
    if (!reason_number(version->wait_reasons, "preempted", &version->layout.preempted_reason))
        version->layout.preempted_reason = UINT32_MAX;
    return wait == -ENOMEM || stw == -ENOMEM ? -ENOMEM : 0;
}

/* The executable's storage ends where the FS base points to (ELF Handling For Thread-Local Storage, variant
   II). Go's own linker gives g the word below it (`usual`); with C's variables only the symbol tells. */
static int32_t find_tls_g(const struct gobin *binary, int32_t usual)
{
    uint64_t size = binary->image.tls_size;
    uint64_t offset;
    if (size <= sizeof(uint64_t))
        return usual;
    bool found = functions_tls_symbol(&binary->image, "runtime.tlsg", &offset) && offset < size;
    return found ? -(int32_t)(size - offset) : 0;
}

/* By the table, but what its DWARF says is believed more: a toolchain may have been changed. */
static int read_layout(struct gobin *binary)
{
    uint32_t nearest = binary->minor ? binary->minor : VERSION_NEWEST;
    if (nearest < VERSION_OLDEST)
        return 0;
    binary->is_known = version_find(nearest, &binary->version);
    binary->version.layout.tls_g = find_tls_g(binary, binary->version.layout.tls_g);
    bool complete = offsets_read(&binary->image, &binary->version, binary->missing, sizeof binary->missing);
    binary->has_layout = binary->is_known || complete;
    return binary->has_layout ? read_names(binary) : 0;
}

static int read_all(struct gobin *binary, int fd, const char *name, struct error *error)
{
    int result = image_open(fd, name, &binary->image, error);
    if (result < 0)
        return result;
    result = buildinfo_read(&binary->image, &binary->info);
    binary->minor = binary->info.version ? version_minor(binary->info.version) : 0;
    if (result == 0)
        result = functions_read(&binary->image, &binary->functions);
    if (result == 0 && binary->info.found)
        result = read_layout(binary);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "read the tables of %s", name);
    read_variables(binary);
    return 0;
}

int gobin_open(int fd, const char *name, struct gobin **binary, struct error *error)
{
    struct gobin *opened = calloc(1, sizeof *opened);
    if (!opened || !(opened->name = strdup(name))) {
        free(opened);
        return error_set(error, ERROR_INTERNAL, ENOMEM, "read the executable %s", name);
    }
    opened->image.fd = -1;
    int result = read_all(opened, fd, name, error);
    if (result < 0) {
        gobin_close(opened);
        return result;
    }
    image_drop_sections(&opened->image);
    *binary = opened;
    return 0;
}

void gobin_close(struct gobin *binary)
{
    if (!binary)
        return;
    names_free(&binary->wait_reasons);
    names_free(&binary->stw_reasons);
    functions_free(&binary->functions);
    buildinfo_free(&binary->info);
    image_close(&binary->image);
    free(binary->name);
    free(binary);
}

bool gobin_is_go(const struct gobin *binary)
{
    return binary->info.found;
}

bool gobin_is_static(const struct gobin *binary)
{
    return !binary->image.has_loader && !binary->image.has_libraries;
}

bool gobin_is_pie(const struct gobin *binary)
{
    return binary->image.pie;
}

void gobin_code(const struct gobin *binary, uint64_t *start, uint64_t *end)
{
    *start = *end = 0;
    for (size_t i = 0; i < binary->image.segment_count; i++) {
        const struct image_segment *segment = &binary->image.segments[i];
        if (!segment->executable)
            continue;
        if (*end == 0 || segment->address < *start)
            *start = segment->address;
        if (segment->address + segment->file_size > *end)
            *end = segment->address + segment->file_size;
    }
}

bool gobin_layout(const struct gobin *binary, struct go_layout *layout)
{
    if (binary->has_layout)
        *layout = binary->version.layout;
    return binary->has_layout;
}

const char *gobin_version(const struct gobin *binary)
{
    return binary->info.version;
}

uint32_t gobin_minor(const struct gobin *binary)
{
    return binary->minor;
}

uint32_t gobin_ways(const struct gobin *binary)
{
    return binary->has_layout ? binary->version.minor : binary->minor;
}

size_t gobin_setting_count(const struct gobin *binary)
{
    return binary->info.setting_count;
}

void gobin_setting(const struct gobin *binary, size_t index, const char **key, const char **value)
{
    *key = binary->info.settings[index].key;
    *value = binary->info.settings[index].value;
}

const char *gobin_main_path(const struct gobin *binary)
{
    return binary->info.main_path;
}

const char *gobin_function_at(const struct gobin *binary, uint64_t pc)
{
    return functions_at(&binary->functions, pc);
}

struct gobin_frames {
    struct image image;
    struct pclntab table; /* belongs to the image */
};

struct gobin_frames *gobin_frames_open(const struct gobin *binary)
{
    struct gobin_frames *frames = calloc(1, sizeof *frames);
    if (!frames)
        return NULL;
    if (image_open(binary->image.fd, binary->name, &frames->image, NULL) == 0 &&
        pclntab_open(&frames->image, &frames->table))
        return frames;
    gobin_frames_close(frames);
    return NULL;
}

void gobin_frames_close(struct gobin_frames *frames)
{
    if (frames)
        image_close(&frames->image);
    free(frames);
}

bool gobin_frames_none_at(const struct gobin_frames *frames, uint64_t pc)
{
    uint32_t depth;
    return frames && pclntab_stack_depth(&frames->table, pc, &depth) && depth == 0;
}

/* --- probes -----------------------------------------------------------------------------------------------
 */

static void add_missing(struct probe_plan *plan, const char *function)
{
    size_t used = strlen(plan->missing);
    snprintf(plan->missing + used, sizeof plan->missing - used, "%s%s", used ? ", " : "", function);
}

/* False where one of level core is missing. */
static bool plan_sites(const struct gobin *binary, enum go_level level, struct probe_plan *plan)
{
    bool has_core = true;
    plan->absent_kinds = version_absent_kinds(binary->version.minor, level);
    for (size_t i = 0; i < version_site_count; i++) {
        const struct version_site *wanted = &version_sites[i];
        if (wanted->level > level || !version_has_site(binary->version.minor, wanted) ||
            (wanted->optional && !functions_find(&binary->functions, wanted->function)))
            continue;
        plan->wanted++;
        size_t found =
            probes_find(&binary->image, &binary->functions, wanted, &plan->sites[plan->site_count]);
        plan->site_count += found;
        plan->found += found > 0;
        if (found)
            continue;
        add_missing(plan, wanted->function);
        plan->absent_kinds |= site_kinds(wanted->site);
        has_core = has_core && wanted->level > GO_CORE;
    }
    return has_core;
}

static int refuse(const struct gobin *binary, struct error *error, const char *why)
{
    return error_set(error, ERROR_DEMO, 0, "the Go probes of %s are off, because %s; the kernel probes go on",
                     binary->name, why);
}

/* Why there can be no Go probes for this executable; 0: there can. */
static int check_probes(const struct gobin *binary, struct error *error)
{
    char known[128];
    char why[640];
    if (!gobin_is_go(binary))
        return refuse(binary, error, "it is no Go program");
    if (binary->minor && binary->minor < VERSION_OLDEST) {
        snprintf(why, sizeof why, "its Go version (%s) is older than 1.%d, the first that is known",
                 binary->info.version, VERSION_OLDEST);
        return refuse(binary, error, why);
    }
    if (!binary->has_layout) {
        version_list(known, sizeof known);
        snprintf(why, sizeof why, "its Go version (%s) is not in the table (Go %s) and the file lacks %s",
                 binary->info.version ? binary->info.version : "not stated", known, binary->missing);
        return refuse(binary, error, why);
    }
    if (!binary->functions.count)
        return refuse(binary, error, "it has neither a symbol table nor a readable .gopclntab");
    return 0;
}

int gobin_plan_probes(const struct gobin *binary, enum go_level level, struct probe_plan *plan,
                      struct error *error)
{
    *plan = (struct probe_plan){0};
    if (level < GO_CORE)
        return 0;
    int result = check_probes(binary, error);
    if (result < 0)
        return result;
    plan->sites = calloc(version_site_count * PROBES_PLACES_MAX, sizeof *plan->sites);
    if (!plan->sites)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "plan the probes of %s", binary->name);
    plan->layout = binary->version.layout;
    bool has_core = plan_sites(binary, level, plan);
    if (plan->site_count && (has_core || binary->is_known))
        return 0;
    char why[512] = "none of the runtime's functions was found in it";
    if (plan->site_count)
        snprintf(why, sizeof why, "its Go version (%s) is not in the table, and the file lacks %s",
                 binary->info.version, plan->missing);
    gobin_plan_free(plan);
    return refuse(binary, error, why);
}

void gobin_plan_free(struct probe_plan *plan)
{
    free(plan->sites);
    *plan = (struct probe_plan){0};
}

/* --- names ------------------------------------------------------------------------------------------------
 */

const struct reason_names *gobin_wait_reasons(const struct gobin *binary)
{
    return binary->has_layout ? binary->version.wait_reasons : NULL;
}

const struct reason_names *gobin_stw_reasons(const struct gobin *binary)
{
    return binary->has_layout ? binary->version.stw_reasons : NULL;
}

const struct reason_names *gobin_wait_reasons_of(uint32_t minor)
{
    struct version version;
    version_find(minor, &version);
    return version.wait_reasons;
}

const struct reason_names *gobin_stw_reasons_of(uint32_t minor)
{
    struct version version;
    version_find(minor, &version);
    return version.stw_reasons;
}

const char *gobin_wait_reason_of(uint32_t minor, uint32_t reason)
{
    return reason_name(gobin_wait_reasons_of(minor), reason);
}
