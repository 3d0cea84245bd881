#include "runner/support/fd.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct folder {
    char path[64];
    int dir;
};

static struct folder make_folder(void)
{
    struct folder folder = {"/tmp/runner-test-fd-XXXXXX", -1};
    cr_assert_not_null(mkdtemp(folder.path));
    folder.dir = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(folder.dir, 0);
    return folder;
}

static void remove_folder(struct folder *folder)
{
    fd_close(&folder->dir);
    cr_assert_eq(fd_remove_tree(AT_FDCWD, folder->path), 0);
    cr_assert_eq(access(folder->path, F_OK), -1);
}

static void put(int dir, const char *name, const void *data, size_t size)
{
    AUTO_FD fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_assert_geq(fd, 0);
    cr_assert_eq(fd_write_all(fd, data, size), 0);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

Test(fd, a_descriptor_is_closed_at_the_end_of_its_scope)
{
    int number;
    {
        AUTO_FD fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        number = fd;
        cr_assert(is_open(number));
    }
    cr_assert_not(is_open(number));
}

Test(fd, a_taken_descriptor_survives_its_scope)
{
    int number;
    {
        AUTO_FD fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        number = fd_take(&fd);
        cr_assert_eq(fd, -1);
    }
    cr_assert(is_open(number));
    errno = EXDEV;
    fd_close(&number);
    cr_assert_eq(errno, EXDEV, "closing keeps errno");
    cr_assert_eq(number, -1);
    fd_close(&number);
}

struct slow_reader {
    int fd;
    size_t total;
};

static void *read_slowly(void *argument)
{
    struct slow_reader *slow = argument;
    char few[1000];
    ssize_t n;
    while ((n = read(slow->fd, few, sizeof few)) > 0)
        slow->total += (size_t)n;
    return NULL;
}

/* A pipe takes 64 KiB at a time: write(2) is short or waits, and the rest must follow. */
Test(fd, all_bytes_are_written_to_a_pipe_that_takes_few_at_a_time)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    struct slow_reader slow = {.fd = ends[0]};
    pthread_t reader;
    cr_assert_eq(pthread_create(&reader, NULL, read_slowly, &slow), 0);
    enum { SIZE = 1 << 20 };
    AUTO_FREE char *data = calloc(1, SIZE);
    cr_assert_eq(fd_write_all(ends[1], data, SIZE), 0);
    fd_close(&ends[1]);
    pthread_join(reader, NULL);
    cr_assert_eq(slow.total, SIZE);
    fd_close(&ends[0]);
}

Test(fd, a_write_that_fails_tells_why)
{
    AUTO_FD full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    cr_assert_eq(fd_write_all(full, "x", 1), -ENOSPC);
    cr_assert_eq(fd_write_all(-1, "x", 1), -EBADF);
    cr_assert_eq(fd_write_all(-1, "x", 0), 0, "nothing to write");
}

Test(fd, a_file_is_read_up_to_its_limit)
{
    struct folder folder = make_folder();
    enum { SIZE = 100000 };
    AUTO_FREE char *written = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        written[i] = (char)(i * 7 + i / 256);
    put(folder.dir, "file", written, SIZE);
    AUTO_FREE char *data = NULL;
    size_t size = 0;
    cr_assert_eq(fd_read_file(folder.dir, "file", SIZE, &data, &size), 0);
    cr_assert_eq(size, SIZE);
    cr_assert_arr_eq(data, written, SIZE);
    cr_assert_eq(data[SIZE], 0, "a NUL stands behind it");
    char *none = NULL;
    cr_assert_eq(fd_read_file(folder.dir, "file", SIZE - 1, &none, &size), -EFBIG);
    cr_assert_null(none);
    cr_assert_eq(fd_read_file(folder.dir, "missing", SIZE, &none, &size), -ENOENT);
    remove_folder(&folder);
}

Test(fd, an_empty_file_is_an_empty_text)
{
    struct folder folder = make_folder();
    put(folder.dir, "empty", "", 0);
    AUTO_FREE char *data = NULL;
    size_t size = 1;
    cr_assert_eq(fd_read_file(folder.dir, "empty", 0, &data, &size), 0);
    cr_assert_eq(size, 0);
    cr_assert_str_empty(data);
    remove_folder(&folder);
}

/* Files of /proc have no size that stat(2) knows. */
Test(fd, a_proc_file_is_read_whole)
{
    AUTO_FREE char *status = NULL;
    size_t size = 0;
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/status", 1 << 20, &status, &size), 0);
    cr_assert_not_null(strstr(status, "\nPid:"));
    cr_assert_eq(strlen(status), size);
}

