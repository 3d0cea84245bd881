#include "runner/store/bundle.h"
#include "runner/store/files.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"

static char folder[64];

static void set_up(void)
{
    strcpy(folder, "/tmp/store-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void tear_down(void)
{
    fd_remove_tree(AT_FDCWD, folder);
}

TestSuite(store, .init = set_up, .fini = tear_down);

static size_t entries(const char *path)
{
    DIR *listing = opendir(path);
    size_t count = 0;
    while (readdir(listing))
        count++;
    closedir(listing);
    return count - 2;
}

Test(store, a_finished_bundle_has_valid_checksums_and_is_latest)
{
    struct error error = {0};
    struct bundle *bundle;
    cr_assert_eq(bundle_create(folder, "demo", &bundle, &error), 0, "%s", error.text);
    char path[256];
    AUTO_FD trial = bundle_trial_dir(bundle, "pool", 2, "observed", path, sizeof path, &error);
    cr_assert_str_eq(path, "demos/pool/trial-002-observed");
    cr_assert_eq(file_write(trial, "stdout", "hello\n", 6, &error), 0);
    json_t *experiment = json_pack("{s:i, s:b}", "schema", BUNDLE_SCHEMA, "complete", 1);
    cr_assert_eq(file_write_json(bundle_dir(bundle), "experiment.json", experiment, &error), 0);
    json_decref(experiment);
    cr_assert_eq(bundle_finish(bundle, path, sizeof path, &error), 0, "%s", error.text);
    char command[512];
    snprintf(command, sizeof command,
             "cd %s/latest && sha256sum --quiet -c SHA256SUMS && test $(wc -l < SHA256SUMS) = 2", folder);
    cr_assert_eq(system(command), 0);
    AUTO_FD dir = bundle_open(path, NULL, &error);
    cr_assert_geq(dir, 0, "%s", error.text);
    cr_assert_eq(entries(folder), 2, "the bundle and `latest`, nothing else");
}

Test(store, json_that_consists_of_numbers_is_one_line)
{
    json_t *json = json_pack("{s:i, s:[i, i, f]}", "schema", 1, "cells", -3, 5, 0.1);
    char *text = NULL;
    size_t size;
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(file_write_json_line(dir, "cells.json", json, NULL), 0);
    cr_assert_eq(fd_read_file(dir, "cells.json", 1 << 20, &text, &size), 0);
    cr_assert_str_eq(text, "{\"schema\":1,\"cells\":[-3,5,0.1]}\n");
    free(text);
    json_decref(json);
}

static void abandoned_bundle(bool with_experiment)
{
    pid_t child = fork();
    if (child == 0) {
        struct bundle *bundle;
        if (bundle_create(folder, "left", &bundle, NULL) < 0)
            _exit(1);
        if (with_experiment)
            file_write(bundle_dir(bundle), "experiment.json", "{\"schema\": 1, \"complete\": false}\n", 34,
                       NULL);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    cr_assert_eq(status, 0);
}

Test(store, what_a_dead_writer_left_becomes_an_incomplete_bundle_or_is_removed)
{
    struct error error = {0};
    abandoned_bundle(true);
    abandoned_bundle(false);
    struct bundle *alive;
    cr_assert_eq(bundle_create(folder, "alive", &alive, &error), 0);
    cr_assert_eq(bundle_recover(folder, NULL, &error), 2, "%s", error.text);
    cr_assert_eq(entries(folder), 2, "the recovered bundle and the living one's staging folder");
    bundle_discard(alive);
    cr_assert_eq(entries(folder), 1);
}

Test(store, a_bundle_of_the_future_is_refused_with_its_schema)
{
    struct error error = {0};
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    file_write(dir, "experiment.json", "{\"schema\": 99}", 14, NULL);
    cr_assert_lt(bundle_open(folder, NULL, &error), 0);
    cr_assert(strstr(error.text, "schema 99"), "%s", error.text);
    cr_assert_eq(error.class, ERROR_USAGE);
    close(dir);
}

Test(store, damaged_json_is_refused_with_its_position)
{
    struct error error = {0};
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    file_write(dir, "experiment.json", "{\"schema\": 1,\n oops", 19, NULL);
    cr_assert_lt(bundle_open(folder, NULL, &error), 0);
    cr_assert(strstr(error.text, "experiment.json:2:"), "%s", error.text);
    close(dir);
}

Test(store, demo_output_becomes_valid_utf8)
{
    json_t *text = text_json("a\xff\xc3(\xe2\x82\xac\0z", 9, 100);
    cr_assert(text);
    cr_assert_eq(json_string_length(text), strlen("a\xef\xbf\xbd\xef\xbf\xbd(\xe2\x82\xac") + 2);
    json_decref(text);
}
