#include "runner/trial/capture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"

static uint64_t scanned;

static void count(void *context, const char *bytes, size_t size)
{
    (void)bytes;
    *(uint64_t *)context += size;
}

Test(capture, a_flood_is_kept_up_to_the_bound_and_counted_beyond_it)
{
    char folder[] = "/tmp/capture-XXXXXX";
    cr_assert(mkdtemp(folder));
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error error = {0};
    struct capture capture = {.scan = count, .context = &scanned};
    cr_assert_eq(capture_open(&capture, dir, "stdout", &error), 0, "%s", error.text);
    const uint64_t flood = 3ull * CAPTURE_LIMIT + 17;
    pid_t child = fork();
    if (child == 0) {
        char block[4096] = {0};
        for (uint64_t left = flood; left;) {
            size_t size = left < sizeof block ? (size_t)left : sizeof block;
            fd_write_all(capture.write_end, block, size);
            left -= size;
        }
        _exit(0);
    }
    capture_close_write(&capture);
    while (capture_drain(&capture))
        ;
    waitpid(child, NULL, 0);
    struct stat facts;
    fstat(capture.file, &facts);
    cr_expect_eq(capture.seen, flood);
    cr_expect_eq(capture.kept, CAPTURE_LIMIT);
    cr_expect_eq(facts.st_size, CAPTURE_LIMIT);
    cr_expect_eq(scanned, flood);
    capture_close(&capture);
    fd_remove_tree(AT_FDCWD, folder);
}
