#include "tests/unit/test_gobin_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/build/toolchain.h"
#include "runner/gobin/versions.h"
#include "runner/support/fd.h"

static int open_fixture(uint32_t minor, const char *kind)
{
    char path[64];
    snprintf(path, sizeof path, "build/gobin/%s-1.%u", kind, minor);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static void expect_no_toolchain(uint32_t minor)
{
    struct toolchain toolchain;
    if (toolchain_find(minor, &toolchain, NULL) < 0)
        return;
    toolchain_free(&toolchain);
    cr_assert_fail("Go 1.%u is installed, but build/gobin has no program of it: run `make go-programs`",
                   minor);
}

size_t go_fixture_minors(uint32_t minors[FIXTURE_MINORS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < version_count(); i++) {
        AUTO_FD fd = open_fixture(version_at(i), "plain");
        if (fd >= 0)
            minors[count++] = version_at(i);
        else
            expect_no_toolchain(version_at(i));
    }
    if (count == 0)
        cr_skip("there is no Go program in build/gobin: run `make go-programs`");
    return count;
}

int go_fixture(uint32_t minor, const char *kind)
{
    AUTO_FD fd = open_fixture(minor, kind);
    if (fd < 0) {
        expect_no_toolchain(minor);
        cr_skip("there is no Go 1.%u toolchain on this host", minor);
    }
    struct stat status;
    cr_assert_eq(fstat(fd, &status), 0);
    int copy = memfd_create(kind, MFD_CLOEXEC);
    cr_assert_geq(copy, 0);
    for (off_t at = 0; at < status.st_size;)
        cr_assert_gt(sendfile(copy, fd, &at, (size_t)(status.st_size - at)), 0);
    return copy;
}
