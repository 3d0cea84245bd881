/* In a plain chroot, as build environments are: its root is a folder and no mount. */
#include "sandboxed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const folders[] = {"usr", "bin",  "sbin", "lib", "lib64",
                                      "etc", "proc", "sys",  "dev", "tmp"};

enum { FINE, WRONG, IN_A_CHROOT = 77 };

/* A folder with the host's own folders bound into it, and this process in it. No assertions: criterion knows
   nothing of the child that calls this. */
static int enter_chroot(const char *root)
{
    if (unshare(CLONE_NEWNS) < 0)
        return WRONG;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return errno == EINVAL ? IN_A_CHROOT : WRONG;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char from[32], to[128];
        snprintf(from, sizeof from, "/%s", folders[i]);
        snprintf(to, sizeof to, "%s/%s", root, folders[i]);
        if (mkdir(to, 0755) < 0)
            return WRONG;
        if (access(from, F_OK) == 0 && strcmp(folders[i], "tmp") != 0 &&
            mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
            return WRONG;
    }
    return chroot(root) < 0 || chdir("/") < 0 ? WRONG : FINE;
}

/* What the child ends with. */
static int run_in_chroot(const char *root, const char *outside)
{
    struct sandboxed result;
    char script[320];
    int entered = enter_chroot(root);
    if (entered != FINE)
        return entered;
    snprintf(script, sizeof script, "echo works; ls -d %s /../%s /proc/1/root/%s 2>/dev/null; ls /", outside,
             outside, outside);
    sandboxed_shell(script, &result);
    bool right = result.status.state == SANDBOX_ENDED && strncmp(result.output, "works\n", 6) == 0 &&
                 !strstr(result.output, "outside") && !strstr(result.output, "root\n");
    if (!right)
        fprintf(stderr, "%s\n%s\n", result.status.text, result.output);
    return right ? FINE : WRONG;
}

Test(sandbox_chroot, works_there_and_shows_nothing_from_outside)
{
    sandboxed_need_root();
    char root[] = "/tmp/runner-chroot-XXXXXX";
    char outside[64];
    cr_assert_not_null(mkdtemp(root));
    snprintf(outside, sizeof outside, "/tmp/runner-outside-%d", (int)getpid());
    cr_assert_eq(mkdir(outside, 0755), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(run_in_chroot(root, outside));
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    rmdir(outside);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        rmdir(path); /* its mounts were the child's alone */
    }
    cr_expect_eq(rmdir(root), 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == IN_A_CHROOT)
        cr_skip("these tests run in a chroot themselves");
    cr_assert_eq(status, 0);
}
