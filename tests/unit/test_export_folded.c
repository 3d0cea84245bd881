/* The CPU profile as folded stacks; tests/unit/test_export.c has the formats of events. */
#include "runner/export/export.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/export/folded.h"
#include "runner/support/fd.h"

/* Writes profile.json into a folder of its own and exports it. 0 or what the export returns; *text is to be
   freed. */
static int export_json(const char *json, char **text, struct error *error)
{
    char folder[] = "/tmp/runner-test-folded-XXXXXX";
    size_t size;
    cr_assert_not_null(mkdtemp(folder));
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (json) {
        AUTO_FD file = openat(dir, "profile.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        cr_assert_eq(fd_write_all(file, json, strlen(json)), 0);
    }
    FILE *out = open_memstream(text, &size);
    int result = export_trial(dir, "folded", out, error);
    fclose(out);
    fd_remove_tree(AT_FDCWD, folder);
    return result;
}

#define FUNCTIONS                                                                                            \
    "\"functions\": [{\"name\": \"main.work\", \"kind\": \"function\"},"                                     \
    "{\"name\": \"main.F[struct { a int; b int }]\", \"kind\": \"function\"},"                               \
    "{\"name\": \"vfs_read\", \"kind\": \"kernel\"}, {\"name\": \"my thread\", \"kind\": \"thread\"}]"
#define GROUPS                                                                                               \
    "\"groups\": [{\"kind\": \"goroutine\", \"function\": 0, \"creator\": 1, \"samples\": 6},"               \
    "{\"kind\": \"runtime\", \"function\": null, \"creator\": null, \"samples\": 1},"                        \
    "{\"kind\": \"thread\", \"function\": 3, \"creator\": null, \"samples\": 1}]"

Test(export_folded, a_line_is_a_stack_from_outside_to_inside_and_its_samples)
{
    AUTO_FREE char *text = NULL;
    struct error error = {0};
    int result = export_json("{" FUNCTIONS "," GROUPS ", \"nodes\": {"
                             "\"parent\": [-1, 0, 1, -2, -3], \"function\": [0, 1, 2, 2, 0],"
                             "\"samples\": [2, 0, 4, 1, 1]}}",
                             &text, &error);
    cr_assert_eq(result, 0, "%s", error.text);
    cr_expect_str_eq(text, "goroutine main.work;main.work 2\n"
                           "goroutine main.work;main.work;main.F[struct { a int: b int }];vfs_read_[k] 4\n"
                           "runtime;vfs_read_[k] 1\n"
                           "my thread;main.work 1\n");
}

Test(export_folded, no_samples_are_no_lines)
{
    AUTO_FREE char *text = NULL;
    struct error error = {0};
    int result = export_json("{\"functions\": [], \"groups\": [], \"nodes\": {\"parent\": [],"
                             "\"function\": [], \"samples\": []}}",
                             &text, &error);
    cr_assert_eq(result, 0, "%s", error.text);
    cr_expect_str_empty(text);
}

Test(export_folded, a_damaged_profile_is_refused_before_a_line_is_written)
{
    static const char *const nodes[] = {
        "{\"parent\": [0], \"function\": [0], \"samples\": [1]}",           /* its own parent */
        "{\"parent\": [1, -1], \"function\": [0, 0], \"samples\": [1, 1]}", /* a later one */
        "{\"parent\": [-4], \"function\": [0], \"samples\": [1]}",          /* no such group */
        "{\"parent\": [-9223372036854775808], \"function\": [0], \"samples\": [1]}",
        "{\"parent\": [-1], \"function\": [4], \"samples\": [1]}", /* no such function */
        "{\"parent\": [-1], \"function\": [-1], \"samples\": [1]}",
        "{\"parent\": [-1], \"function\": [\"x\"], \"samples\": [1]}",
        "{\"parent\": [-1, 0], \"function\": [0], \"samples\": [1]}", /* columns of two lengths */
        "{\"parent\": [\"-1\"], \"function\": [0], \"samples\": [1]}",
        "{\"parent\": [-1], \"function\": [0], \"samples\": [-1]}",
        "{}",
        "7",
    };
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        char json[2048];
        AUTO_FREE char *text = NULL;
        struct error error = {0};
        snprintf(json, sizeof json, "{" FUNCTIONS "," GROUPS ", \"nodes\": %s}", nodes[i]);
        cr_expect_lt(export_json(json, &text, &error), 0, "%s", nodes[i]);
        cr_expect_eq(error.class, ERROR_USAGE);
        cr_expect_str_eq(error.text, "profile.json is damaged: it is not as runner writes it");
        cr_expect_str_empty(text);
    }
}

Test(export_folded, a_stack_of_a_million_calls_is_refused)
{
    size_t size;
    AUTO_FREE char *json = NULL;
    AUTO_FREE char *text = NULL;
    struct error error = {0};
    FILE *out = open_memstream(&json, &size);
    fputs("{" FUNCTIONS "," GROUPS ", \"nodes\": {\"parent\": [-1", out);
    for (int i = 0; i < 1000000; i++)
        fprintf(out, ",%d", i);
    for (int column = 0; column < 2; column++) {
        fprintf(out, "], \"%s\": [0", column ? "samples" : "function");
        for (int i = 0; i < 1000000; i++)
            fputs(",1", out);
    }
    fputs("]}}", out);
    fclose(out);
    cr_expect_lt(export_json(json, &text, &error), 0);
    cr_expect_str_empty(text);
}

Test(export_folded, a_trial_without_a_profile_says_what_turns_it_on)
{
    AUTO_FREE char *text = NULL;
    struct error error = {0};
    cr_assert_eq(export_json(NULL, &text, &error), -ENOENT);
    cr_expect_eq(error.class, ERROR_USAGE);
    cr_expect_not_null(strstr(error.text, "probes.cpu"), "%s", error.text);
}

Test(export_folded, a_full_disk_is_told)
{
    struct error error = {0};
    char folder[] = "/tmp/runner-test-folded-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    static const char json[] = "{" FUNCTIONS "," GROUPS ", \"nodes\": {\"parent\": [-1], \"function\": [0],"
                               "\"samples\": [1]}}";
    AUTO_FD file = openat(dir, "profile.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_eq(fd_write_all(file, json, strlen(json)), 0);
    FILE *full = fopen("/dev/full", "we");
    cr_assert_eq(folded_export(dir, full, &error), -ENOSPC);
    cr_expect_eq(error.class, ERROR_INTERNAL);
    fclose(full);
    fd_remove_tree(AT_FDCWD, folder);
}
