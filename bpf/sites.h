/*
 * Which site was hit, for kernels whose uprobes carry no cookie (before 5.15): the programs look it up by the
 * executable's inode and the distance of the instruction from where the executable's code ends, which is the
 * same in the file and in each process (mm->end_code, fs/binfmt_elf.c, load_elf_binary()).
 */
#ifndef BPF_SITES_H
#define BPF_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/observer.h"

/* Tells the programs of the sites of executable number `index`, which is announced already. */
int sites_announce(struct observer *observer, uint32_t index, const char *path,
                   const struct probe_site *sites, size_t count, struct error *error);

#endif
