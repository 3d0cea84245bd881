/* The facts that a bundle keeps: what the machine is, and samples of what else used it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/host/facts.h"
#include "runner/support/fd.h"

#define FILE_MAX (4 << 20)

/* A fact that is not known is null, with the reason beside it (bundle.md). */
static void set_unknown(json_t *object, const char *key, const char *reason)
{
    char reason_key[64];
    snprintf(reason_key, sizeof reason_key, "%s_reason", key);
    json_object_set_new(object, key, json_null());
    json_object_set_new(object, reason_key, json_string(reason));
}

enum form { TEXT, BRACKETED, INTEGER, BOOLEAN, FIELD, FIELD_KIB, OPTIONS };

/* One row a fact that stands in a file. */
static const struct fact {
    const char *key;
    const char *path;
    enum form form;
    const char *field; /* FIELD: the key in the file; BOOLEAN: the text that means true */
} facts[] = {
    {"boot_id", "proc/sys/kernel/random/boot_id", TEXT, NULL},
    {"kernel_options", "proc/cmdline", OPTIONS, NULL},
    {"cpu_model", "proc/cpuinfo", FIELD, "model name"},
    {"cpu_microcode", "proc/cpuinfo", FIELD, "microcode"},
    {"cpus_online", "sys/devices/system/cpu/online", TEXT, NULL},
    {"cpus_isolated", "sys/devices/system/cpu/isolated", TEXT, NULL},
    {"governor", FACT_GOVERNOR, TEXT, NULL},
    {"turbo", FACT_NO_TURBO, BOOLEAN, "0"},
    {"boost", FACT_BOOST, BOOLEAN, "1"},
    {"smt", FACT_SMT, BOOLEAN, "1"},
    {"huge_pages", FACT_THP, BRACKETED, NULL},
    {"clock", FACT_CLOCK, TEXT, NULL},
    {"aslr_level", "proc/sys/kernel/randomize_va_space", INTEGER, NULL},
    {"bpf_jit_level", "proc/sys/net/core/bpf_jit_enable", INTEGER, NULL},
    {"memory_bytes", "proc/meminfo", FIELD_KIB, "MemTotal"},
    {"swap_bytes", "proc/meminfo", FIELD_KIB, "SwapTotal"},
};

/* Of the kernel's command line only what changes measurements; the rest is nobody's business. */
static json_t *kernel_options(char *text)
{
    static const char *const names[] = {
        "isolcpus",
        "nohz_full",
        "rcu_nocbs",
        "mitigations",
        "nosmt",
        "psi",
        "tsc",
        "clocksource",
        "idle",
        "processor.max_cstate",
        "intel_pstate",
        "amd_pstate",
        "preempt",
        "threadirqs",
        "maxcpus",
        "intel_idle.max_cstate",
        "cgroup_no_v1",
        "cgroup_disable",
        "cgroup_enable",
        "transparent_hugepage",
        "systemd.unified_cgroup_hierarchy",
    };
    json_t *list = json_array();
    for (char *word; (word = strsep(&text, " \n"));)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (strcspn(word, "=") == strlen(names[i]) && strncmp(word, names[i], strlen(names[i])) == 0)
                json_array_append_new(list, json_string(word));
    return list;
}

static json_t *fact_value(const struct fact *fact, char *text)
{
    char value[512];
    switch (fact->form) {
    case TEXT:
        return json_string(text);
    case BRACKETED:
        return host_bracketed(text) ? json_string(text) : NULL;
    case INTEGER:
        return json_integer(strtoll(text, NULL, 10));
    case BOOLEAN:
        return json_boolean(strcmp(text, fact->field) == 0);
    case FIELD:
        return facts_field(text, fact->field, value, sizeof value) ? json_string(value) : NULL;
    case OPTIONS:
        return kernel_options(text);
    case FIELD_KIB:
        return facts_field(text, fact->field, value, sizeof value)
                   ? json_integer(strtoll(value, NULL, 10) * 1024)
                   : NULL;
    }
    return NULL;
}

static void set_fact(json_t *object, int root, const struct fact *fact)
{
    char reason[256];
    AUTO_FREE char *text = NULL;
    size_t size;
    int result = fd_read_file(root, fact->path, FILE_MAX, &text, &size);
    if (result < 0) {
        snprintf(reason, sizeof reason, "read /%s: %s", fact->path, strerror(-result));
        set_unknown(object, fact->key, reason);
        return;
    }
    if (size && text[size - 1] == '\n')
        text[size - 1] = 0;
    json_t *value = fact_value(fact, text);
    if (value) {
        json_object_set_new(object, fact->key, value);
        return;
    }
    snprintf(reason, sizeof reason, "/%s does not tell", fact->path);
    set_unknown(object, fact->key, reason);
}

