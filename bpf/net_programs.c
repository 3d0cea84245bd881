#include "bpf/net_programs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/features.h"
#include "runner/support/fd.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Where and since when there is what a program needs. */
struct row {
    const char *program;
    enum net_figure figure;
    enum bpf_prog_type type;
    const char *tracepoint; /* NULL: attached to an interface */
    int arguments;          /* at least so many, of the tracepoint */
    const char *since;
};

static const struct row rows[] = {
    {"net_ingress", NET_TRAFFIC, BPF_PROG_TYPE_SCHED_CLS, NULL, 0, "CONFIG_NET_CLS_ACT=y"},
    {"net_egress", NET_TRAFFIC, BPF_PROG_TYPE_SCHED_CLS, NULL, 0, "CONFIG_NET_CLS_ACT=y"},
    {"net_xdp", NET_XDP, BPF_PROG_TYPE_XDP, NULL, 0, "CONFIG_NET=y"},
    /* 5.17 (c504e5c2f964): before, nothing tells a dropped packet from one that was used up. */
    {"net_drop", NET_DROPS, BPF_PROG_TYPE_TRACING, "kfree_skb", 3, "Linux 5.17"},
    {"net_retransmit", NET_RETRANSMITS, BPF_PROG_TYPE_TRACING, "tcp_retransmit_skb", 2, "Linux 4.16"},
    {"net_xdp_exception", NET_XDP_ERRORS, BPF_PROG_TYPE_TRACING, "xdp_exception", 3, "Linux 4.11"},
    {"net_xdp_redirect_err", NET_XDP_ERRORS, BPF_PROG_TYPE_TRACING, "xdp_redirect_err", 1, "Linux 4.14"},
};

bool net_programs_include(const struct bpf_program *program)
{
    return strncmp(bpf_program__name(program), "net_", strlen("net_")) == 0;
}

/* Loads `return 0`: 0 or a negative errno. */
static int try_type(enum bpf_prog_type type)
{
    static const struct bpf_insn nothing[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    AUTO_FD program = bpf_prog_load(type, "runner_try", "GPL", nothing, COUNT_OF(nothing), NULL);
    return program < 0 ? program : 0;
}

static void look(const struct btf *kernel, const struct row *row, char *why, size_t size)
{
    if (!row->tracepoint) {
        int result = try_type(row->type);
        if (result < 0)
            snprintf(why, size, "this kernel takes no program such as %s (needs %s): %s", row->program,
                     row->since, strerror(-result));
        return;
    }
    int arguments = features_tracepoint_arguments(kernel, row->tracepoint);
    if (arguments < 0)
        snprintf(why, size, "this kernel has no tracepoint %s (needs %s)", row->tracepoint, row->since);
    else if (arguments < row->arguments)
        snprintf(why, size, "the tracepoint %s of this kernel tells too little (needs %s)", row->tracepoint,
                 row->since);
}

/* enum skb_drop_reason, without what all of its names begin with. */
static void learn_drop_names(const struct btf *kernel, char (*names)[NET_DROP_NAME_MAX])
{
    int id = btf__find_by_name_kind(kernel, "skb_drop_reason", BTF_KIND_ENUM);
    const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(kernel, (__u32)id);
    for (size_t i = 0; i < NET_DROP_REASONS; i++)
        snprintf(names[i], NET_DROP_NAME_MAX, i == NET_DROP_REASONS - 1 ? "OTHER" : "REASON_%zu", i);
    for (__u16 i = 0; type && i < btf_vlen(type); i++) {
        const struct btf_enum *value = &btf_enum(type)[i];
        const char *name = btf__name_by_offset(kernel, value->name_off);
        static const char *const prefixes[] = {"SKB_DROP_REASON_", "SKB_"};
        for (size_t k = 0; k < COUNT_OF(prefixes); k++)
            if (strncmp(name, prefixes[k], strlen(prefixes[k])) == 0)
                name += strlen(prefixes[k]);
        if (value->val >= 0 && value->val < NET_DROP_REASONS - 1)
            snprintf(names[value->val], NET_DROP_NAME_MAX, "%s", name);
    }
}

int net_programs_choose(struct observer *observer, unsigned figures, struct error *error)
{
    struct net_state *net = &observer->net;
    struct btf *kernel = btf__load_vmlinux_btf();
    if (!kernel)
        return error_set(error, ERROR_HOST, errno, "read the kernel's type information");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!net->why_not[rows[i].figure][0])
            look(kernel, &rows[i], net->why_not[rows[i].figure], sizeof net->why_not[rows[i].figure]);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct bpf_program *program =
            bpf_object__find_program_by_name(observer->programs->obj, rows[i].program);
        bpf_program__set_autoload(program, figures >> rows[i].figure & 1 && !net->why_not[rows[i].figure][0]);
    }
    /* 6.11 (ba8de796baf4) added the receiving socket. */
    bool has_socket = features_tracepoint_arguments(kernel, "kfree_skb") >= 4;
    observer->programs->rodata->drop_has_socket = has_socket;
    observer->programs->rodata->retransmit_has_error =
        features_tracepoint_arguments(kernel, "tcp_retransmit_skb") >= 3;
    if (!has_socket)
        snprintf(net->drops_partial, sizeof net->drops_partial,
                 "before Linux 6.11 kfree_skb does not tell the socket: packets that TCP dropped after it "
                 "had found theirs are missing");
    learn_drop_names(kernel, net->drop_names);
    btf__free(kernel);
    return 0;
}

void net_programs_refused(struct observer *observer, enum net_figure figure, const char *why)
{
    if (!observer->net.why_not[figure][0])
        snprintf(observer->net.why_not[figure], NET_REASON_MAX, "%.*s", NET_REASON_MAX - 1, why);
}

void net_programs_attach(struct observer *observer, struct bpf_link *links[NET_TRACEPOINTS_MAX],
                         char why_not[NET_FIGURE_COUNT][NET_REASON_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(rows) && count < NET_TRACEPOINTS_MAX; i++) {
        if (!rows[i].tracepoint || why_not[rows[i].figure][0])
            continue;
        links[count] =
            bpf_program__attach(bpf_object__find_program_by_name(observer->programs->obj, rows[i].program));
        if (!links[count])
            snprintf(why_not[rows[i].figure], NET_REASON_MAX, "attach %s to its tracepoint: %s",
                     rows[i].program, strerror(errno));
        else
            count++;
    }
}

uint64_t net_programs_missed(const struct observer *observer)
{
    uint64_t missed = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof info;
        int fd = bpf_program__fd(bpf_object__find_program_by_name(observer->programs->obj, rows[i].program));
        if (rows[i].tracepoint && fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0)
            missed += info.recursion_misses;
    }
    return missed;
}
