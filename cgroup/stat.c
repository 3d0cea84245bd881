#include "cgroup/stat.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/attribute.h"
#include "cgroup/root.h"

#define CORE        CONTROLLER_COUNT /* files that every v2 group has, whatever its controllers */
#define FIELD(name) offsetof(struct cgroup_stat, name)

/* Rows of the same file stand together: it is read once. */
static const struct stat_row {
    size_t field;
    enum controller controller;
    enum stat_form form;
    const char *v2_file, *v2_key;
    const char *v1_file, *v1_key;
    uint64_t v1_divisor; /* 0: 1 */
    bool adds;           /* to what an earlier row found */
} rows[] = {
    /* cgroup-v2.rst: usage is in cpu.stat whether or not the controller is enabled. */
    {FIELD(usage_us), CORE, STAT_FLAT, "cpu.stat", "usage_usec"},
    {FIELD(user_us), CORE, STAT_FLAT, "cpu.stat", "user_usec"},
    {FIELD(system_us), CORE, STAT_FLAT, "cpu.stat", "system_usec"},
    {FIELD(periods), CONTROLLER_CPU, STAT_FLAT, "cpu.stat", "nr_periods", "cpu.stat", "nr_periods"},
    {FIELD(throttled_periods), CONTROLLER_CPU, STAT_FLAT, "cpu.stat", "nr_throttled", "cpu.stat",
     "nr_throttled"},
    {FIELD(throttled_us), CONTROLLER_CPU, STAT_FLAT, "cpu.stat", "throttled_usec", "cpu.stat",
     "throttled_time", 1000},
    {FIELD(memory_peak), CONTROLLER_MEMORY, STAT_NUMBER, "memory.peak", NULL, "memory.max_usage_in_bytes"},
    {FIELD(oom), CONTROLLER_MEMORY, STAT_FLAT, "memory.events", "oom", NULL},
    {FIELD(oom_kill), CONTROLLER_MEMORY, STAT_FLAT, "memory.events", "oom_kill", "memory.oom_control",
     "oom_kill"},
    {FIELD(memory_max_hits), CONTROLLER_MEMORY, STAT_FLAT, "memory.events", "max", NULL},
    {FIELD(memory_high_hits), CONTROLLER_MEMORY, STAT_FLAT, "memory.events", "high", NULL},
    {FIELD(memory_max_hits), CONTROLLER_MEMORY, STAT_NUMBER, NULL, NULL, "memory.failcnt"},
    /* memory and swap together are charged first: with swap at 0 this is the counter that is hit. */
    {FIELD(memory_max_hits), CONTROLLER_MEMORY, STAT_NUMBER, NULL, NULL, "memory.memsw.failcnt",
     .adds = true},
    {FIELD(pids_current), CONTROLLER_PIDS, STAT_NUMBER, "pids.current", NULL, "pids.current"},
    {FIELD(pids_peak), CONTROLLER_PIDS, STAT_NUMBER, "pids.peak", NULL, "pids.peak"},
    {FIELD(pids_max_hits), CONTROLLER_PIDS, STAT_FLAT, "pids.events", "max", "pids.events", "max"},
    {FIELD(io_read_bytes), CONTROLLER_IO, STAT_NESTED, "io.stat", "rbytes", NULL},
    {FIELD(io_write_bytes), CONTROLLER_IO, STAT_NESTED, "io.stat", "wbytes", NULL},
    {FIELD(psi_cpu.some_us), CORE, STAT_PRESSURE, "cpu.pressure", "some"},
    {FIELD(psi_cpu.full_us), CORE, STAT_PRESSURE, "cpu.pressure", "full"},
    {FIELD(psi_memory.some_us), CORE, STAT_PRESSURE, "memory.pressure", "some"},
    {FIELD(psi_memory.full_us), CORE, STAT_PRESSURE, "memory.pressure", "full"},
    {FIELD(psi_io.some_us), CORE, STAT_PRESSURE, "io.pressure", "some"},
    {FIELD(psi_io.full_us), CORE, STAT_PRESSURE, "io.pressure", "full"},
};

static const struct stat_row memory_rows[] = {
    {FIELD(memory_current), CONTROLLER_MEMORY, STAT_NUMBER, "memory.current", NULL, "memory.usage_in_bytes"},
    {FIELD(memory_anon), CONTROLLER_MEMORY, STAT_FLAT, "memory.stat", "anon", "memory.stat", "total_rss"},
    {FIELD(memory_file), CONTROLLER_MEMORY, STAT_FLAT, "memory.stat", "file", "memory.stat", "total_cache"},
    {FIELD(memory_kernel), CONTROLLER_MEMORY, STAT_FLAT, "memory.stat", "kernel", NULL},
    {FIELD(memory_kernel), CONTROLLER_MEMORY, STAT_NUMBER, NULL, NULL, "memory.kmem.usage_in_bytes"},
};

/* Before Linux 5.18 memory.stat has no sum of the kernel's share, only its parts. */
static const char *const kernel_parts[] = {"kernel_stack", "pagetables", "percpu", "slab", "sock"};

static bool number_at(const char *text, uint64_t *value)
{
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return errno == 0;
}