/* Packages, cores and threads, by counting distinct ids of sys/devices/system/cpu/cpuN/topology. */
static void set_topology(json_t *object, int root)
{
    enum { CPUS_MAX = 4096 };
    int *seen = calloc((size_t)CPUS_MAX * 2, sizeof *seen); /* package, core */
    int threads = 0;
    int packages = 0;
    int cores = 0;
    for (int cpu = 0; seen && cpu < CPUS_MAX; cpu++) {
        char path[96];
        char text[32];
        int id[2];
        snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/topology/physical_package_id", cpu);
        if (fd_read_text(root, path, text, sizeof text) < 0)
            continue;
        id[0] = (int)strtol(text, NULL, 10);
        snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/topology/core_id", cpu);
        if (fd_read_text(root, path, text, sizeof text) < 0)
            continue;
        id[1] = (int)strtol(text, NULL, 10);
        bool new_package = true;
        bool new_core = true;
        for (int i = 0; i < threads; i++) {
            bool same_package = seen[(size_t)i * 2] == id[0];
            new_package &= !same_package;
            new_core &= !same_package || seen[(size_t)i * 2 + 1] != id[1];
        }
        seen[(size_t)threads * 2] = id[0];
        seen[(size_t)threads * 2 + 1] = id[1];
        threads++;
        packages += new_package;
        cores += new_core;
    }
    free(seen);
    if (threads)
        json_object_set_new(
            object, "cpu_topology",
            json_pack("{s:i, s:i, s:i}", "packages", packages, "cores", cores, "threads", threads));
    else
        set_unknown(object, "cpu_topology", "read /sys/devices/system/cpu/cpu*/topology: nothing there");
}

static void set_distribution(json_t *object, int root)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    const char *at = NULL;
    if (fd_read_file(root, "etc/os-release", 65536, &text, &size) == 0)
        at = strncmp(text, "PRETTY_NAME=", 12) == 0 ? text : strstr(text, "\nPRETTY_NAME=");
    if (!at) {
        set_unknown(object, "distribution", "no PRETTY_NAME in /etc/os-release");
        return;
    }
    at = strchr(at, '=') + 1;
    at += *at == '"';
    json_object_set_new(object, "distribution", json_stringn(at, strcspn(at, "\"\n")));
}

static json_t *noise(int root)
{
    static const char *const resources[] = {"cpu", "memory", "io"};
    char text[4096];
    struct load_average load;
    struct cpu_ticks ticks;
    json_t *object = json_object();
    json_object_set_new(object, "monotonic_ns", json_integer((json_int_t)clock_monotonic_ns()));
    if (fd_read_text(root, "proc/loadavg", text, sizeof text) == 0 && facts_load_average(text, &load))
        json_object_set_new(object, "load_average",
                            json_pack("[f, f, f]", load.one, load.five, load.fifteen));
    else
        set_unknown(object, "load_average", "/proc/loadavg does not tell");
    if (fd_read_text(root, "proc/stat", text, sizeof text) == 0 && facts_cpu_ticks(text, &ticks)) {
        json_object_set_new(object, "cpu_ticks", json_integer((json_int_t)ticks.total));
        json_object_set_new(object, "steal_ticks", json_integer((json_int_t)ticks.steal));
    } else {
        set_unknown(object, "cpu_ticks", "/proc/stat does not tell");
        set_unknown(object, "steal_ticks", "/proc/stat does not tell");
    }
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        char path[32];
        struct pressure pressure;
        snprintf(path, sizeof path, "proc/pressure/%s", resources[i]);
        if (fd_read_text(root, path, text, sizeof text) == 0 && facts_pressure(text, &pressure))
            json_object_set_new(all, resources[i],
                                json_pack("{s:I, s:I}", "some_us", (json_int_t)pressure.some_us, "full_us",
                                          (json_int_t)pressure.full_us));
        else
            set_unknown(all, resources[i], "no PSI in this kernel (boot with psi=1)");
    }
    json_object_set_new(object, "pressure", all);
    return object;
}

json_t *host_noise_json(void)
{
    AUTO_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return noise(root);
}

json_t *host_environment_json(void)
{
    AUTO_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    json_t *object = json_object();
    struct utsname name;
    if (uname(&name) == 0) {
        json_object_set_new(object, "kernel_release", json_string(name.release));
        json_object_set_new(object, "kernel_version", json_string(name.version));
        json_object_set_new(object, "machine", json_string(name.machine));
        json_object_set_new(object, "hostname", json_string(name.nodename));
    }
    set_distribution(object, root);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        set_fact(object, root, &facts[i]);
    set_topology(object, root);
    json_object_set_new(object, "noise", noise(root));
    return object;
}
