#include "runner/gobin/gobin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/gobin/buildinfo.h"
#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"
#include "runner/gobin/prologue.h"
#include "runner/gobin/versions.h"

struct gobin {
    char *name;
    struct image image;
    struct buildinfo info;
    struct functions functions;
    uint32_t minor;
    const struct version_row *version; /* NULL: not in the table */
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

static void read_variables(struct gobin *binary)
{
    if (binary->image.pie)
        return;
    binary->variables.gomaxprocs = functions_data_symbol(&binary->image, "runtime.gomaxprocs");
    binary->variables.gc_controller = functions_data_symbol(&binary->image, "runtime.gcController");
}

static int read_all(struct gobin *binary, int fd, const char *name, struct error *error)
{
    int result = image_open(fd, name, &binary->image, error);
    if (result < 0)
        return result;
    result = buildinfo_read(&binary->image, &binary->info);
    if (result == 0 && binary->info.found)
        result = functions_read(&binary->image, &binary->functions);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "read the tables of %s", name);
    binary->minor = binary->info.version ? version_minor(binary->info.version) : 0;
    binary->version = version_find(binary->minor);
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

const char *gobin_version(const struct gobin *binary)
{
    return binary->info.version;
}

uint32_t gobin_minor(const struct gobin *binary)
{
    return binary->minor;
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

/* --- probes -----------------------------------------------------------------------------------------------
 */

static void add_missing(struct probe_plan *plan, const char *function)
{
    size_t used = strlen(plan->missing);
    snprintf(plan->missing + used, sizeof plan->missing - used, "%s%s", used ? ", " : "", function);
}

/* The file offset of the instruction to probe; false where there is none. */
static bool find_place(const struct gobin *binary, const struct function *function,
                       const struct version_site *wanted, struct probe_site *site)
{
    uint8_t code[PROLOGUE_BYTES];
    size_t size = image_read(&binary->image, function->address, code, sizeof code);
    if (function->size && function->size < size)
        size = function->size;
    struct prologue prologue = prologue_decode(code, size, wanted->registers);
    *site = (struct probe_site){.site = wanted->site, .stack_check = prologue.place == PROLOGUE_STACK_CHECK};
    return prologue.place != PROLOGUE_NONE &&
           image_code_offset(&binary->image, function->address + prologue.offset, &site->offset);
}

static void plan_sites(const struct gobin *binary, enum go_level level, struct probe_plan *plan)
{
    for (size_t i = 0; i < version_site_count; i++) {
        const struct version_site *wanted = &version_sites[i];
        if (wanted->level > level || !version_has_site(binary->minor, wanted))
            continue;
        const struct function *function = functions_find(&binary->functions, wanted->function);
        if (!function && wanted->optional)
            continue;
        plan->wanted++;
        if (function && find_place(binary, function, wanted, &plan->sites[plan->site_count]))
            plan->site_count++;
        else
            add_missing(plan, wanted->function);
    }
}

/* Why there can be no Go probes for this executable; 0: there can. */
static int check_probes(const struct gobin *binary, struct error *error)
{
    char known[128];
    if (!gobin_is_go(binary))
        return error_set(error, ERROR_DEMO, 0,
                         "the Go probes of %s are off, because it is no Go program; the kernel probes go on",
                         binary->name);
    if (!binary->version) {
        version_list(known, sizeof known);
        return error_set(
            error, ERROR_DEMO, 0,
            "the Go probes of %s are off, because its Go version (%s) is not in the table (Go %s); "
            "the kernel probes go on",
            binary->name, binary->info.version ? binary->info.version : "not stated", known);
    }
    if (!binary->functions.count)
        return error_set(error, ERROR_DEMO, 0,
                         "the Go probes of %s are off, because it has neither a symbol table nor a readable "
                         ".gopclntab; the kernel probes go on",
                         binary->name);
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
    plan->sites = calloc(version_site_count, sizeof *plan->sites);
    if (!plan->sites)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "plan the probes of %s", binary->name);
    plan->layout = binary->version->layout;
    plan_sites(binary, level, plan);
    if (plan->site_count)
        return 0;
    gobin_plan_free(plan);
    return error_set(
        error, ERROR_DEMO, 0,
        "the Go probes of %s are off, because none of the runtime's functions was found in it; the "
        "kernel probes go on",
        binary->name);
}

void gobin_plan_free(struct probe_plan *plan)
{
    free(plan->sites);
    *plan = (struct probe_plan){0};
}

/* --- names ------------------------------------------------------------------------------------------------
 */

const char *gobin_wait_reason_of(uint32_t minor, uint32_t reason)
{
    const struct version_row *version = version_find(minor);
    return version && reason && reason < version->wait_reason_count ? version->wait_reasons[reason] : NULL;
}

const char *gobin_stw_reason(uint32_t minor, uint32_t reason)
{
    const struct version_row *version = version_find(minor);
    return version && reason < version->stw_reason_count ? version->stw_reasons[reason] : NULL;
}
