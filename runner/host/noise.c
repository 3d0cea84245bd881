/* Rows on what makes figures vary from run to run. None of them keeps an experiment from running. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/host/facts.h"

#define STEAL_MAX        0.01 /* share of the CPUs' time since boot that the hypervisor kept */
#define LOAD_MAX_PER_CPU 0.25

void host_look_governor(const struct host_context *context, const struct host_check *check,
                        struct host_row *row)
{
    (void)check;
    char text[64];
    if (host_text(context, FACT_GOVERNOR, text, sizeof text) < 0)
        host_found(row, "no frequency control here (a virtual machine, or the firmware's)");
    else if (strcmp(text, "performance") == 0)
        host_found(row, "%s", text);
    else
        host_lacks(row, HOST_DEGRADED, "cpupower frequency-set -g performance",
                   "%s: the frequency follows the load", text);
}

void host_look_turbo(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    static const struct {
        const char *path, *on, *mend;
    } switches[] = {
        {FACT_NO_TURBO, "0", "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"},
        {FACT_BOOST, "1", "echo 0 > /sys/devices/system/cpu/cpufreq/boost"},
    };
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        char text[16];
        if (host_text(context, switches[i].path, text, sizeof text) < 0)
            continue;
        if (strcmp(text, switches[i].on) == 0)
            host_lacks(row, HOST_DEGRADED, switches[i].mend,
                       "on: the speed depends on temperature and neighbours");
        else
            host_found(row, "off");
        return;
    }
    host_found(row, "no switch here (a virtual machine, or none in this CPU)");
}

void host_look_smt(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    char text[16];
    if (host_text(context, FACT_SMT, text, sizeof text) < 0 || strcmp(text, "1") != 0)
        host_found(row, "off");
    else
        host_lacks(
            row, HOST_DEGRADED,
            "echo off > /sys/devices/system/cpu/smt/control, or controls.cpu.cpuset with one thread a core",
            "on: two threads share a core");
}

void host_look_huge_pages(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    (void)check;
    char text[64];
    if (host_text(context, FACT_THP, text, sizeof text) < 0 || !host_bracketed(text))
        host_found(row, "none in this kernel");
    else if (strcmp(text, "always") == 0)
        host_lacks(row, HOST_DEGRADED, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                   "always: memory figures depend on what was merged");
    else
        host_found(row, "%s", text);
}

void host_look_clock(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    char text[64];
    if (host_text(context, FACT_CLOCK, text, sizeof text) < 0)
        host_lacks(row, HOST_DEGRADED, "Mount /sys", "unknown");
    else if (strcmp(text, "hpet") == 0 || strcmp(text, "acpi_pm") == 0)
        host_lacks(row, HOST_DEGRADED, "Boot with tsc=reliable where the machine's TSC is steady",
                   "%s: reading the time costs a microsecond or more", text);
    else
        host_found(row, "%s", text);
}

void host_look_steal(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    char text[4096];
    struct cpu_ticks ticks;
    if (host_text(context, "proc/stat", text, sizeof text) < 0 || !facts_cpu_ticks(text, &ticks)) {
        host_lacks(row, HOST_DEGRADED, "Mount /proc", "unknown");
        return;
    }
    double share = ticks.total ? (double)ticks.steal / (double)ticks.total : 0;
    if (share > STEAL_MAX)
        host_lacks(row, HOST_DEGRADED, "A machine whose CPUs are its own", "%.1f%% of the time since boot",
                   share * 100);
    else
        host_found(row, "%.2f%% of the time since boot", share * 100);
}

void host_look_load(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    char text[128];
    struct load_average load;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    if (host_text(context, "proc/loadavg", text, sizeof text) < 0 || !facts_load_average(text, &load))
        host_lacks(row, HOST_DEGRADED, "Mount /proc", "unknown");
    else if (load.one > LOAD_MAX_PER_CPU * (double)cpus)
        host_lacks(row, HOST_DEGRADED, "Stop what else runs, or wait",
                   "%.2f on %ld CPUs: the machine is in use", load.one, cpus);
    else
        host_found(row, "%.2f on %ld CPUs", load.one, cpus);
}
