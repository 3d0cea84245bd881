/* The manifests of the tree run as they are: each loads, and what it names is there. */
#include "runner/manifest/manifest.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

static void assert_demo(const char *path, const struct demo *demo)
{
    char file[4096];
    cr_assert_not_null(demo->go_dir, "%s: %s is built from source", path, demo->name);
    snprintf(file, sizeof file, "%s/go.mod", demo->go_dir);
    cr_assert_eq(access(file, R_OK), 0, "%s: %s", path, file);
    snprintf(file, sizeof file, "%s/%s", demo->go_dir, demo->package);
    cr_assert_eq(access(file, R_OK | X_OK), 0, "%s: %s", path, file);
}

Test(manifest_examples, every_manifest_loads)
{
    glob_t found;
    cr_assert_eq(glob("manifests/*.yaml", 0, NULL, &found), 0);
    cr_assert_geq(found.gl_pathc, 15);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct experiment *experiment = NULL;
        struct error error = {0};
        cr_assert_eq(manifest_load(found.gl_pathv[i], NULL, &experiment, &error), 0, "%s", error.text);
        for (size_t j = 0; j < experiment->demo_count; j++)
            assert_demo(found.gl_pathv[i], &experiment->demos[j]);
        experiment_free(experiment);
    }
    globfree(&found);
}

static void assert_pair(const char *path, const struct experiment *experiment)
{
    const struct load_http *http = &experiment->load.http;
    cr_expect_eq(experiment->demo_count, 2, "%s", path);
    cr_expect_eq(http->step_count, 1, "%s", path);
    cr_expect_eq(http->rates[0], 500, "%s", path);
    cr_expect_eq(http->body, BODY_JSON, "%s", path);
    cr_expect_eq(http->body_bytes, 1024, "%s", path);
    for (size_t i = 0; i < experiment->demo_count; i++)
        cr_expect_not_null(experiment->demos[i].expect.stdout_contains, "%s: %s", path,
                           experiment->demos[i].name);
}

Test(manifest_examples, every_pair_of_servers_gets_the_same_load)
{
    glob_t found;
    size_t pairs = 0;
    cr_assert_eq(glob("manifests/http-*.yaml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct experiment *experiment = NULL;
        struct error error = {0};
        cr_assert_eq(manifest_load(found.gl_pathv[i], NULL, &experiment, &error), 0, "%s", error.text);
        if (experiment->load.kind == LOAD_HTTP) {
            assert_pair(found.gl_pathv[i], experiment);
            pairs++;
        }
        experiment_free(experiment);
    }
    cr_expect_eq(pairs, 6);
    globfree(&found);
}

Test(manifest_examples, the_quickstart_is_short)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    cr_assert_eq(manifest_load("manifests/quickstart.yaml", NULL, &experiment, &error), 0, "%s", error.text);
    const struct trial_counts *trials = &experiment->trials;
    cr_assert_leq(experiment->demo_count * (trials->warmup + trials->bare + trials->observed), 26);
    experiment_free(experiment);
}
