#include "tests/unit/test_gobin_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/build/toolchain.h"
#include "runner/support/fd.h"

static const char program[] = "package main\n"
                              "import (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n"
                              "func main() {\n"
                              "\tt := time.NewTimer(time.Second)\n"
                              "\tt.Reset(time.Second)\n"
                              "\tt.Stop()\n"
                              "\tc := make(chan int)\n"
                              "\tgo func() { c <- len(os.Args) }()\n"
                              "\tfmt.Println(<-c)\n"
                              "}\n";

static void write_file(int dir, const char *name, const char *text)
{
    AUTO_FD fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    cr_assert_geq(fd, 0, "create %s", name);
    cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
}

/* In the child. The cache is the build folder's own: `make clean` removes it. */
static void exec_go(const char *go, const char *folder, const char *cache, const char *const *arguments)
{
    char gocache[PATH_MAX + 64];
    char home[PATH_MAX + 64];
    snprintf(gocache, sizeof gocache, "GOCACHE=%s", cache);
    snprintf(home, sizeof home, "HOME=%s", folder);
    char *environment[] = {gocache,         home, "GOFLAGS=-mod=mod", "GOPROXY=off", "GOTOOLCHAIN=local",
                           "CGO_ENABLED=0", NULL};
    const char *argv[16] = {go, "build", "-o", "program"};
    size_t count = 4;
    for (size_t i = 0; arguments && arguments[i] && count < 14; i++)
        argv[count++] = arguments[i];
    argv[count] = ".";
    if (chdir(folder) == 0)
        execve(go, (char *const *)argv, environment);
    _exit(127);
}

int go_fixture(uint32_t minor, const char *const *arguments)
{
    struct toolchain toolchain;
    if (toolchain_find(minor, &toolchain, NULL) < 0)
        cr_skip("there is no Go 1.%u toolchain on this host", minor);
    char folder[] = "/tmp/runner-test-gobin-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    write_file(dir, "main.go", program);
    write_file(dir, "go.mod", "module example.org/fixture\n\ngo 1.19\n");
    char here[PATH_MAX];
    char cache[PATH_MAX + 32];
    cr_assert_not_null(getcwd(here, sizeof here));
    snprintf(cache, sizeof cache, "%s/build/go-cache", here);
    if (fd_make_path(AT_FDCWD, cache) < 0 || access(cache, W_OK) < 0) /* a read-only tree */
        snprintf(cache, sizeof cache, "%s/cache", folder);
    pid_t child = fork();
    if (child == 0)
        exec_go(toolchain.go, folder, cache, arguments);
    int status = 0;
    waitpid(child, &status, 0);
    int binary = openat(dir, "program", O_RDWR | O_CLOEXEC);
    fd_remove_tree(AT_FDCWD, folder);
    toolchain_free(&toolchain);
    cr_assert_eq(status, 0, "go build failed");
    cr_assert_geq(binary, 0);
    return binary;
}
