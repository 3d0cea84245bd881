/*
 * Counters that the Go runtime keeps anyway, for reading them out of a running program's memory
 * (/proc/PID/mem) while nothing is attached to it: where the variables are, and where their fields are.
 *
 * Sums that the runtime itself makes, exact unless the program is just changing them:
 *   goroutines created    sched.goidgen - sum over allp of (goidcacheend - goidcache)
 *   goroutines now        allglen - sched.ngsys - sched.gFree (both lists) - sum over allp of p.gFree
 *   threads (Ms)          sched.mnext - sched.nmfreed
 * Sources: runtime/proc.go (gcount, mcount, newproc1), runtime/runtime2.go (schedt, p), runtime/mstats.go,
 * runtime/mgcpacer.go (gcControllerState).
 */
#ifndef RUNNER_GOBIN_GLOBALS_H
#define RUNNER_GOBIN_GLOBALS_H

#include <stdbool.h>
#include <stdint.h>

#define GO_ABSENT UINT32_MAX /* this Go version has no such field */

/* Byte offsets; the fields are little-endian and as wide as stated here in every version. */
struct go_offsets {
    /* runtime.schedt */
    uint32_t sched_goidgen;                    /* u64, last id that was given to a P's cache */
    uint32_t sched_mnext, sched_nmfreed;       /* i64 */
    uint32_t sched_nmidle, sched_npidle;       /* i32 */
    uint32_t sched_ngsys, sched_nmspinning;    /* i32 */
    uint32_t sched_gfree, sched_gfree_nostack; /* i32; the second from Go 1.25 on */
    /* runtime.p */
    uint32_t p_id, p_status;              /* i32, u32 */
    uint32_t p_schedtick, p_syscalltick;  /* u32 */
    uint32_t p_goidcache, p_goidcacheend; /* u64 */
    uint32_t p_runqhead, p_runqtail;      /* u32, modulo 2^32 */
    uint32_t p_gfree;                     /* i32 */
    /* runtime.gcControllerState */
    uint32_t gc_percent;     /* i32, below 0: off */
    uint32_t gc_heap_live;   /* u64 bytes */
    uint32_t gc_total_alloc; /* u64 bytes ever allocated, by whole spans that were handed out */
    uint32_t
        gc_percent_goal; /* u64 bytes: gcPercentHeapGoal, runtime.MemStats.NextGC without a memory limit */
    uint32_t gc_last_heap_goal; /* u64 bytes */
    /* runtime.mstats */
    uint32_t mem_numgc;          /* u32 */
    uint32_t mem_pause_total_ns; /* u64 */
};

/* Addresses as the file has them; 0: not known, because the file has no symbol table (stripped) and its code
   does not tell it either (locate.h). A program adds its load bias (gobin_load_bias), 0 unless it is
   position-independent. */
struct gobin_variables {
    uint64_t gomaxprocs;    /* runtime.gomaxprocs, i32 */
    uint64_t gc_controller; /* runtime.gcController */
    uint64_t sched;         /* runtime.sched */
    uint64_t allp;          /* runtime.allp: u64 address of an array of addresses of runtime.p, u64 length */
    uint64_t allglen;       /* runtime.allglen, u64: runtime.g ever made */
    uint64_t memstats;      /* runtime.memstats */
};

#endif
