#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/host/facts.h"
#include "runner/host/host.h"
#include "runner/support/fd.h"

static const struct host_row *find(const struct host_row *rows, size_t count, const char *group,
                                   const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].group, group) == 0 && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    cr_assert_fail("no row %s %s", group, name);
    return NULL;
}

Test(host, every_row_says_what_was_seen_and_how_to_mend_it)
{
    struct host_row rows[HOST_ROWS_MAX];
    size_t count = host_check(NULL, rows);
    cr_assert_gt(count, 30);
    for (size_t i = 0; i < count; i++) {
        cr_expect(rows[i].detail[0], "%s %s has no detail", rows[i].group, rows[i].name);
        cr_expect_eq(rows[i].mend[0] != 0, rows[i].state != HOST_FOUND, "%s %s: %s", rows[i].group,
                     rows[i].name, rows[i].mend);
    }
}

Test(host, runs_only_where_nothing_required_is_missing)
{
    struct host_row rows[] = {
        {.group = "a", .name = "needed", .state = HOST_DEGRADED, .required = true},
        {.group = "a", .name = "welcome", .state = HOST_MISSING, .required = false},
    };
    cr_expect(host_can_run(rows, 2));
    rows[0].state = HOST_MISSING;
    cr_expect_not(host_can_run(rows, 2));
}

Test(host, prints_and_writes_json_of_the_same_rows)
{
    struct host_row rows[] = {
        {.group = "kernel", .name = "BTF", .state = HOST_FOUND, .required = true, .detail = "126 types"},
        {.group = "kernel",
         .name = "PSI",
         .state = HOST_MISSING,
         .detail = "gone",
         .mend = "Boot with psi=1"},
    };
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    host_print(out, rows, 2, false);
    fclose(out);
    cr_expect(strstr(text, "BTF") && strstr(text, "126 types"));
    cr_expect(strstr(text, "-> Boot with psi=1"));
    cr_expect(strstr(text, "Experiments can run on this host."));
    free(text);

    json_t *json = host_rows_json(rows, 2);
    cr_assert_not_null(json);
    json_t *second = json_array_get(json_object_get(json, "rows"), 1);
    cr_expect_str_eq(json_string_value(json_object_get(second, "state")), "missing");
    cr_expect_str_eq(json_string_value(json_object_get(second, "mend")), "Boot with psi=1");
    cr_expect(json_is_null(json_object_get(json_array_get(json_object_get(json, "rows"), 0), "mend")));
    cr_expect(json_is_true(json_object_get(json, "can_run")));
    json_decref(json);
}

/* The child has another user id and no capabilities: every row must still get its answer. */
Test(host, tells_a_user_without_rights_to_become_root)
{
    int channel[2];
    cr_assert_eq(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        struct host_row rows[HOST_ROWS_MAX];
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        size_t count = host_check(NULL, rows);
        fd_write_all(channel[1], rows, count * sizeof *rows);
        _exit(count ? 0 : 1);
    }
    close(channel[1]);
    struct host_row rows[HOST_ROWS_MAX];
    size_t used = 0;
    for (ssize_t n; (n = read(channel[0], (char *)rows + used, sizeof rows - used)) > 0;)
        used += (size_t)n;
    int status;
    waitpid(child, &status, 0);
    close(channel[0]);
    cr_assert_eq(status, 0);
    size_t count = used / sizeof *rows; /* names are constants at the same place in both */
    const struct host_row *row = find(rows, count, "kernel", "privileges");
    cr_expect_eq(row->state, HOST_MISSING);
    cr_expect(strstr(row->mend, "Run as root"), "%s", row->mend);
    cr_expect_eq(find(rows, count, "sandbox", "net namespace")->state, HOST_MISSING);
    cr_expect_not(host_can_run(rows, count));
}

Test(host, made_namespaces_where_it_says_so)
{
    struct host_row rows[HOST_ROWS_MAX];
    size_t count = host_check(NULL, rows);
    const struct host_row *row = find(rows, count, "sandbox", "uts namespace");
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(CLONE_NEWUTS) == 0 ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    cr_expect_eq(row->state == HOST_FOUND, status == 0);
}

/* --- made-up trees -------------------------------------------------------------------------------------- */
static char folder[64];

