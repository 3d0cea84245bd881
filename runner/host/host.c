#include "runner/host/host.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include "runner/host/check.h"
#include "runner/support/fd.h"

/* One row a check. required: without it no experiment runs. */
static const struct host_check checks[] = {
    {"kernel", "Linux", true, host_look_release, NULL, 0},
    {"kernel", "privileges", true, host_look_privileges, NULL, 0},
    {"kernel", "BTF", true, host_look_btf, NULL, 0},
    {"kernel", "lockdown", true, host_look_lockdown, NULL, 0},
    {"kernel", "PSI", false, host_look_psi, NULL, 0},

    {"bpf", "tracing programs", true, host_look_tracing, NULL, 0},
    {"bpf", "tracepoints", true, host_look_tracepoints, NULL, 0},
    {"bpf", "uprobe programs", true, host_look_uprobe_program, NULL, 0},
    {"bpf", "ring buffer", true, host_look_ring_buffer, NULL, 0},
    {"bpf", "uprobes", true, host_look_uprobe_pmu, NULL, 0},
    {"bpf", "attach cookies", false, host_look_helper, "Linux 5.15 or newer", BPF_FUNC_get_attach_cookie},
    {"bpf", "uprobe.multi", false, host_look_uprobe_multi, NULL, 0},
    {"bpf", "CPU profile", false, host_look_cpu_profile, NULL, 0},
    {"bpf", "JIT", false, host_look_jit, NULL, 0},

    {"network", "tcx", false, host_look_tcx, NULL, 0},
    {"network", "clsact", false, host_look_clsact, NULL, 0},
    {"network", "XDP", false, host_look_xdp, NULL, 0},
    {"network", "tracepoints", false, host_look_net_tracepoints, NULL, 0},

    {"cgroup", "root", true, host_look_group_root, NULL, 0},
    {"cgroup", "delegation", true, host_look_delegation, NULL, 0},
    {"cgroup", "cpu", true, host_look_controller, NULL, CONTROLLER_CPU},
    {"cgroup", "memory", true, host_look_controller, NULL, CONTROLLER_MEMORY},
    {"cgroup", "pids", true, host_look_controller, NULL, CONTROLLER_PIDS},
    {"cgroup", "cpuset", false, host_look_controller, NULL, CONTROLLER_CPUSET},
    {"cgroup", "io", false, host_look_controller, NULL, CONTROLLER_IO},
    {"cgroup", "cgroup.kill", false, host_look_group_kill, NULL, 0},

    {"sandbox", "user namespace", true, host_look_namespace, "user.max_user_namespaces", CLONE_NEWUSER},
    {"sandbox", "pid namespace", true, host_look_namespace, "user.max_pid_namespaces", CLONE_NEWPID},
    {"sandbox", "mount namespace", true, host_look_namespace, "user.max_mnt_namespaces", CLONE_NEWNS},
    {"sandbox", "net namespace", true, host_look_namespace, "user.max_net_namespaces", CLONE_NEWNET},
    {"sandbox", "ipc namespace", true, host_look_namespace, "user.max_ipc_namespaces", CLONE_NEWIPC},
    {"sandbox", "uts namespace", true, host_look_namespace, "user.max_uts_namespaces", CLONE_NEWUTS},
    {"sandbox", "cgroup namespace", true, host_look_namespace, "user.max_cgroup_namespaces", CLONE_NEWCGROUP},
    {"sandbox", "seccomp", true, host_look_seccomp, NULL, 0},
    {"sandbox", "clone3", false, host_look_system_call, "Linux 5.7 or newer", SYS_clone3},
    {"sandbox", "mount_setattr", false, host_look_system_call, "Linux 5.12 or newer", SYS_mount_setattr},
    {"sandbox", "pidfd", false, host_look_system_call, "Linux 5.3 or newer", SYS_pidfd_open},

    {"go", "toolchain", true, host_look_go, NULL, 0},

    {"noise", "governor", false, host_look_governor, NULL, 0},
    {"noise", "turbo", false, host_look_turbo, NULL, 0},
    {"noise", "SMT", false, host_look_smt, NULL, 0},
    {"noise", "huge pages", false, host_look_huge_pages, NULL, 0},
    {"noise", "clock", false, host_look_clock, NULL, 0},
    {"noise", "steal", false, host_look_steal, NULL, 0},
    {"noise", "load", false, host_look_load, NULL, 0},
};
#define CHECK_COUNT (sizeof checks / sizeof *checks)
_Static_assert(CHECK_COUNT <= HOST_ROWS_MAX, "the caller's array must hold every row");

