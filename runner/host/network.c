/* Rows on what counts packets: a program that does nothing, attached to the loopback of a namespace that ends
   with the child that made it. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/support/fd.h"

/* BPF_TCX_INGRESS of enum bpf_attach_type since Linux 6.6; Debian 12 has the headers of 6.1. */
#define TCX_INGRESS ((enum bpf_attach_type)46)

/* Calls `attempt` in a new network namespace: what it returns (0 or a negative errno), or why there is none.
 */
static int try_inside(int (*attempt)(int loopback))
{
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        int result = unshare(CLONE_NEWNET) < 0 ? -errno : attempt((int)if_nametoindex("lo"));
        _exit(result >= -255 ? -result : EOPNOTSUPP); /* 524 is the kernel's own word for it */
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

static int attempt_tcx(int loopback)
{
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_SCHED_CLS, TCX_INGRESS, NULL);
    AUTO_FD link = program < 0 ? program : bpf_link_create(program, loopback, TCX_INGRESS, NULL);
    return link < 0 ? link : 0;
}

static int attempt_clsact(int loopback)
{
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_SCHED_CLS, 0, NULL);
    if (program < 0)
        return program;
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = loopback, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
    int result = bpf_tc_hook_create(&hook);
    if (result < 0)
        return result;
    LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = program);
    hook.attach_point = BPF_TC_INGRESS;
    return bpf_tc_attach(&hook, &filter);
}

static int attempt_xdp(int loopback)
{
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_XDP, BPF_XDP, NULL);
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
    AUTO_FD link = program < 0 ? program : bpf_link_create(program, loopback, BPF_XDP, &options);
    return link < 0 ? link : 0;
}

void host_look_tcx(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)context;
    (void)check;
    int result = try_inside(attempt_tcx);
    if (result == 0)
        host_found(row, "packets are counted without a qdisc");
    else if (result == -EPERM || result == -EACCES)
        host_refused(row, -result, "", "attach a program by tcx");
    else
        host_lacks(row, HOST_DEGRADED,
                   "Linux 6.6 or newer (Debian 12: linux-image-amd64 of bookworm-backports)",
                   "not known here: clsact does its work");
}

void host_look_clsact(const struct host_context *context, const struct host_check *check,
                      struct host_row *row)
{
    (void)context;
    (void)check;
    int result = try_inside(attempt_clsact);
    if (result == 0)
        host_found(row, "takes programs");
    else
        host_refused(row, -result,
                     "modprobe sch_ingress cls_bpf (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF); not needed "
                     "where there is tcx",
                     "attach a program by a clsact qdisc");
}

void host_look_xdp(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)context;
    (void)check;
    int result = try_inside(attempt_xdp);
    if (result == 0)
        host_found(row, "takes programs in generic mode");
    else
        host_refused(row, -result, "A kernel with CONFIG_NET=y and CONFIG_BPF_SYSCALL=y, Linux 5.9 or newer",
                     "attach a program in XDP");
}

/* probes.net knows drops and retransmits by these; bpf/net_programs.c. */
void host_look_net_tracepoints(const struct host_context *context, const struct host_check *check,
                               struct host_row *row)
{
    (void)context;
    (void)check;
    static const char *const names[] = {"kfree_skb", "tcp_retransmit_skb", "xdp_exception",
                                        "xdp_redirect_err"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, names[i]);
        if (program < 0) {
            host_refused(row, -program, "A kernel with CONFIG_NET=y, CONFIG_TRACEPOINTS=y and BTF", names[i]);
            return;
        }
    }
    host_found(row, "drops, retransmits, errors of XDP");
}
