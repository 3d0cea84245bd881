#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/reader.h"
#include "runner/trace/trace.h"

int64_t trace_recover(int dir, struct error *error)
{
    struct trace_reader *reader = NULL;
    int result = trace_reader_open(dir, &reader, error);
    if (result < 0)
        return result;
    const struct event_header *event;
    struct error fault = {0};
    while ((result = trace_read(reader, &event, &fault)) > 0)
        ;
    uint64_t whole = trace_reader_whole_bytes(reader);
    uint64_t size = trace_reader_file_size(reader);
    trace_reader_close(reader);
    if (result < 0 && fault.class != ERROR_USAGE) {
        *error = fault;
        return result;
    }
    if (whole == size)
        return 0;
    AUTO_FD fd = openat(dir, "stream", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || ftruncate(fd, (off_t)whole) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "cut trace/stream back to its last whole packet");
    return (int64_t)(size - whole);
}
