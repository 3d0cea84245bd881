#include "bpf/features.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

/* The kernel declares `typedef void (*btf_trace_NAME)(void *, ...)` for each: include/linux/tracepoint.h and
   include/trace/bpf_probe.h. */
int features_tracepoint_arguments(const struct btf *kernel, const char *name)
{
    char type_name[64];
    snprintf(type_name, sizeof type_name, "btf_trace_%s", name);
    int id = btf__find_by_name_kind(kernel, type_name, BTF_KIND_TYPEDEF);
    if (id < 0)
        return -1;
    const struct btf_type *type = btf__type_by_id(kernel, btf__type_by_id(kernel, (__u32)id)->type);
    if (!type || !btf_is_ptr(type))
        return -1;
    type = btf__type_by_id(kernel, type->type);
    return type && btf_is_func_proto(type) ? btf_vlen(type) - 1 : -1;
}

int features_find(struct features *features, struct error *error)
{
    struct btf *kernel = btf__load_vmlinux_btf();
    if (!kernel)
        return error_mend(
            error, ERROR_HOST, errno,
            "The BPF programs need a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's and "
            "Ubuntu's are.",
            "read the kernel's type information in /sys/kernel/btf/vmlinux");
    features->switch_has_state = features_tracepoint_arguments(kernel, "sched_switch") >= 4;
    btf__free(kernel);
    /* A probe that fails for another reason (no permission) is not the older kernel; loading tells. */
    features->before_5_15 =
        libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_attach_cookie, NULL) == 0;
    return 0;
}

/* The line that tells the reason: the verifier's last one before its statistics. */
static const char *last_line(const char *log, char *line, size_t size)
{
    line[0] = 0;
    while (*log) {
        size_t length = strcspn(log, "\n");
        if (length && strncmp(log, "processed ", 10) != 0 && strncmp(log, "verification time", 17) != 0)
            snprintf(line, size, "%.*s", (int)length, log);
        log += length + (log[length] == '\n');
    }
    return line;
}

int features_load_error(int number, const char *log, struct error *error)
{
    char line[256];
    if (number == EPERM || number == EACCES)
        if (!last_line(log, line, sizeof line)[0] || number == EPERM)
            return error_mend(error, ERROR_HOST, number,
                              "Run as root, or with the capabilities CAP_BPF and CAP_PERFMON; a kernel in "
                              "lockdown mode \"confidentiality\" refuses it to everybody.",
                              "load the BPF programs");
    return error_mend(error, ERROR_HOST, number,
                      "The kernel has to be 5.10 or newer with BPF ring buffers and uprobes; `runner check` "
                      "lists what is missing.",
                      "load the BPF programs%s%s%s", log[0] ? " (" : "", last_line(log, line, sizeof line),
                      log[0] ? ")" : "");
}
