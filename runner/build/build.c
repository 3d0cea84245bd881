#include "runner/build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/build/compile.h"
#include "runner/build/copies.h"
#include "runner/build/program.h"
#include "runner/build/source.h"
#include "runner/support/fd.h"

/* Who builds: COMPILE_USER when we are root, else we ourselves. */
struct builder {
    uid_t uid;
    gid_t gid;
};

/* The folders of one build, below the staging folder; removed when it is done. */
struct folders {
    char *work, *source, *out, *tmp, *cache;
};

static void folders_free(struct folders *folders)
{
    if (folders->work)
        fd_remove_tree(AT_FDCWD, folders->work);
    free(folders->work);
    free(folders->source);
    free(folders->out);
    free(folders->tmp);
    free(folders->cache);
}

static char *joined(const char *folder, const char *separator, const char *name)
{
    char *path;
    return asprintf(&path, "%s%s%s", folder, separator, name) < 0 ? NULL : path;
}

static int find_builder(struct builder *builder, struct error *error)
{
    *builder = (struct builder){(uid_t)-1, (gid_t)-1};
    if (geteuid() != 0)
        return 0;
    errno = 0;
    const struct passwd *user = getpwnam(COMPILE_USER);
    if (!user)
        return error_mend(error, ERROR_HOST, errno, "Add it: builds do not run as root",
                          "find the user " COMPILE_USER " in the user database");
    *builder = (struct builder){user->pw_uid, user->pw_gid};
    return 0;
}

static char *cache_path(const struct build_options *options)
{
    const char *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (options->cache)
        return strdup(options->cache);
    if (base && base[0] == '/')
        return joined(base, "/", "runner/go-build");
    if (geteuid() == 0 || !home || home[0] != '/')
        return strdup("/var/cache/runner/go-build");
    return joined(home, "/", ".cache/runner/go-build");
}

static int make_folder(const char *path, const struct builder *builder, struct error *error)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return error_set(error, ERROR_INTERNAL, errno, "make the folder %s for a build", path);
    AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (builder->uid != (uid_t)-1 && fchown(fd, builder->uid, builder->gid) < 0))
        return error_set(error, ERROR_INTERNAL, errno, "give the folder %s to the build's user", path);
    return 0;
}

static int make_folders(const struct demo *demo, const struct build_options *options,
                        const struct builder *builder, struct folders *folders, struct error *error)
{
    *folders = (struct folders){
        .work = joined(options->staging, "/", demo->name),
        .cache = cache_path(options),
    };
    if (folders->work) {
        folders->source = joined(folders->work, "/", "src");
        folders->out = joined(folders->work, "/", "out");
        folders->tmp = joined(folders->work, "/", "out/tmp");
    }
    if (!folders->source || !folders->out || !folders->tmp || !folders->cache)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "build demo %s", demo->name);
    int result = fd_make_path(AT_FDCWD, folders->cache);
    if (result < 0)
        return error_mend(error, ERROR_HOST, -result, "Set XDG_CACHE_HOME to a folder that can be written",
                          "make the build cache %s", folders->cache);
    if (mkdir(folders->work, 0711) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "make the folder %s for a build", folders->work);
    result = make_folder(folders->cache, builder, error);
    if (result == 0)
        result = make_folder(folders->out, builder, error);
    if (result == 0)
        result = make_folder(folders->tmp, builder, error);
    return result;
}

/* Moves what is known of the copies and their build info into the result. */
static int fill_result(struct build *build, struct copies *copies, const char *file, struct error *error)
{
    build->executable_bare = copies->bare;
    build->executable_observed = copies->observed;
    build->binary = copies->binary;
    memcpy(build->sha256, copies->sha256, sizeof build->sha256);
    *copies = (struct copies){0};
    build->inside = joined("/demo", "/", file);
    if (!build->inside)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "build %s", file);
    for (size_t i = 0; build->binary && i < gobin_setting_count(build->binary); i++) {
        const char *key;
        const char *value;
        gobin_setting(build->binary, i, &key, &value);
        if (strcmp(key, "DefaultGODEBUG") == 0 && !build->godebug_default)
            build->godebug_default = strdup(value);
    }
    return 0;
}

/* --- exec: ------------------------------------------------------------------------------------------------
 */

