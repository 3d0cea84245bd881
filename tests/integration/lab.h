/*
 * Runs the program `runner` on a manifest as a user does, in a folder of its own, and reads what it left.
 */
#ifndef TESTS_INTEGRATION_LAB_H
#define TESTS_INTEGRATION_LAB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct lab {
    char folder[64];  /* below /tmp, removed by lab_close() */
    char bundle[256]; /* the newest bundle; "" when there is none */
    char *out, *err;  /* what runner printed */
    int status;       /* its exit code, 128 + signal */
    long peak_kib;    /* resident memory of runner and of what it waited for */
    json_t *experiment, *summary;
};

void lab_open(struct lab *lab);
/* Writes the manifest; `@BIN@` in it becomes the build folder with the programs. */
void lab_write_manifest(struct lab *lab, const char *manifest);
/* Starts `runner WORDS...` (NULL-terminated) with the folder as working directory; returns its pid. */
pid_t lab_start(struct lab *lab, const char *const *words);
/* Waits for it and reads what it printed and the newest bundle below runs/. */
void lab_wait(struct lab *lab, pid_t pid);
/* Both for `runner m.yaml`, in a lab that is open. */
void lab_run_inside(struct lab *lab, const char *manifest);
/* Opens it, too. */
void lab_run(struct lab *lab, const char *manifest);
/* trial.json of the `index`-th trial (from 0) of `demo` in `role`; owned by the caller. */
json_t *lab_trial(const struct lab *lab, const char *demo, const char *role, size_t index);
/* Path of that trial below the bundle. */
void lab_trial_path(const struct lab *lab, const char *demo, const char *role, size_t index, char *path,
                    size_t size);
/* The JSON line that a demo printed in its first observed trial; owned by the caller. */
json_t *lab_printed(const struct lab *lab, const char *demo);
/* "metrics" . name . "value" of a trial; NAN where it is null or missing. */
double lab_metric(const json_t *trial, const char *name);
const char *lab_verdict(const json_t *trial);
/* Runs a shell line in the folder with $RUNNER set; returns its exit code. */
int lab_shell(const struct lab *lab, const char *line);
/* What a bash script prints, stderr included and without GitHub's variables; returns its exit code. */
int lab_bash(const char *script, char *said, size_t size);
/* Whether this is QEMU without the processor's help: clocks and traps are not those of a machine. */
bool lab_is_emulated(void);
void lab_close(struct lab *lab);

#endif
