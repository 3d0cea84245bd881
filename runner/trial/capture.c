#include "runner/trial/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define CHUNK        65536
#define DRAIN_CHUNKS 64 /* a flood must not starve the other sources of the loop */

int capture_open(struct capture *capture, int dir, const char *name, struct error *error)
{
    int ends[2];
    capture->read_end = capture->write_end = -1;
    capture->file = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (capture->file < 0)
        return error_set(error, ERROR_INTERNAL, errno, "create %s of a trial", name);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "make a pipe for %s", name);
    capture->read_end = ends[0];
    capture->write_end = ends[1];
    if (fcntl(capture->read_end, F_SETFL, O_NONBLOCK) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "prepare the pipe for %s", name);
    return 0;
}

void capture_close_write(struct capture *capture)
{
    fd_close(&capture->write_end);
}

static void keep(struct capture *capture, const char *bytes, size_t size)
{
    uint64_t room = CAPTURE_LIMIT - capture->kept;
    size_t take = size < room ? size : (size_t)room;
    if (take == 0 || capture->write_error)
        return;
    int result = fd_write_all(capture->file, bytes, take);
    if (result < 0)
        capture->write_error = -result;
    else
        capture->kept += take;
}

bool capture_drain(struct capture *capture)
{
    char chunk[CHUNK];
    for (int i = 0; i < DRAIN_CHUNKS && capture->read_end >= 0; i++) {
        ssize_t n = read(capture->read_end, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n <= 0) {
            fd_close(&capture->read_end);
            return false;
        }
        capture->seen += (uint64_t)n;
        if (capture->scan)
            capture->scan(capture->context, chunk, (size_t)n);
        keep(capture, chunk, (size_t)n);
    }
    return capture->read_end >= 0;
}

void capture_close(struct capture *capture)
{
    fd_close(&capture->write_end);
    fd_close(&capture->read_end);
    fd_close(&capture->file);
}