size_t host_check(const char *cgroup_root, struct host_row rows[HOST_ROWS_MAX])
{
    AUTO_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct host_context context = {.root = root};
    /* Refusals are what we are here to see; libbpf need not print them too. */
    libbpf_print_fn_t print = libbpf_set_print(NULL);
    host_groups_open(&context, cgroup_root);
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        rows[i] = (struct host_row){
            .group = checks[i].group, .name = checks[i].name, .required = checks[i].required};
        checks[i].look(&context, &checks[i], &rows[i]);
    }
    host_groups_close(&context);
    libbpf_set_print(print);
    return CHECK_COUNT;
}

bool host_can_run(const struct host_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].required && rows[i].state == HOST_MISSING)
            return false;
    return true;
}

static const char *state_name(enum host_state state)
{
    static const char *const names[] = {
        [HOST_FOUND] = "found", [HOST_MISSING] = "missing", [HOST_DEGRADED] = "degraded"};
    return names[state];
}

void host_print(FILE *out, const struct host_row *rows, size_t count, bool color)
{
    static const char *const colors[] = {
        [HOST_FOUND] = "\033[32m", [HOST_MISSING] = "\033[31m", [HOST_DEGRADED] = "\033[33m"};
    for (size_t i = 0; i < count; i++) {
        const struct host_row *row = &rows[i];
        bool first = i == 0 || strcmp(row->group, rows[i - 1].group) != 0;
        fprintf(out, "%-8s %-17s %s%-8s%s  %s\n", first ? row->group : "", row->name,
                color ? colors[row->state] : "", state_name(row->state), color ? "\033[0m" : "", row->detail);
        if (row->mend[0])
            fprintf(out, "%-8s %-17s %-8s  -> %s\n", "", "",
                    row->state == HOST_MISSING && !row->required ? "optional" : "", row->mend);
    }
    fprintf(out, "\n%s\n",
            host_can_run(rows, count) ? "Experiments can run on this host."
                                      : "Experiments cannot run on this host: mend what is missing above.");
}

json_t *host_rows_json(const struct host_row *rows, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct host_row *row = &rows[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:b, s:s, s:s?}", "group", row->group, "name",
                                        row->name, "state", state_name(row->state), "required", row->required,
                                        "detail", row->detail, "mend", row->mend[0] ? row->mend : NULL));
    }
    return json_pack("{s:i, s:b, s:o}", "schema", 1, "can_run", host_can_run(rows, count), "rows", list);
}

void host_found(struct host_row *row, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    row->state = HOST_FOUND;
    vsnprintf(row->detail, sizeof row->detail, format, args);
    va_end(args);
}

void host_lacks(struct host_row *row, enum host_state state, const char *mend, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    row->state = state;
    vsnprintf(row->detail, sizeof row->detail, format, args);
    va_end(args);
    snprintf(row->mend, sizeof row->mend, "%s", mend);
}

void host_refused(struct host_row *row, int number, const char *mend, const char *what)
{
    bool denied = number == EPERM || number == EACCES;
    host_lacks(row, HOST_MISSING, denied ? "Run as root (sudo runner ...)" : mend, "%s: %s", what,
               strerror(number));
}

void host_failed(struct host_row *row, const struct error *error)
{
    const char *mend = strstr(error->text, ". ");
    int length = mend ? (int)(mend - error->text) : (int)strlen(error->text);
    host_lacks(row, HOST_MISSING, mend ? mend + 2 : "", "%.*s", length, error->text);
}

int host_text(const struct host_context *context, const char *path, char *text, size_t size)
{
    return fd_read_text(context->root, path, text, size);
}

bool host_bracketed(char *text)
{
    char *open = strchr(text, '[');
    char *close = open ? strchr(open, ']') : NULL;
    if (!close)
        return false;
    memmove(text, open + 1, (size_t)(close - open - 1));
    text[close - open - 1] = 0;
    return true;
}
