/* A program of a Go that no table knows is observed by what its file tells: here a real one that says so. */
#include "lab.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

/* What a newer Go has is looked for where the newest known one has it; the layout of 1.25 is the first that
   has all of that. */
enum { OLDEST = 25, NEWEST = 27 };

/* Copies the newest program to the lab, and once more with another version: it stands behind the magic number
   and the header of the build info and a length (debug/buildinfo). False where there is none. */
static bool copy_programs(const struct lab *lab)
{
    char path[512];
    AUTO_FD from = -1;
    for (int minor = NEWEST; minor >= OLDEST && from < 0; minor--) {
        snprintf(path, sizeof path, "%s/accuracy/scheduler-1.%d", getenv("RUNNER_TEST_BIN"), minor);
        from = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (from < 0)
        return false;
    off_t size = lseek(from, 0, SEEK_END);
    AUTO_FREE char *bytes = malloc((size_t)size);
    cr_assert_eq(pread(from, bytes, (size_t)size, 0), size);
    snprintf(path, sizeof path, "%s/known", lab->folder);
    AUTO_FD known = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    cr_assert_eq(fd_write_all(known, bytes, (size_t)size), 0);
    char *info = memmem(bytes, (size_t)size, "\xff Go buildinf:", 14);
    cr_assert_not_null(info);
    cr_assert_eq(strncmp(info + 33, "go1.2", 5), 0);
    info[37] = info[38] = '9'; /* "go1.99" of "go1.27" */
    snprintf(path, sizeof path, "%s/unknown", lab->folder);
    AUTO_FD unknown = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    cr_assert_eq(fd_write_all(unknown, bytes, (size_t)size), 0);
    return true;
}

static json_t *reasons(const struct lab *lab, const char *demo)
{
    json_t *trial = lab_trial(lab, demo, "observed", 0);
    json_t *metric = json_object_get(json_object_get(trial, "metrics"), "goroutines.block_time");
    json_t *parts = json_incref(json_object_get(metric, "parts"));
    json_decref(trial);
    return parts;
}

Test(unknown_go, wait_reasons_have_the_names_that_the_program_has)
{
    struct lab lab;
    char manifest[1024];
    lab_open(&lab);
    if (!copy_programs(&lab)) {
        lab_close(&lab);
        cr_skip("no program of Go 1.25 or later in accuracy/");
    }
    snprintf(manifest, sizeof manifest,
             "version: 1\nexperiment: unknown\ncontrols: {gomaxprocs: 2, timeout: 100s}\n"
             "trials: {warmup: 0, bare: 0, observed: 1}\nprobes: {go: full, ring: 64MiB}\ndemos:\n"
             "  - {name: known, exec: [\"%s/known\", locks]}\n"
             "  - {name: unknown, exec: [\"%s/unknown\", locks]}\n",
             lab.folder, lab.folder);
    lab_run_inside(&lab, manifest);
    cr_assert_eq(lab.status, 0, "%d: %s%s", lab.status, lab.err, lab.out);
    json_t *known = reasons(&lab, "known");
    json_t *unknown = reasons(&lab, "unknown");
    cr_expect_not_null(json_object_get(known, "sync.Mutex.Lock"));
    cr_expect_not_null(json_object_get(unknown, "sync.Mutex.Lock"), "%s", lab.out);
    const char *name;
    json_t *part;
    json_object_foreach (unknown, name, part)
        cr_expect(strncmp(name, "unknown", 7) != 0 && strcmp(name, "other") != 0, "%s", name);
    json_decref(known);
    json_decref(unknown);
    lab_close(&lab);
}