static void put(const char *path, const char *text)
{
    char full[256];
    char parent[256];
    snprintf(full, sizeof full, "%s/%s", folder, path);
    snprintf(parent, sizeof parent, "%s", full);
    *strrchr(parent, '/') = 0;
    cr_assert_eq(fd_make_path(AT_FDCWD, parent), 0);
    FILE *file = fopen(full, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    cr_assert_eq(chmod(full, 0755), 0);
}

static void make_tree(void)
{
    strcpy(folder, "/tmp/host-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_tree(void)
{
    fd_remove_tree(AT_FDCWD, folder);
}

typedef void (*look)(const struct host_context *, const struct host_check *, struct host_row *);

static struct host_row look_at(look function)
{
    AUTO_FD root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct host_context context = {.root = root};
    const struct host_check check = {.group = "test", .name = "test"};
    struct host_row row = {0};
    function(&context, &check, &row);
    return row;
}

TestSuite(host_tree, .init = make_tree, .fini = remove_tree);

Test(host_tree, noise_sources_are_degraded_with_their_mend)
{
    static const struct {
        const char *path, *text, *mend;
        look look;
    } cases[] = {
        {FACT_GOVERNOR, "powersave\n", "cpupower", host_look_governor},
        {FACT_NO_TURBO, "0\n", "no_turbo", host_look_turbo},
        {FACT_SMT, "1\n", "smt/control", host_look_smt},
        {FACT_THP, "[always] madvise never\n", "madvise", host_look_huge_pages},
        {FACT_CLOCK, "hpet\n", "tsc", host_look_clock},
        {"proc/stat", "cpu  10 0 10 60 0 0 0 20 0 0\ncpu0 1 2\n", "CPUs are its own", host_look_steal},
        {"proc/loadavg", "999.00 1.00 1.00 3/99 1234\n", "Stop what else runs", host_look_load},
        {"sys/kernel/security/lockdown", "none integrity [confidentiality]\n", "Boot with lockdown",
         host_look_lockdown},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].path, cases[i].text);
        struct host_row row = look_at(cases[i].look);
        cr_expect_neq(row.state, HOST_FOUND, "%s", cases[i].path);
        cr_expect(strstr(row.mend, cases[i].mend), "%s: %s", cases[i].path, row.mend);
    }
}

Test(host_tree, quiet_machines_are_found_quiet)
{
    static const struct {
        const char *path, *text;
        look look;
    } cases[] = {
        {FACT_GOVERNOR, "performance\n", host_look_governor},
        {FACT_NO_TURBO, "1\n", host_look_turbo},
        {FACT_SMT, "0\n", host_look_smt},
        {FACT_THP, "always [madvise] never\n", host_look_huge_pages},
        {FACT_CLOCK, "tsc\n", host_look_clock},
        {"proc/stat", "cpu  10 0 10 9960 0 0 0 20 0 0\n", host_look_steal},
        {"proc/loadavg", "0.01 1.00 1.00 3/99 1234\n", host_look_load},
        {"sys/kernel/security/lockdown", "none [integrity] confidentiality\n", host_look_lockdown},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].path, cases[i].text);
        struct host_row row = look_at(cases[i].look);
        cr_expect_eq(row.state, HOST_FOUND, "%s: %s", cases[i].path, row.detail);
    }
}

Test(host_tree, go_toolchains_are_listed_in_the_order_of_their_releases)
{
    setenv("PATH", "", 1);
    cr_expect_eq(look_at(host_look_go).state, HOST_MISSING);
    put("usr/lib/go-1.23/bin/go", "");
    put("usr/lib/go-1.23/VERSION", "go1.23.5\ntime 2025-01-10\n");
    put("usr/lib/go-1.9/bin/go", "");
    put("usr/lib/go-1.9/VERSION", "go1.9.2");
    put("usr/lib/go-1.22/VERSION", "go1.22.1"); /* no executable: half removed */
    struct host_row row = look_at(host_look_go);
    cr_expect_eq(row.state, HOST_FOUND);
    cr_expect_str_eq(row.detail, "1.9.2 at /usr/lib/go-1.9, 1.23.5 at /usr/lib/go-1.23");
}

Test(host_tree, go_older_than_the_probes_is_missing)
{
    setenv("PATH", "", 1);
    put("usr/local/go/bin/go", "");
    put("usr/local/go/VERSION", "go1.18.10");
    cr_expect_eq(look_at(host_look_go).state, HOST_MISSING);
}

Test(host, facts_are_parsed)
{
    struct pressure pressure;
    cr_expect(facts_pressure("some avg10=1.50 avg60=0.10 avg300=0.00 total=173\nfull avg10=0.00 total=42\n",
                             &pressure));
    cr_expect_eq(pressure.some_us, 173);
    cr_expect_eq(pressure.full_us, 42);
    cr_expect(facts_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", &pressure));
    cr_expect_eq(pressure.full_us, 0);
    cr_expect_not(facts_pressure("", &pressure));

    struct load_average load;
    cr_expect(facts_load_average("0.50 0.25 0.10 2/345 6789\n", &load));
    cr_expect_float_eq(load.five, 0.25, 1e-9);
    cr_expect_eq(load.running, 2);
    cr_expect_not(facts_load_average("none\n", &load));

    struct cpu_ticks ticks;
    cr_expect(facts_cpu_ticks("cpu  1 2 3 4 5 6 7 8 9 10\n", &ticks));
    cr_expect_eq(ticks.total, 36);
    cr_expect_eq(ticks.steal, 8);
    cr_expect_not(facts_cpu_ticks("cpu  1 2 3\n", &ticks));

    char value[16];
    const char *text = "MemTotalX: 1 kB\nMemTotal:       24684092 kB\nmodel name\t: AMD\n";
    cr_expect(facts_field(text, "MemTotal", value, sizeof value));
    cr_expect_str_eq(value, "24684092 kB");
    cr_expect(facts_field(text, "model name", value, sizeof value));
    cr_expect_str_eq(value, "AMD");
    cr_expect_not(facts_field(text, "Swap", value, sizeof value));
    cr_expect_not(facts_field(text, "MemTotal", value, 4));
}

Test(host, environment_says_why_a_fact_is_unknown)
{
    json_t *environment = host_environment_json();
    cr_expect(json_is_string(json_object_get(environment, "kernel_release")));
    cr_expect_gt(json_integer_value(json_object_get(environment, "memory_bytes")), 0);
    const char *key;
    json_t *value;
    json_object_foreach (environment, key, value) {
        char reason[80];
        snprintf(reason, sizeof reason, "%s_reason", key);
        cr_expect_eq(json_is_null(value), json_is_string(json_object_get(environment, reason)), "%s", key);
    }
    json_decref(environment);
}

Test(host, noise_counters_grow)
{
    json_t *first = host_noise_json();
    json_t *second = host_noise_json();
    static const char *const keys[] = {"monotonic_ns", "cpu_ticks", "steal_ticks"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cr_expect_geq(json_integer_value(json_object_get(second, keys[i])),
                      json_integer_value(json_object_get(first, keys[i])), "%s", keys[i]);
    cr_expect_eq(json_array_size(json_object_get(first, "load_average")), 3);
    json_decref(first);
    json_decref(second);
}
