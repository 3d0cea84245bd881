/*
 * The BPF programs are compiled twice, because some instructions and helpers are refused even where the
 * verifier could see that they are never reached (kernel/bpf/verifier.c, resolve_pseudo_ldimm64). The second
 * variant (BEFORE_5_15 in the sources) does without atomic instructions that tell the old value (5.12:
 * 5ca419f2864a), bpf_get_current_task_btf (5.11: 3ca1032ab7ab), bpf_get_attach_cookie (5.15:
 * 7adfc6c9b315) and bpf_task_pt_regs (5.15: dd6e10fbd9fb). Both define the same programs, maps and variables.
 */
#ifndef BPF_VARIANT_H
#define BPF_VARIANT_H

#include <bpf/libbpf.h>
#include <stdbool.h>

struct observer_bpf;

/* NULL with errno set where it fails. */
struct observer_bpf *variant_open(bool before_5_15, const struct bpf_object_open_opts *options);

#endif
