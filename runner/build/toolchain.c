#include "runner/build/toolchain.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/build/build.h"
#include "runner/gobin/gobin.h"
#include "runner/support/fd.h"

void toolchain_free(struct toolchain *toolchain)
{
    free(toolchain->go);
    free(toolchain->root);
    *toolchain = (struct toolchain){0};
}

/* "go1.23.5": 5; release candidates and development versions: 0. */
static uint32_t patch_of(const char *version)
{
    const char *dot = strncmp(version, "go1.", 4) == 0 ? strchr(version + 4, '.') : NULL;
    return dot ? (uint32_t)strtoul(dot + 1, NULL, 10) : 0;
}

/* Reads the version out of the go command's file; false for what is no Go program (a wrapper script, say) or
   cannot be executed. */
static bool read_version(struct toolchain *toolchain)
{
    AUTO_FD fd = open(toolchain->go, O_RDONLY | O_CLOEXEC);
    struct gobin *binary;
    if (fd < 0 || access(toolchain->go, X_OK) < 0 || gobin_open(fd, toolchain->go, &binary, NULL) < 0)
        return false;
    const char *version = gobin_version(binary);
    toolchain->minor = gobin_minor(binary);
    bool usable =
        toolchain->minor && strcmp(gobin_main_path(binary) ? gobin_main_path(binary) : "", "cmd/go") == 0;
    if (usable) {
        snprintf(toolchain->version, sizeof toolchain->version, "%s", version);
        toolchain->patch = patch_of(version);
    }
    gobin_close(binary);
    return usable;
}

/* Fills in what `path` (possibly a link) leads to: ROOT/bin/go. */
static bool examine(const char *path, struct toolchain *toolchain)
{
    *toolchain = (struct toolchain){.go = realpath(path, NULL)};
    if (!toolchain->go)
        return false;
    size_t length = strlen(toolchain->go);
    static const char tail[] = "/bin/go";
    if (length > sizeof tail - 1 && strcmp(toolchain->go + length - (sizeof tail - 1), tail) == 0)
        toolchain->root = strndup(toolchain->go, length - (sizeof tail - 1));
    if (toolchain->root && read_version(toolchain))
        return true;
    toolchain_free(toolchain);
    return false;
}

/* Keeps the newer one of *best and what is at `path`. */
static void consider(const char *path, uint32_t minor, struct toolchain *best)
{
    struct toolchain candidate;
    if (!examine(path, &candidate))
        return;
    bool wanted = !minor || candidate.minor == minor;
    bool newer = !best->go || candidate.minor > best->minor ||
                 (candidate.minor == best->minor && candidate.patch > best->patch);
    if (wanted && newer) {
        toolchain_free(best);
        *best = candidate;
    } else {
        toolchain_free(&candidate);
    }
}

static void consider_path(uint32_t minor, struct toolchain *best)
{
    const char *path = getenv("PATH");
    AUTO_FREE char *copy = path ? strdup(path) : NULL;
    char *rest = copy;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        char *candidate = NULL;
        if (folder[0] == '/' && asprintf(&candidate, "%s/go", folder) > 0)
            consider(candidate, minor, best);
        free(candidate);
    }
}

int toolchain_find(uint32_t minor, struct toolchain *toolchain, struct error *error)
{
    *toolchain = (struct toolchain){0};
    consider_path(minor, toolchain);
    consider("/usr/local/go/bin/go", minor, toolchain);
    glob_t found;
    if (glob("/usr/lib/go-1.*/bin/go", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            consider(found.gl_pathv[i], minor, toolchain);
        globfree(&found);
    }
    if (toolchain->go)
        return 0;
    char wanted[32] = "";
    if (minor)
        snprintf(wanted, sizeof wanted, " 1.%u", minor);
    return error_mend(
        error, ERROR_HOST, ENOENT,
        "Install golang-go (Debian 12: golang-1.23-go from bookworm-backports) or put go into PATH",
        "find a Go%s toolchain in PATH, /usr/local/go and /usr/lib/go-1.*", wanted);
}

char *build_find_toolchain(char version[32], struct error *error)
{
    struct toolchain toolchain;
    if (toolchain_find(0, &toolchain, error) < 0)
        return NULL;
    memcpy(version, toolchain.version, sizeof toolchain.version);
    char *go = toolchain.go;
    toolchain.go = NULL;
    toolchain_free(&toolchain);
    return go;
}
