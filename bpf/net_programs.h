/*
 * Which of the network's programs this kernel takes, found by asking its BTF and by loading empty programs of
 * the same type. A figure whose programs are not taken has a reason; the programs of all others are loaded.
 */
#ifndef BPF_NET_PROGRAMS_H
#define BPF_NET_PROGRAMS_H

#include "bpf/state.h"

/* Programs whose name begins with "net_" are the network's: attached by bpf/net.c. */
bool net_programs_include(const struct bpf_program *program);

/* Between opening and loading: says which of the `figures` (bits by enum net_figure) have their programs
   loaded, learns the kernel's names of drop reasons. */
int net_programs_choose(struct observer *observer, unsigned figures, struct error *error);

/* The verifier refused the programs of a figure: they are not chosen again. */
void net_programs_refused(struct observer *observer, enum net_figure figure, const char *why);

/* Attaches those on tracepoints. `links` has room for NET_TRACEPOINTS_MAX. What cannot be attached has its
   reason in `why_not`, which has room for NET_FIGURE_COUNT. */
#define NET_TRACEPOINTS_MAX 4
void net_programs_attach(struct observer *observer, struct bpf_link *links[NET_TRACEPOINTS_MAX],
                         char why_not[NET_FIGURE_COUNT][NET_REASON_MAX]);

/* Runs that the kernel left out because a program would have interrupted itself, since it was loaded. */
uint64_t net_programs_missed(const struct observer *observer);

#endif