static int take_program(const struct demo *demo, const struct build_options *options, struct build *build,
                        struct error *error)
{
    struct copies copies = {0};
    AUTO_FREE char *path = NULL;
    AUTO_FD fd = -1;
    int result = program_open(demo->exec.items[0], demo->name, &path, &fd, error);
    if (result == 0)
        result = copies_make(fd, options->staging, demo->name, true, path, &copies, error);
    if (result == 0)
        result = fill_result(build, &copies, strrchr(path, '/') + 1, error);
    copies_free(&copies);
    return result;
}

/* --- build: -----------------------------------------------------------------------------------------------
 */

static int run_compiler(const struct compile_job *job, const struct source *source, struct build *build,
                        struct error *error)
{
    struct build_log *log = calloc(1, sizeof *log);
    if (!log)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "build demo %s", job->name);
    log_add(log, source->facts.notes, strlen(source->facts.notes));
    int result = compile_run(job, log, error);
    build->log = log_text(log);
    free(log);
    return result;
}

static int take_result(const struct demo *demo, const struct build_options *options,
                       const struct folders *folders, struct build *build, struct error *error)
{
    AUTO_FREE char *path = joined(folders->out, "/", "program");
    AUTO_FD fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return error_set(error, ERROR_DEMO, 0, "demo %s does not build: go build left no program behind",
                         demo->name);
    AUTO_FREE char *label = joined("demo ", "", demo->name);
    struct copies copies;
    int result =
        copies_make(fd, options->staging, demo->name, false, label ? label : demo->name, &copies, error);
    if (result == 0)
        result = fill_result(build, &copies, demo->name, error);
    copies_free(&copies);
    return result;
}

static int compile_source(const struct demo *demo, const struct build_options *options,
                          const struct folders *folders, const struct builder *builder, struct build *build,
                          struct error *error)
{
    struct toolchain toolchain;
    int result = toolchain_find(0, &toolchain, error);
    if (result < 0)
        return result;
    if (asprintf(&build->toolchain, "%s %s", toolchain.version, toolchain.go) < 0)
        build->toolchain = NULL;
    struct source source;
    result = source_stage(demo->go_dir, folders->source, builder->uid, builder->gid, &source, error);
    AUTO_FREE char *cwd = result == 0 ? joined("/src", "", source.below) : NULL;
    if (cwd) {
        struct compile_job job = {
            .name = demo->name,
            .toolchain = &toolchain,
            .source = folders->source,
            .out = folders->out,
            .cache = folders->cache,
            .cwd = cwd,
            .package = demo->package,
            .vendored = source.vendored,
            .options = options,
        };
        memcpy(build->source_sha256, source.facts.sha256, sizeof build->source_sha256);
        build->environment = compile_environment(&job);
        build->go_line = source.go_line;
        source.go_line = NULL;
        result = run_compiler(&job, &source, build, error);
    } else if (result == 0) {
        result = error_set(error, ERROR_INTERNAL, ENOMEM, "build demo %s", demo->name);
    }
    source_free(&source);
    toolchain_free(&toolchain);
    return result;
}

static int build_source(const struct demo *demo, const struct build_options *options, struct build *build,
                        struct error *error)
{
    struct builder builder;
    int result = find_builder(&builder, error);
    if (result < 0)
        return result;
    struct folders folders;
    result = make_folders(demo, options, &builder, &folders, error);
    if (result == 0)
        result = compile_source(demo, options, &folders, &builder, build, error);
    if (result == 0)
        result = take_result(demo, options, &folders, build, error);
    folders_free(&folders);
    return result;
}

int build_demo(const struct demo *demo, const struct build_options *options, struct build *build,
               struct error *error)
{
    *build = (struct build){0};
    if (demo->name[0] == '.' || strchr(demo->name, '/')) /* it names files in the staging folder */
        return error_set(error, ERROR_USAGE, 0, "demo name %s cannot be a file name", demo->name);
    uint64_t start = clock_monotonic_ns();
    int result =
        demo->go_dir ? build_source(demo, options, build, error) : take_program(demo, options, build, error);
    build->build_ns = clock_monotonic_ns() - start;
    return result;
}

void build_free(struct build *build)
{
    gobin_close(build->binary);
    free(build->executable_bare);
    free(build->executable_observed);
    free(build->inside);
    free(build->toolchain);
    free(build->go_line);
    free(build->godebug_default);
    free(build->environment);
    free(build->log);
    *build = (struct build){0};
}
