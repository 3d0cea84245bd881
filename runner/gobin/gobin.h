/*
 * What an ELF executable tells about the Go program in it: version and build facts (.go.buildinfo), functions
 * (symbol table, else .gopclntab), where to put the probes, how the runtime's structures are laid out
 * (versions.c: one row a minor version, from DWARF). Sources: cmd/internal/objabi, debug/buildinfo,
 * debug/gosym, runtime/symtab.go; arch/x86/kernel/uprobes.c for what can be emulated.
 */
#ifndef RUNNER_GOBIN_GOBIN_H
#define RUNNER_GOBIN_GOBIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "bpf/observer.h"
#include "runner/gobin/globals.h"
#include "runner/gobin/reasons.h"
#include "runner/manifest/experiment.h"
#include "runner/support/error.h"

struct gobin;

/* Reads the executable behind `fd` (kept by the caller). A file that is ELF but not Go is no error:
   gobin_is_go() is false then. ERROR_DEMO for what is no ELF file for this machine. */
int gobin_open(int fd, const char *name, struct gobin **binary, struct error *error);
void gobin_close(struct gobin *binary);

bool gobin_is_go(const struct gobin *binary);
bool gobin_is_static(const struct gobin *binary);      /* needs no loader and no libraries */
const char *gobin_version(const struct gobin *binary); /* "go1.23.5", NULL: unknown */
uint32_t gobin_minor(const struct gobin *binary);      /* 23; 0: unknown */
/* The minor version whose ways it has: the newest of all for a development version whose layout is known. */
uint32_t gobin_ways(const struct gobin *binary);
/* Build settings ("-ldflags", "CGO_ENABLED", "vcs.revision", ...) and module facts from build info. */
size_t gobin_setting_count(const struct gobin *binary);
void gobin_setting(const struct gobin *binary, size_t index, const char **key, const char **value);
const char *gobin_main_path(const struct gobin *binary); /* "path" line of the build info, NULL: unknown */

/* Everything that bpf/observer needs for this executable. */
struct probe_plan {
    struct go_layout layout;
    struct probe_site *sites;
    size_t site_count;
    size_t wanted;     /* observations that this Go version should allow at that level: rows of sites.h */
    size_t found;      /* of these, with a site */
    char missing[256]; /* names of wanted functions that were not found */
    /* Bit 1 << kind: what the level has of events, but not, or not all of, this executable. What the linker
       left out because nothing calls it is not among them: then there are none. */
    uint64_t absent_kinds;
};
/* ERROR_HOST class is never used: a Go version that is not in the table, or an executable without functions,
   is ERROR_DEMO with a sentence that says that the Go probes are off and the kernel ones go on. */
int gobin_plan_probes(const struct gobin *binary, enum go_level level, struct probe_plan *plan,
                      struct error *error);
void gobin_plan_free(struct probe_plan *plan);

/* Name of the function that contains `pc` (as the running program has it, minus load_bias), or NULL. */
const char *gobin_function_at(const struct gobin *binary, uint64_t pc);
bool gobin_is_pie(const struct gobin *binary);
/* How the runtime's structures look in it; false where neither the table nor its DWARF tells. */
bool gobin_layout(const struct gobin *binary, struct go_layout *layout);
/* Where its code begins and ends as the file has it: [start, end). 0, 0: it has none. */
void gobin_code(const struct gobin *binary, uint64_t *start, uint64_t *end);
/* How far the stack pointer is below a function's return address at each pc: Go's own tables. */
struct gobin_frames;
/* NULL where the executable has no such tables, or there is no memory. It does not need `binary` any more. */
struct gobin_frames *gobin_frames_open(const struct gobin *binary);
void gobin_frames_close(struct gobin_frames *frames);
/* Whether the return address is what the stack pointer points to, so that the frame pointer still is the
   caller's: before a function has made its frame, and in one that makes none. */
bool gobin_frames_none_at(const struct gobin_frames *frames, uint64_t pc);
/* Address of a function as the file has it; 0: none of that name. */
uint64_t gobin_function_address(const struct gobin *binary, const char *name);
/* Where the runtime's own counters are: for runner/trial to read in the running program (globals.h). */
const struct gobin_variables *gobin_variables(const struct gobin *binary);
const struct go_offsets *gobin_offsets(const struct gobin *binary); /* NULL: not known for this version */
/* What the program has added to the addresses of its file, out of /proc/PID/auxv: 0 unless it is
   position-independent. False where that is the auxv of another program, as it is before execve. Source:
   fs/binfmt_elf.c, create_elf_tables(). */
bool gobin_load_bias(const struct gobin *binary, const void *auxv, size_t size, uint64_t *bias);

/* Names by number of what its goroutines wait for and why its world is stopped; NULL: not known, or none
   before Go 1.21. They live as long as `binary`. */
const struct reason_names *gobin_wait_reasons(const struct gobin *binary);
const struct reason_names *gobin_stw_reasons(const struct gobin *binary);

/* The tables' names of a minor version; NULL as above. */
const struct reason_names *gobin_wait_reasons_of(uint32_t minor);
const struct reason_names *gobin_stw_reasons_of(uint32_t minor);
/* Name of a wait reason in a minor version, gobin_wait_reason_of(23, 14) is "chan receive"; NULL where the
   number is unknown. */
const char *gobin_wait_reason_of(uint32_t minor, uint32_t reason);

#endif
