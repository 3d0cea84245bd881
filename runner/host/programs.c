/* Rows on BPF: tiny programs and maps that are loaded and thrown away. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/support/fd.h"

/* BPF_TRACE_UPROBE_MULTI of enum bpf_attach_type since Linux 6.6; Debian 12 has the headers of 6.1. */
#define TRACE_UPROBE_MULTI ((enum bpf_attach_type)48)

#define CANNOT_LOAD "A kernel with CONFIG_BPF_SYSCALL=y and CONFIG_BPF_EVENTS=y, Linux 5.10 or newer"

int host_load_nothing(enum bpf_prog_type type, enum bpf_attach_type attach, const char *tracepoint)
{
    static const struct bpf_insn nothing[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach);
    if (tracepoint) {
        int id = libbpf_find_vmlinux_btf_id(tracepoint, attach);
        if (id < 0)
            return id;
        options.attach_btf_id = (__u32)id;
    }
    return bpf_prog_load(type, "runner_check", "GPL", nothing, sizeof nothing / sizeof *nothing, &options);
}

void host_look_jit(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)context;
    (void)check;
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_KPROBE, 0, NULL);
    struct bpf_prog_info info = {0};
    __u32 size = sizeof info;
    int result = program < 0 ? program : bpf_obj_get_info_by_fd(program, &info, &size);
    if (result < 0)
        host_refused(row, -result, CANNOT_LOAD, "load a program and ask for its form");
    else if (info.jited_prog_len == 0)
        host_lacks(row, HOST_DEGRADED, "sysctl net.core.bpf_jit_enable=1",
                   "programs are interpreted: each event costs several times as much");
    else
        host_found(row, "programs are compiled");
}

void host_look_tracing(const struct host_context *context, const struct host_check *check,
                       struct host_row *row)
{
    (void)context;
    (void)check;
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "sched_switch");
    if (program < 0)
        host_refused(row, -program, CANNOT_LOAD " and BTF", "load a tp_btf program");
    else
        host_found(row, "tp_btf loads");
}

void host_look_tracepoints(const struct host_context *context, const struct host_check *check,
                           struct host_row *row)
{
    (void)context;
    (void)check;
    static const char *const names[] = {"sched_switch",       "sched_waking",       "sched_wakeup",
                                        "sched_wakeup_new",   "sched_migrate_task", "sched_process_fork",
                                        "sched_process_exec", "sched_process_exit"};
    char missing[sizeof row->detail - 32] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (libbpf_find_vmlinux_btf_id(names[i], BPF_TRACE_RAW_TP) < 0)
            used += (size_t)snprintf(missing + used, sizeof missing - used, " %s", names[i]);
    if (used)
        host_lacks(row, HOST_MISSING, "A kernel with CONFIG_TRACEPOINTS=y and BTF", "not there:%s", missing);
    else
        host_found(row, "%zu of the scheduler", sizeof names / sizeof *names);
}

void host_look_uprobe_program(const struct host_context *context, const struct host_check *check,
                              struct host_row *row)
{
    (void)context;
    (void)check;
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_KPROBE, 0, NULL);
    if (program < 0)
        host_refused(row, -program, CANNOT_LOAD " and CONFIG_UPROBE_EVENTS=y", "load a uprobe program");
    else
        host_found(row, "loads");
}

void host_look_ring_buffer(const struct host_context *context, const struct host_check *check,
                           struct host_row *row)
{
    (void)context;
    (void)check;
    AUTO_FD map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "runner_check", 0, 0, (__u32)getpagesize(), NULL);
    if (map < 0)
        host_refused(row, -map, "Linux 5.8 or newer", "make a BPF ring buffer");
    else
        host_found(row, "can be made");
}

void host_look_uprobe_pmu(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    (void)check;
    char type[16];
    int result = host_text(context, "sys/bus/event_source/devices/uprobe/type", type, sizeof type);
    if (result < 0)
        host_lacks(row, HOST_MISSING, "A kernel with CONFIG_UPROBE_EVENTS=y, and /sys mounted",
                   "read /sys/bus/event_source/devices/uprobe/type: %s", strerror(-result));
    else
        host_found(row, "PMU type %s", type);
}

/* A link on "/", which is no regular file: EBADF means that the kernel knows the kind and looked at the path
   (bpf_uprobe_multi_link_attach() in kernel/trace/bpf_trace.c). */
void host_look_uprobe_multi(const struct host_context *context, const struct host_check *check,
                            struct host_row *row)
{
    (void)context;
    (void)check;
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_KPROBE, TRACE_UPROBE_MULTI, NULL);
    const unsigned long offset = 0;
    LIBBPF_OPTS(bpf_link_create_opts, options, .uprobe_multi.path = "/", .uprobe_multi.offsets = &offset,
                .uprobe_multi.cnt = 1);
    AUTO_FD link = program < 0 ? program : bpf_link_create(program, -1, TRACE_UPROBE_MULTI, &options);
    if (link == -EBADF)
        host_found(row, "all probes of a demo attach at once");
    else if (link == -EPERM || link == -EACCES)
        host_refused(row, -link, "", "make a uprobe.multi link");
    else
        host_lacks(row, HOST_DEGRADED,
                   "Linux 6.6 or newer (Debian 12: linux-image-amd64 of bookworm-backports)",
                   "not known here: probes attach one by one, and detach slowly");
}

/* The timer of one CPU, with a program on it (bpf/profile_timers.c). */
void host_look_cpu_profile(const struct host_context *context, const struct host_check *check,
                           struct host_row *row)
{
    (void)context;
    (void)check;
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof attributes,
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .sample_period = 1000000000,
    };
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_PERF_EVENT, 0, NULL);
    AUTO_FD timer = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    if (program < 0)
        host_refused(row, -program, CANNOT_LOAD " and CONFIG_PERF_EVENTS=y", "load a program for a timer");
    else if (timer < 0 || ioctl(timer, PERF_EVENT_IOC_SET_BPF, program) < 0)
        host_refused(row, errno,
                     "A kernel with CONFIG_PERF_EVENTS=y; in a container, leave to call perf_event_open",
                     "set a timer of a CPU (perf_event_open)");
    else
        host_found(row, "stacks can be sampled");
}

void host_look_helper(const struct host_context *context, const struct host_check *check,
                      struct host_row *row)
{
    (void)context;
    /* The probe takes a refusal of any program for a helper that is there. */
    AUTO_FD program = host_load_nothing(BPF_PROG_TYPE_KPROBE, 0, NULL);
    int result = program;
    if (program >= 0)
        result = libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, (enum bpf_func_id)check->number, NULL);
    if (result < 0)
        host_refused(row, -result, check->word, "load a program that calls it");
    else if (result == 0)
        host_lacks(row, HOST_MISSING, check->word, "uprobe programs cannot ask for it");
    else
        host_found(row, "can be asked for");
}
