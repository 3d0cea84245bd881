#include "runner/load/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "runner/support/fd.h"

#define HEADER "due_ns,lag_ns,sent_ns,end_ns,status,bytes,connection,error\n"

static char *unpack(int fd, size_t room)
{
    off_t size = lseek(fd, 0, SEEK_END);
    AUTO_FREE char *packed = malloc((size_t)size);
    char *text = malloc(room);
    cr_assert_eq(pread(fd, packed, (size_t)size, 0), size);
    ZSTD_DCtx *stream = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed, (size_t)size, 0};
    ZSTD_outBuffer out = {text, room - 1, 0};
    cr_assert_eq(ZSTD_decompressStream(stream, &out, &in), 0);
    ZSTD_freeDCtx(stream);
    text[out.pos] = 0;
    return text;
}

Test(load_log, rows_have_empty_cells_for_what_there_was_not)
{
    AUTO_FD fd = memfd_create("log", MFD_CLOEXEC);
    struct load_log *log;
    cr_assert_eq(load_log_open(&log, fd, 1000, NULL), 0);
    const struct load_row rows[] = {
        {.due_ns = 1000,
         .lag_ns = 0,
         .sent_ns = 1010,
         .end_ns = 5000,
         .status = 200,
         .bytes = 0,
         .connection = 1},
        {.due_ns = 2000, .lag_ns = -1, .end_ns = 9000, .error = LOAD_NOT_SENT},
        {.due_ns = 3000,
         .lag_ns = 7,
         .sent_ns = 3010,
         .end_ns = UINT64_MAX,
         .connection = UINT64_MAX,
         .error = LOAD_RESET},
    };
    for (size_t i = 0; i < 3; i++)
        load_log_add(log, &rows[i]);
    load_log_finish(log);
    cr_assert_eq(load_log_rows(log), 3);
    cr_assert_eq(load_log_error(log), 0);
    load_log_free(log);
    AUTO_FREE char *text = unpack(fd, 4096);
    cr_assert_str_eq(text, HEADER "0,0,10,4000,200,0,1,\n"
                                  "1000,,,8000,,,,not_sent\n"
                                  "2000,7,2010,18446744073709550615,,,18446744073709551615,reset\n");
}

/* More rows than the ring holds, and no time for any of them. */
static void write_many(struct load_log *log, uint64_t count, bool works)
{
    for (uint64_t i = 0; i < count; i++) {
        load_log_add(log, &(struct load_row){
                              .due_ns = i, .lag_ns = 1, .sent_ns = i + 1, .end_ns = i + 2, .status = 200});
        if (works)
            load_log_work(log);
    }
    load_log_finish(log);
}

Test(load_log, no_row_is_lost_with_and_without_time_to_write)
{
    for (int works = 0; works < 2; works++) {
        AUTO_FD fd = memfd_create("log", MFD_CLOEXEC);
        struct load_log *log;
        cr_assert_eq(load_log_open(&log, fd, 0, NULL), 0);
        write_many(log, 100000, works);
        cr_assert_eq(load_log_rows(log), 100000);
        load_log_free(log);
        AUTO_FREE char *text = unpack(fd, 8 << 20);
        const char *at = text + strlen(HEADER);
        for (uint64_t i = 0; i < 100000; i++) {
            cr_assert_eq(strtoull(at, NULL, 10), i);
            at = strchr(at, '\n') + 1;
        }
        cr_assert_eq(*at, 0);
    }
}

Test(load_log, a_full_disk_is_remembered_and_rows_are_counted_on)
{
    AUTO_FD fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct load_log *log;
    cr_assert_eq(load_log_open(&log, fd, 0, NULL), 0);
    write_many(log, 100000, false);
    cr_assert_eq(load_log_error(log), ENOSPC);
    cr_assert_eq(load_log_rows(log), 100000);
    load_log_free(log);
}
