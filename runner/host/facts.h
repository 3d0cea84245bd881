/*
 * Where the facts about noise stand, and the pure parsers for them; the rows of noise.c and the bundle's
 * environment read the same. Sources: proc(5), Documentation/ABI/testing/sysfs-devices-system-cpu,
 * admin-guide/pm/{cpufreq,intel_pstate}.rst, admin-guide/mm/transhuge.rst, accounting/psi.rst.
 */
#ifndef RUNNER_HOST_FACTS_H
#define RUNNER_HOST_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#define FACT_GOVERNOR "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
#define FACT_NO_TURBO "sys/devices/system/cpu/intel_pstate/no_turbo"
#define FACT_BOOST    "sys/devices/system/cpu/cpufreq/boost"
#define FACT_SMT      "sys/devices/system/cpu/smt/active"
#define FACT_THP      "sys/kernel/mm/transparent_hugepage/enabled"
#define FACT_CLOCK    "sys/devices/system/clocksource/clocksource0/current_clocksource"

struct cpu_ticks {
    uint64_t total, steal; /* since boot, all CPUs, in USER_HZ (1/100 s) */
};
/* The text of /proc/stat. False where its first line is not as expected. */
bool facts_cpu_ticks(const char *text, struct cpu_ticks *ticks);

struct load_average {
    double one, five, fifteen;
    unsigned running, threads;
};
/* The text of /proc/loadavg. */
bool facts_load_average(const char *text, struct load_average *load);

/* The totals in microseconds of a PSI file; cpu has no `full` before Linux 5.13: 0 then. */
struct pressure {
    uint64_t some_us, full_us;
};
bool facts_pressure(const char *text, struct pressure *pressure);

/* The value of "key : value" (/proc/cpuinfo, /proc/meminfo), of the first line with that key. False where
   there is none, or it does not fit. */
bool facts_field(const char *text, const char *key, char *value, unsigned long size);

#endif
