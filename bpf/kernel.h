/*
 * The kernel's types as far as our BPF programs use them, kept by hand; only for bpf/ *.bpf.c.
 *
 * Each structure lists the fields that we read and no others: preserve_access_index makes libbpf replace the
 * offsets by those of the running kernel (CO-RE), so neither order nor gaps matter, and objects build without
 * the build host's BTF. A field that was renamed or moved has a flavour: a structure with ___ and the reason
 * behind its name, which libbpf matches as if the suffix were not there. bpf_core_field_exists() picks one.
 */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H

typedef unsigned char __u8;
typedef signed short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u8 uint8_t;
typedef __u16 uint16_t;
typedef __s32 int32_t;
typedef __u32 uint32_t;
typedef __u64 uint64_t;
typedef _Bool bool;
#define true 1
#define false 0

/* include/uapi/linux/bpf.h */
enum {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_PERCPU_HASH = 5,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
    BPF_MAP_TYPE_RINGBUF = 27
};
enum { BPF_NOEXIST = 1 };
enum { BPF_F_USER_STACK = 1 << 8 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };
enum { XDP_PASS = 2 };

/* The contexts of network programs; the verifier translates them, so no relocation. */
struct __sk_buff {
    __u32 len;
    __u32 pkt_type, mark, queue_mapping;
    __u32 protocol; /* in network byte order */
    __u32 not_used[39];
    __u32 gso_size;
};
struct xdp_md {
    __u32 data, data_end;
};

/* include/uapi/linux/pkt_cls.h, tcx.h: go on with the next program, as if there were none of ours. The same
   number for clsact (TC_ACT_UNSPEC) and tcx (TCX_NEXT). */
#define TC_ACT_UNSPEC (-1)

/* include/uapi/linux/if_ether.h, in.h, ip.h, ipv6.h, udp.h: as on the wire. */
enum { ETH_HLEN = 14, ETH_P_IP = 0x0800, ETH_P_ARP = 0x0806, ETH_P_IPV6 = 0x86dd };
enum {
    IPPROTO_HOPOPTS = 0,
    IPPROTO_TCP = 6,
    IPPROTO_UDP = 17,
    IPPROTO_ROUTING = 43,
    IPPROTO_FRAGMENT = 44,
    IPPROTO_AH = 51,
    IPPROTO_DSTOPTS = 60,
    IPPROTO_MH = 135,
};
struct iphdr {
    __u8 version_ihl, tos;
    __be16 tot_len, id, frag_off;
    __u8 ttl, protocol;
    __u8 check_addresses[10];
};
#define IP_OFFSET 0x1fff /* of frag_off: include/net/ip.h */
struct ipv6hdr {
    __u8 version_priority_flow[4];
    __be16 payload_len;
    __u8 nexthdr, hop_limit;
    __u8 addresses[32];
};
struct ipv6_opt_hdr {
    __u8 nexthdr, hdrlen;
    __be16 frag_off; /* of a fragment header; the upper 13 bits */
};

/* arch/x86/include/asm/ptrace.h: what a uprobe program gets; the layout never changes, so no relocation. */
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx;
    unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
    unsigned long orig_ax, ip, cs, flags, sp, ss;
};
/* Reads one. As plain C, clang may read different ones behind a branch by one load from a pointer into the
   middle, which the verifier does not take ("dereference of modified ctx ptr"). */
#define REGISTER(regs, name)                                                                                 \
    ({                                                                                                       \
        __u64 register_;                                                                                     \
        asm("%0 = *(u64 *)(%1 + %2)"                                                                         \
            : "=r"(register_)                                                                                \
            : "r"(regs), "i"(__builtin_offsetof(struct pt_regs, name)));                                     \
        register_;                                                                                           \
    })
#define X86_FLAGS_CARRY 0x01
#define X86_FLAGS_ZERO  0x40
#define X86_CS_USER     3 /* cs of user mode has one of these bits: user_mode() */

/* include/uapi/linux/bpf_perf_event.h; translated by the verifier. */
struct bpf_perf_event_data {
    struct pt_regs regs;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
    __u64 id;
};

struct cgroup {
    struct kernfs_node *kn;
    int level;
    struct cgroup *ancestors[]; /* 6.1 and later: 7f203bc89eb6 */
};

struct cgroup___before_6_1 {
    int level;
    __u64 ancestor_ids[];
};

struct css_set {
    struct cgroup *dfl_cgrp;
};

struct cfs_rq {
    int throttle_count; /* CONFIG_CFS_BANDWIDTH; counts the throttled groups above it, its own included */
};

struct sched_entity {
    struct cfs_rq *cfs_rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct thread_info {
    __u32 cpu;
};

struct inode;

struct file {
    struct inode *f_inode;
};

struct fdtable {
    unsigned int max_fds;
    struct file **fd;
};

struct files_struct {
    struct fdtable *fdt;
};

struct mm_struct {
    struct file *exe_file;
    unsigned long end_code; /* of the executable itself: where its last code ends (fs/binfmt_elf.c) */
};

struct thread_struct {
    unsigned long fsbase; /* of the current task, too: do_arch_prctl_64() and clone write it here */
};

struct task_struct {
    struct thread_info thread_info;
    unsigned int __state; /* 5.14 and later: 2f064a59a11f */
    struct sched_entity se;
    int pid, tgid;
    unsigned int on_cpu; /* 0: its switch-out is over. A byte since 7.3; libbpf widens unsigned ones alone */
    struct css_set *cgroups;
    struct mm_struct *mm;
    struct files_struct *files;
    struct thread_struct thread;
};

struct task_struct___before_5_14 {
    volatile long state;
};

struct ns_common {
    unsigned int inum;
};

struct net {
    struct ns_common ns;
};

typedef struct {
    struct net *net;
} possible_net_t;

struct net_device {
    possible_net_t nd_net;
};

struct sock_common {
    possible_net_t skc_net;
};

struct sock {
    struct sock_common __sk_common;
};

struct sk_buff {
    struct net_device *dev;
    struct sock *sk;
    unsigned int len;
    __be16 protocol;
};

/* 5.16 moved it to thread_info: bcf9033e5449 */
struct task_struct___before_5_16 {
    unsigned int cpu;
};

/* 6.18 throttles each task on its return to user space: 2cd571245b43, e1fad12dcb66 */
struct task_struct___since_6_18 {
    bool throttled;
};

#pragma clang attribute pop

#endif
