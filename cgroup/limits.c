#include "cgroup/limits.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS_MAX 8192 /* CONFIG_NR_CPUS of the largest distribution kernels */

const struct limit_row limit_rows[] = {
    {"cpu.max", CONTROLLER_CPU, LIMIT_QUOTA, "cpu.cfs_quota_us", NULL},
    {"cpuset.cpus", CONTROLLER_CPUSET, LIMIT_CPUS, "cpuset.cpus", NULL},
    {"memory.max", CONTROLLER_MEMORY, LIMIT_BYTES, "memory.limit_in_bytes", "max"},
    {"memory.high", CONTROLLER_MEMORY, LIMIT_BYTES, NULL, "max"},
    {"memory.low", CONTROLLER_MEMORY, LIMIT_BYTES, NULL, "0"},
    {"memory.swap.max", CONTROLLER_MEMORY, LIMIT_SWAP_BYTES, "memory.memsw.limit_in_bytes", "max"},
    {"pids.max", CONTROLLER_PIDS, LIMIT_COUNT, "pids.max", "max"},
};
const size_t limit_row_count = sizeof limit_rows / sizeof *limit_rows;
_Static_assert(sizeof limit_rows / sizeof *limit_rows <= CGROUP_APPLIED_MAX, "a row of the record for each");

static uint64_t number_asked(const struct limit_row *row, const struct cgroup_settings *settings)
{
    static const struct {
        const char *key;
        size_t offset;
    } fields[] = {
        {"memory.max", offsetof(struct cgroup_settings, memory_max)},
        {"memory.high", offsetof(struct cgroup_settings, memory_high)},
        {"memory.low", offsetof(struct cgroup_settings, memory_low)},
        {"memory.swap.max", offsetof(struct cgroup_settings, memory_swap_max)},
        {"pids.max", offsetof(struct cgroup_settings, pids_max)},
        {"cpu.max", offsetof(struct cgroup_settings, cpu_quota_us)},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].key, row->key) == 0)
            return *(const uint64_t *)((const char *)settings + fields[i].offset);
    return CGROUP_UNSET;
}

bool limit_asked(const struct limit_row *row, const struct cgroup_settings *settings, char *text, size_t size)
{
    if (row->form == LIMIT_CPUS) {
        snprintf(text, size, "%s", settings->cpuset ? settings->cpuset : "");
        return settings->cpuset != NULL;
    }
    uint64_t value = number_asked(row, settings);
    if (value == CGROUP_UNSET)
        return false;
    char number[24];
    snprintf(number, sizeof number, "%" PRIu64, value);
    const char *shown = value == CGROUP_MAX ? "max" : number;
    uint64_t period = settings->cpu_period_us;
    if (row->form == LIMIT_QUOTA)
        snprintf(text, size, "%s %" PRIu64, shown, period == CGROUP_UNSET || !period ? 100000 : period);
    else
        snprintf(text, size, "%s", shown);
    return true;
}

void limit_to_v1(const char *v2, char *text, size_t size)
{
    snprintf(text, size, "%s", strcmp(v2, "max") == 0 ? "-1" : v2);
}

void limit_from_v1(const char *v1, enum limit_form form, char *text, size_t size)
{
    /* PAGE_COUNTER_MAX is LONG_MAX in whole pages: linux/page_counter.h */
    bool bytes = form == LIMIT_BYTES || form == LIMIT_SWAP_BYTES;
    bool unlimited = v1[0] == '-' || (bytes && strtoull(v1, NULL, 10) > (uint64_t)INT64_MAX - 65536);
    snprintf(text, size, "%s", unlimited ? "max" : v1);
}

bool limit_parse_cpus(const char *list, bool *cpus, size_t count)
{
    memset(cpus, 0, count * sizeof *cpus);
    while (*list) {
        char *end;
        if (!isdigit((unsigned char)*list))
            return false;
        unsigned long first = strtoul(list, &end, 10);
        unsigned long last = first;
        if (*end == '-') {
            if (!isdigit((unsigned char)end[1]))
                return false;
            last = strtoul(end + 1, &end, 10);
        }
        if (last >= count || first > last || (*end != ',' && *end != 0))
            return false;
        for (; first <= last; first++)
            cpus[first] = true;
        list = end + (*end == ',');
    }
    return true;
}

static bool same_cpus(const char *a, const char *b)
{
    bool first[CPUS_MAX];
    bool second[CPUS_MAX];
    return limit_parse_cpus(a, first, CPUS_MAX) && limit_parse_cpus(b, second, CPUS_MAX) &&
           memcmp(first, second, sizeof first) == 0;
}

bool limit_holds(enum limit_form form, const char *asked, const char *read_back)
{
    if (form == LIMIT_CPUS)
        return same_cpus(asked, read_back);
    if (strcmp(asked, read_back) == 0)
        return true;
    if ((form != LIMIT_BYTES && form != LIMIT_SWAP_BYTES) || !isdigit((unsigned char)asked[0]))
        return false;
    uint64_t want = strtoull(asked, NULL, 10);
    if (!isdigit((unsigned char)read_back[0])) /* "max": more than there is address space */
        return want > (uint64_t)INT64_MAX - 65536;
    uint64_t have = strtoull(read_back, NULL, 10);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    /* v1's swap is the difference of two rounded numbers. */
    uint64_t above = form == LIMIT_SWAP_BYTES ? page : 1;
    return have < want ? want - have < page : have - want < above;
}

bool limit_listed(const char *names, const char *key)
{
    for (size_t length; names && *names; names += length) {
        names += strspn(names, " ");
        length = strcspn(names, " ");
        if (length == strlen(key) && memcmp(names, key, length) == 0)
            return true;
    }
    return false;
}
