/* The runtime's counters, read in running programs, against what the programs say themselves. */
#include "runner/gobin/globals.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/gobin/functions.h"
#include "runner/gobin/gobin.h"
#include "runner/gobin/image.h"
#include "runner/gobin/locate.h"
#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

static const char *const kinds[] = {"plain", "stripped",         "pie", "pie-stripped",
                                    "cgo",   "cgo-pie-stripped", "race"};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* --- where the variables are ------------------------------------------------------------------------------
 */

static void check_located(uint32_t minor, const char *kind)
{
    AUTO_FD fd = go_fixture(minor, kind);
    struct image image;
    struct functions functions;
    struct version version;
    struct gobin_variables found = {0};
    cr_assert_eq(image_open(fd, "fixture", &image, NULL), 0);
    cr_assert_eq(functions_read_pclntab(&image, &functions), 0);
    cr_assert(version_find(minor, &version));
    locate_variables(&image, &functions, &version, &found);
    cr_assert_eq(found.sched, functions_data_symbol(&image, "runtime.sched"), "%s-1.%u", kind, minor);
    cr_assert_eq(found.gc_controller, functions_data_symbol(&image, "runtime.gcController"), "%s-1.%u", kind,
                 minor);
    cr_assert_eq(found.memstats, functions_data_symbol(&image, "runtime.memstats"), "%s-1.%u", kind, minor);
    cr_assert_eq(found.allp, functions_data_symbol(&image, "runtime.allp"), "%s-1.%u", kind, minor);
    cr_assert_eq(found.gomaxprocs, functions_data_symbol(&image, "runtime.gomaxprocs"), "%s-1.%u", kind,
                 minor);
    cr_assert_eq(found.allglen, functions_data_symbol(&image, "runtime.allglen"), "%s-1.%u", kind, minor);
    functions_free(&functions);
    image_close(&image);
}

Test(gobin_globals, code_tells_what_the_symbol_table_says, .timeout = 60)
{
    static const char *const with_symbols[] = {"plain", "symbols", "trimmed", "pie",
                                               "cgo",   "cgo-pie", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof with_symbols / sizeof with_symbols[0]; kind++)
            check_located(minors[i], with_symbols[kind]);
}

/* --- what they hold ----------------------------------------------------------------------------------------
 */

struct process {
    pid_t pid;
    int input, output, memory;
    struct gobin *binary;
    uint64_t bias;
};

static struct process start(const char *path)
{
    struct process process;
    struct error error = {0};
    int input[2];
    int output[2];
    cr_assert_eq(pipe2(input, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(output, O_CLOEXEC), 0);
    process.pid = fork();
    if (process.pid == 0) {
        dup2(input[0], 0);
        dup2(output[1], 2);
        char *const argv[] = {(char *)path, NULL};
        char *const environment[] = {"GOMAXPROCS=1", NULL};
        execve(path, argv, environment);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    process.input = input[1];
    process.output = output[0];
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(gobin_open(fd, path, &process.binary, &error), 0, "%s", error.text);
    return process;
}

static void finish(struct process *process)
{
    gobin_close(process->binary);
    close(process->memory);
    close(process->output);
    close(process->input);
    int status;
    waitpid(process->pid, &status, 0);
    cr_assert_eq(status, 0);
}

static uint64_t read_number(const struct process *process, uint64_t address, size_t size)
{
    uint64_t value = 0;
    cr_assert_eq(pread(process->memory, &value, size, (off_t)address), (ssize_t)size, "address %" PRIx64,
                 address);
    return value;
}

struct truth {
    uint64_t created, now, cycles, pause, goal, allocated, procs;
};

/* Waits for the line that the program writes when everything is as it says. */
static struct truth take_truth(struct process *process)
{
    char line[512] = "";
    size_t used = 0;
    while (used < sizeof line - 1 && !strchr(line, '\n')) {
        ssize_t got = read(process->output, line + used, sizeof line - 1 - used);
        cr_assert_gt(got, 0, "%s", line);
        used += (size_t)got;
    }
    struct truth truth;
    cr_assert_eq(sscanf(line,
                        "created %" SCNu64 " now %" SCNu64 " cycles %" SCNu64 " pause %" SCNu64
                        " goal %" SCNu64 " allocated %" SCNu64 " procs %" SCNu64,
                        &truth.created, &truth.now, &truth.cycles, &truth.pause, &truth.goal,
                        &truth.allocated, &truth.procs),
                 7, "%s", line);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)process->pid);
    process->memory = open(path, O_RDONLY | O_CLOEXEC);
    AUTO_FREE char *auxv = NULL;
    size_t size;
    snprintf(path, sizeof path, "/proc/%d/auxv", (int)process->pid);
    cr_assert_eq(fd_read_file(AT_FDCWD, path, 1 << 16, &auxv, &size), 0);
    cr_assert(gobin_load_bias(process->binary, auxv, size, &process->bias));
    cr_assert_eq(process->bias != 0, gobin_is_pie(process->binary));
    return truth;
}