Test(fd, a_text_loses_one_newline_and_what_does_not_fit)
{
    struct folder folder = make_folder();
    put(folder.dir, "text", "max 100000\n\n", 12);
    char text[32];
    cr_assert_eq(fd_read_text(folder.dir, "text", text, sizeof text), 0);
    cr_assert_str_eq(text, "max 100000\n");
    char few[4];
    cr_assert_eq(fd_read_text(folder.dir, "text", few, sizeof few), 0);
    cr_assert_str_eq(few, "max");
    cr_assert_eq(fd_read_text(folder.dir, "missing", text, sizeof text), -ENOENT);
    remove_folder(&folder);
}

Test(fd, a_text_is_written_only_to_a_file_that_exists)
{
    struct folder folder = make_folder();
    cr_assert_eq(fd_write_text(folder.dir, "cpu.max", "max"), -ENOENT);
    put(folder.dir, "cpu.max", "", 0);
    cr_assert_eq(fd_write_text(folder.dir, "cpu.max", "50000 100000"), 0);
    char text[32];
    cr_assert_eq(fd_read_text(folder.dir, "cpu.max", text, sizeof text), 0);
    cr_assert_str_eq(text, "50000 100000");
    remove_folder(&folder);
}

Test(fd, a_path_is_made_with_all_its_parts)
{
    struct folder folder = make_folder();
    cr_assert_eq(fd_make_path(folder.dir, "a/b/c"), 0);
    cr_assert_eq(fd_make_path(folder.dir, "a/b/c"), 0, "again is no error");
    struct stat facts;
    cr_assert_eq(fstatat(folder.dir, "a/b/c", &facts, 0), 0);
    cr_assert(S_ISDIR(facts.st_mode));
    put(folder.dir, "file", "x", 1);
    cr_assert_eq(fd_make_path(folder.dir, "file/d"), -ENOTDIR);
    remove_folder(&folder);
}

Test(fd, a_tree_is_removed_without_following_links)
{
    struct folder folder = make_folder();
    struct folder other = make_folder();
    put(other.dir, "precious", "x", 1);
    cr_assert_eq(fd_make_path(folder.dir, "tree/deep/er"), 0);
    put(folder.dir, "tree/deep/file", "x", 1);
    cr_assert_eq(symlinkat(other.path, folder.dir, "tree/link"), 0);
    cr_assert_eq(symlinkat("nowhere", folder.dir, "tree/deep/dangling"), 0);
    cr_assert_eq(mkfifoat(folder.dir, "tree/fifo", 0600), 0);
    cr_assert_eq(fd_remove_tree(folder.dir, "tree"), 0);
    cr_assert_eq(faccessat(folder.dir, "tree", F_OK, AT_SYMLINK_NOFOLLOW), -1);
    cr_assert_eq(faccessat(other.dir, "precious", F_OK, 0), 0, "the link's target stays");
    cr_assert_eq(fd_remove_tree(folder.dir, "tree"), 0, "what is missing is removed");
    remove_folder(&folder);
    remove_folder(&other);
}

static void check_copy(int from, int to, size_t size)
{
    cr_assert_eq(lseek(from, 0, SEEK_SET), 0);
    cr_assert_eq(fd_copy(from, to), 0);
    AUTO_FREE char *a = malloc(size);
    AUTO_FREE char *b = malloc(size + 1);
    cr_assert_eq(pread(from, a, size, 0), (ssize_t)size);
    cr_assert_eq(pread(to, b, size + 1, 0), (ssize_t)size);
    cr_assert_arr_eq(a, b, size);
}

Test(fd, a_copy_has_the_same_content)
{
    enum { SIZE = 200000 };
    struct folder folder = make_folder();
    AUTO_FREE char *data = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (char)(i * 31);
    put(folder.dir, "from", data, SIZE);
    AUTO_FD from = openat(folder.dir, "from", O_RDONLY | O_CLOEXEC);
    AUTO_FD to = openat(folder.dir, "to", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    check_copy(from, to, SIZE);
    AUTO_FD other = memfd_create("copy", MFD_CLOEXEC);
    check_copy(from, other, SIZE); /* another file system */
    remove_folder(&folder);
}

/* copy_file_range(2) says 0 at once for files of /proc, whose size is 0: the reading must not stop there. */
Test(fd, a_proc_file_is_copied_whole)
{
    AUTO_FD from = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    AUTO_FD to = memfd_create("copy", MFD_CLOEXEC);
    cr_assert_eq(fd_copy(from, to), 0);
    cr_assert_gt(lseek(to, 0, SEEK_END), 0);
}

Test(fd, the_monotonic_clock_goes_on)
{
    uint64_t before = clock_monotonic_ns();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t between = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    uint64_t after = clock_monotonic_ns();
    cr_assert(before <= between && between <= after);
}
