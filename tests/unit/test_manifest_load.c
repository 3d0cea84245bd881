#include "runner/manifest/manifest.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char smallest[] = "version: 1\n"
                               "experiment: tiny\n"
                               "demos:\n"
                               "  - name: one\n"
                               "    exec: [true]\n";

/* Runs the test in a folder of its own. */
static char folder[] = "/tmp/runner-manifest-XXXXXX";

static void enter_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    cr_assert_eq(chdir("/"), 0);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static struct experiment *load(const char *path)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    cr_assert_eq(manifest_load(path, NULL, &experiment, &error), 0, "%s", error.text);
    return experiment;
}

static void assert_refused(const char *path, const char *says)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    cr_assert_lt(manifest_load(path, NULL, &experiment, &error), 0);
    cr_assert_null(experiment);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
}

Test(manifest_load, the_quickstart_is_resolved)
{
    struct experiment *experiment = load("manifests/quickstart.yaml");
    char *here = getcwd(NULL, 0);
    char path[4096];
    cr_assert_str_eq(experiment->name, "quickstart");
    cr_assert_eq(experiment->demo_count, 2);
    cr_assert_eq(experiment->baseline, 1);
    cr_assert_eq(experiment->controls.limits.cpu_quota_us, 200000);
    cr_assert_eq(experiment->controls.limits.cpu_period_us, 100000);
    cr_assert_eq(experiment->controls.limits.memory_max, 256ULL << 20);
    cr_assert_eq(experiment->controls.limits.memory_high, LIMIT_UNSET);
    snprintf(path, sizeof path, "%s/demos/sync-pool", here);
    cr_assert_str_eq(experiment->demos[0].go_dir, path);
    cr_assert_str_eq(experiment->demos[0].package, "./with");
    snprintf(path, sizeof path, "%s/manifests/quickstart.yaml", here);
    cr_assert_str_eq(experiment->path, path);
    cr_assert_eq(experiment->source_size, strlen(experiment->source));
    free(here);
    experiment_free(experiment);
}

Test(manifest_load, what_is_not_stated_has_its_default, .init = enter_folder, .fini = leave_folder)
{
    write_file("m.yaml", smallest);
    struct experiment *e = load("m.yaml");
    cr_assert_eq(e->controls.gomaxprocs, 0);
    cr_assert_eq(e->controls.gogc, INT32_MIN);
    cr_assert_eq(e->controls.gomemlimit, LIMIT_UNSET);
    cr_assert_str_eq(e->controls.slice, "runner.slice");
    cr_assert_eq(e->controls.require, CGROUP_REQUIRE_AUTO);
    cr_assert_eq(e->controls.limits.cpu_quota_us, LIMIT_UNSET);
    cr_assert_eq(e->controls.limits.cpu_period_us, 100000);
    cr_assert_eq(e->controls.limits.pids_max, LIMIT_UNSET);
    cr_assert(e->controls.aslr);
    cr_assert_null(e->controls.stdin_path);
    cr_assert_eq(e->controls.timeout_ns, 30000000000ULL);
    cr_assert_eq(e->controls.stop.after_ns, LIMIT_UNSET);
    cr_assert_eq(e->controls.stop.signal, SIGINT);
    cr_assert_eq(e->controls.stop.grace_ns, 2000000000ULL);
    cr_assert_eq(e->trials.warmup, 1);
    cr_assert_eq(e->trials.bare, 5);
    cr_assert_eq(e->trials.observed, 5);
    cr_assert_not(e->trials.aa);
    cr_assert_eq(e->trials.order, ORDER_INTERLEAVED);
    cr_assert_eq(e->trials.seed, 1);
    cr_assert(e->probes.sched);
    cr_assert_eq(e->probes.go, GO_CORE);
    cr_assert_not(e->probes.net);
    cr_assert_eq(e->probes.cpu_hz, 0);
    cr_assert_eq(e->probes.ring_bytes, 8U << 20);
    cr_assert_eq(e->probes.trace_max_bytes, 2ULL << 30);
    cr_assert_eq(e->sandbox.network, NETWORK_LOOPBACK);
    cr_assert_eq(e->sandbox.tmp_bytes, 64U << 20);
    cr_assert_null(e->sandbox.seccomp);
    cr_assert_str_eq(e->sandbox.user, "nobody");
    cr_assert_eq(e->demos[0].expect.verdict, VERDICT_OK);
    cr_assert_str_eq(e->demos[0].package, ".");
    cr_assert_null(e->demos[0].go_dir);
    cr_assert_str_eq(e->demos[0].exec.items[0], "true");
    cr_assert_eq(e->baseline, 0);
    experiment_free(e);
}

Test(manifest_load, only_regular_files_are_read, .init = enter_folder, .fini = leave_folder)
{
    write_file("m.yaml", smallest);
    cr_assert_eq(symlink("m.yaml", "link.yaml"), 0);
    cr_assert_eq(mkfifo("fifo.yaml", 0600), 0);
    assert_refused("link.yaml", "is a symbolic link");
    assert_refused("fifo.yaml", "is not a regular file");
    assert_refused(".", "is not a regular file");
    assert_refused("/dev/zero", "is not a regular file");
    assert_refused("/proc/self/mem/x", "Not a directory");
    assert_refused("absent.yaml", "No such file");
    assert_refused("a\x1b[31m.yaml", "open the manifest a\\x1b[31m.yaml");
}

Test(manifest_load, a_large_file_is_refused_unread, .init = enter_folder, .fini = leave_folder)
{
    int fd = open("large.yaml", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(ftruncate(fd, 100 << 20), 0);
    close(fd);
    assert_refused("large.yaml", "larger than a manifest may be");
}

Test(manifest_load, files_that_it_names_must_exist, .init = enter_folder, .fini = leave_folder)
{
    write_file(
        "m.yaml",
        "version: 1\nexperiment: x\ncontrols: {stdin: input}\nsandbox:\n  filesystem: {read: [/absent]}\n"
        "demos: [{name: a, build: {go: m.yaml}}]\n");
    assert_refused("m.yaml", "m.yaml:3:19: error: controls.stdin: 'input': No such file");
    assert_refused("m.yaml", "m.yaml:5:23: error: sandbox.filesystem.read: '/absent': No such file");
    assert_refused("m.yaml", "m.yaml:6:31: error: demos[].build.go: 'm.yaml': it is not a folder");
}