static void check_counters(const char *path)
{
    struct process process = start(path);
    struct truth truth = take_truth(&process);
    const struct gobin_variables *variables = gobin_variables(process.binary);
    const struct go_offsets *offsets = gobin_offsets(process.binary);
    uint64_t sched = variables->sched + process.bias;
    uint64_t controller = variables->gc_controller + process.bias;
    uint64_t memory = variables->memstats + process.bias;
    uint64_t procs = read_number(&process, variables->allp + process.bias, 8);
    uint64_t proc = read_number(&process, procs, 8);
    cr_assert_eq(read_number(&process, variables->gomaxprocs + process.bias, 4), truth.procs);
    cr_assert_eq(read_number(&process, variables->allp + process.bias + 8, 8), truth.procs);
    cr_assert_eq(read_number(&process, proc + offsets->p_id, 4), 0u);
    uint64_t cached = read_number(&process, proc + offsets->p_goidcacheend, 8) -
                      read_number(&process, proc + offsets->p_goidcache, 8);
    cr_assert_eq(read_number(&process, sched + offsets->sched_goidgen, 8) - cached, truth.created, "%s",
                 path);
    uint64_t now = read_number(&process, variables->allglen + process.bias, 8) -
                   read_number(&process, sched + offsets->sched_ngsys, 4) -
                   read_number(&process, sched + offsets->sched_gfree, 4) -
                   read_number(&process, proc + offsets->p_gfree, 4);
    if (offsets->sched_gfree_nostack != GO_ABSENT)
        now -= read_number(&process, sched + offsets->sched_gfree_nostack, 4);
    cr_assert_eq(now, truth.now, "%s: %" PRIu64 " goroutines, the program says %" PRIu64, path, now,
                 truth.now);
    cr_assert_eq(read_number(&process, memory + offsets->mem_numgc, 4), truth.cycles);
    cr_assert_eq(read_number(&process, memory + offsets->mem_pause_total_ns, 8), truth.pause);
    cr_assert_eq(read_number(&process, controller + offsets->gc_percent, 4), 100u);
    cr_assert_eq(read_number(&process, controller + offsets->gc_percent_goal, 8), truth.goal);
    /* ReadMemStats has told the collector of the spans in use (mstats.go, flushallmcaches); a thread that
       sysmon starts later may allocate its m. */
    uint64_t allocated = read_number(&process, controller + offsets->gc_total_alloc, 8);
    cr_assert(allocated >= truth.allocated && allocated - truth.allocated < 16384,
              "%s: %" PRIu64 ", not %" PRIu64, path, allocated, truth.allocated);
    cr_assert_geq(read_number(&process, controller + offsets->gc_heap_live, 8), 1000000u);
    uint64_t threads = read_number(&process, sched + offsets->sched_mnext, 8) -
                       read_number(&process, sched + offsets->sched_nmfreed, 8);
    cr_assert(threads >= 2 && threads < 20);
    cr_assert_geq(read_number(&process, proc + offsets->p_schedtick, 4), 8u,
                  "seven that park for ever, and main");
    cr_assert_eq(read_number(&process, proc + offsets->p_runqhead, 4),
                 read_number(&process, proc + offsets->p_runqtail, 4));
    finish(&process);
}

Test(gobin_globals, counters_are_what_the_program_says, .timeout = 120)
{
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++) {
        for (size_t kind = 0; kind < KINDS; kind++) {
            char path[64];
            snprintf(path, sizeof path, "build/gobin/%s-1.%u", kinds[kind], minors[i]);
            check_counters(path);
        }
    }
}