/* The text behind `key` and `end` at the start of a line. */
static const char *line_of(const char *text, const char *key, char end)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, key, length) == 0 && line[length] == end)
            return line + length + 1;
    return NULL;
}

static bool pressure(const char *text, const char *key, uint64_t *value)
{
    const char *line = line_of(text, key, ' ');
    const char *total = line ? strstr(line, "total=") : NULL;
    const char *end = line ? strchr(line, '\n') : NULL;
    return total && (!end || total < end) && number_at(total + 6, value);
}

static bool nested(const char *text, const char *key, uint64_t *value)
{
    size_t length = strlen(key);
    *value = 0;
    for (const char *at = text; (at = strchr(at, ' ')); at++) {
        uint64_t part;
        if (strncmp(at + 1, key, length) == 0 && at[length + 1] == '=' && number_at(at + length + 2, &part))
            *value += part;
    }
    return true; /* no line: nothing was read or written yet */
}

bool stat_find(const char *text, enum stat_form form, const char *key, uint64_t *value)
{
    const char *line;
    switch (form) {
    case STAT_NUMBER:
        return number_at(text, value);
    case STAT_FLAT:
        line = line_of(text, key, ' ');
        return line && number_at(line, value);
    case STAT_PRESSURE:
        return pressure(text, key, value);
    case STAT_NESTED:
        return nested(text, key, value);
    }
    return false;
}

/* The text that was read last. */
struct page {
    int dir;
    const char *file;
    bool good;
    char text[16384];
};

static bool read_page(struct page *page, int dir, const char *file)
{
    if (page->dir == dir && page->file && strcmp(page->file, file) == 0)
        return page->good;
    page->dir = dir;
    page->file = file;
    page->good = attribute_read(dir, file, page->text, sizeof page->text) == 0;
    return page->good;
}

static uint64_t *field_of(struct cgroup_stat *stat, const struct stat_row *row)
{
    return (uint64_t *)(void *)((char *)stat + row->field);
}

static void read_row(const struct cgroup *group, const struct stat_row *row, struct page *page,
                     struct cgroup_stat *stat)
{
    int tree = row->controller == CORE ? TREE_V2 : group->root->where[row->controller];
    if (tree == NOWHERE || group->dir[tree] < 0)
        return;
    bool v2 = tree == TREE_V2;
    const char *file = v2 ? row->v2_file : row->v1_file;
    uint64_t value;
    if (!file || !read_page(page, group->dir[tree], file) ||
        !stat_find(page->text, row->form, v2 ? row->v2_key : row->v1_key, &value))
        return;
    uint64_t *field = field_of(stat, row);
    uint64_t before = row->adds && *field != UINT64_MAX ? *field : 0;
    *field = before + (v2 || !row->v1_divisor ? value : value / row->v1_divisor);
}

static void read_rows(const struct cgroup *group, const struct stat_row *table, size_t count,
                      struct page *page, struct cgroup_stat *stat)
{
    for (size_t i = 0; i < count; i++)
        *field_of(stat, &table[i]) = UINT64_MAX;
    for (size_t i = 0; i < count; i++)
        read_row(group, &table[i], page, stat);
}

static void raise_peak(uint64_t *seen, uint64_t current)
{
    if (current != UINT64_MAX && current > *seen)
        *seen = current;
}

static void read_memory(struct cgroup *group, struct page *page, struct cgroup_stat *stat)
{
    read_rows(group, memory_rows, sizeof memory_rows / sizeof *memory_rows, page, stat);
    raise_peak(&group->peak_seen, stat->memory_current);
    int tree = group->root->where[CONTROLLER_MEMORY];
    if (stat->memory_kernel != UINT64_MAX || tree != TREE_V2 ||
        !read_page(page, group->dir[tree], "memory.stat"))
        return;
    uint64_t sum = 0;
    uint64_t part;
    for (size_t i = 0; i < sizeof kernel_parts / sizeof *kernel_parts; i++)
        if (stat_find(page->text, STAT_FLAT, kernel_parts[i], &part))
            sum += part;
    stat->memory_kernel = sum;
}

int cgroup_read_memory(struct cgroup *group, struct cgroup_stat *stat)
{
    struct page page = {.dir = -1};
    read_memory(group, &page, stat);
    return stat->memory_current == UINT64_MAX ? -ENODATA : 0;
}

int cgroup_read_stat(struct cgroup *group, struct cgroup_stat *stat)
{
    struct page page = {.dir = -1};
    read_rows(group, rows, sizeof rows / sizeof *rows, &page, stat);
    read_memory(group, &page, stat);
    raise_peak(&group->pids_seen, stat->pids_current);
    if (stat->memory_max_hits == 0 && stat->oom_kill != UINT64_MAX && stat->oom_kill > 0)
        stat->memory_max_hits = UINT64_MAX; /* v1 memsw of Linux 6.18 was hit and did not count it */
    stat->memory_peak_sampled = stat->memory_peak == UINT64_MAX && group->peak_seen;
    stat->pids_peak_sampled = stat->pids_peak == UINT64_MAX && group->pids_seen;
    if (stat->memory_peak_sampled)
        stat->memory_peak = group->peak_seen;
    if (stat->pids_peak_sampled)
        stat->pids_peak = group->pids_seen;
    return stat->usage_us == UINT64_MAX ? -ENODATA : 0;
}
