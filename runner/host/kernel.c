/* Rows on the kernel itself and on what we may do with it. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runner/host/check.h"

void host_look_release(const struct host_context *context, const struct host_check *check,
                       struct host_row *row)
{
    (void)context;
    (void)check;
    struct utsname name;
    if (uname(&name) < 0)
        host_refused(row, errno, "", "uname");
    else if (strcmp(name.machine, "x86_64") != 0)
        host_lacks(row, HOST_MISSING, "An x86_64 machine", "%s on %s: the probes know x86_64 only",
                   name.release, name.machine);
    else
        host_found(row, "%s on %s", name.release, name.machine);
}

/* capabilities(7): what the groups, the namespaces, the probes and the sandbox's change of user ask for. */
void host_look_privileges(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    (void)context;
    (void)check;
    static const cap_value_t needed[] = {CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID, CAP_KILL};
    cap_t have = cap_get_proc();
    char missing[128] = "";
    size_t used = 0;
    for (size_t i = 0; have && i < sizeof needed / sizeof *needed; i++) {
        cap_flag_value_t set = CAP_CLEAR;
        if (cap_get_flag(have, needed[i], CAP_EFFECTIVE, &set) == 0 && set == CAP_SET)
            continue;
        char *name = cap_to_name(needed[i]);
        used += (size_t)snprintf(missing + used, sizeof missing - used, " %s", name ? name : "?");
        cap_free(name);
    }
    cap_free(have);
    if (!have)
        host_refused(row, errno, "", "read the capabilities of this process");
    else if (used && geteuid() == 0)
        host_lacks(row, HOST_MISSING, "Run outside the container, or in one with --privileged",
                   "root without%s", missing);
    else if (used)
        host_lacks(row, HOST_MISSING, "Run as root (sudo runner ...)", "user %u without%s", geteuid(),
                   missing);
    else
        host_found(row, "user %u with all capabilities that are needed", geteuid());
}

void host_look_btf(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)context;
    (void)check;
    struct btf *btf = btf__load_vmlinux_btf();
    if (!btf) {
        host_refused(row, errno, "A kernel with CONFIG_DEBUG_INFO_BTF=y, as Debian's and Ubuntu's are",
                     "load /sys/kernel/btf/vmlinux");
        return;
    }
    host_found(row, "%u types", btf__type_cnt(btf) - 1);
    btf__free(btf);
}

/* kernel_lockdown(7): "confidentiality" keeps BPF programs from reading the kernel's memory. */
void host_look_lockdown(const struct host_context *context, const struct host_check *check,
                        struct host_row *row)
{
    (void)check;
    char text[128];
    if (host_text(context, "sys/kernel/security/lockdown", text, sizeof text) < 0 || !host_bracketed(text))
        host_found(row, "not in use");
    else if (strcmp(text, "confidentiality") == 0)
        host_lacks(row, HOST_MISSING, "Boot with lockdown=integrity or without lockdown",
                   "confidentiality: BPF programs may not read the kernel");
    else
        host_found(row, "%s", text);
}

void host_look_psi(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    char text[256];
    int result = host_text(context, "proc/pressure/cpu", text, sizeof text);
    if (result < 0)
        host_lacks(row, HOST_MISSING, "Boot with psi=1 (needs CONFIG_PSI=y)",
                   "read /proc/pressure/cpu: %s; bundles will have no pressure figures", strerror(-result));
    else
        host_found(row, "pressure of cpu, memory, io");
}
