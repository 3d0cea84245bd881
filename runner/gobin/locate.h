/*
 * Where a stripped executable has the runtime's variables: read out of the code that uses them.
 *
 * x86-64 code names a variable by its distance from the next instruction. Without disassembling, every four
 * bytes of a function may be such a distance; few of them lead into writable memory by chance (a megabyte of
 * four gigabytes), and what is looked for is a constellation: several fields of one structure, at their known
 * offsets, in functions that are known to use them. One answer, or none. The tests compare the answers with
 * symbol tables. Sources: Intel SDM volume 2, 2.2.1.6 (RIP-relative addressing); runtime/proc.go (newproc1,
 * retake, stopTheWorldWithSema, procresize, allgadd), runtime/mgc.go (gcMarkTermination).
 */
#ifndef RUNNER_GOBIN_LOCATE_H
#define RUNNER_GOBIN_LOCATE_H

#include "runner/gobin/functions.h"
#include "runner/gobin/globals.h"
#include "runner/gobin/image.h"
#include "runner/gobin/versions.h"

/* Fills in the addresses that are 0 and can be told. */
void locate_variables(const struct image *image, const struct functions *functions,
                      const struct version *version, struct gobin_variables *variables);

#endif
