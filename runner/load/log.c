#include "runner/load/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "runner/support/fd.h"

enum { SLICE = 16384, SLICES = 64, ROW_MAX = 256, WINDOW_LOG = 15 };

struct slice {
    size_t used;
    char text[SLICE];
};

struct load_log {
    int fd;
    int error;
    uint64_t origin_ns, rows;
    ZSTD_CCtx *stream;
    char *packed;
    size_t packed_size;
    size_t first, count; /* full slices; the one behind them is being filled */
    struct slice slices[SLICES];
};

static struct slice *open_slice(struct load_log *log)
{
    return &log->slices[(log->first + log->count) % SLICES];
}

/* Compresses `size` bytes, and with ZSTD_e_end the rest and the end mark. */
static void pack(struct load_log *log, const char *text, size_t size, ZSTD_EndDirective directive)
{
    ZSTD_inBuffer in = {.src = text, .size = size};
    for (;;) {
        if (log->error)
            return;
        ZSTD_outBuffer out = {.dst = log->packed, .size = log->packed_size};
        size_t left = ZSTD_compressStream2(log->stream, &out, &in, directive);
        if (ZSTD_isError(left)) {
            log->error = EIO;
            return;
        }
        int result = fd_write_all(log->fd, log->packed, out.pos);
        if (result < 0)
            log->error = -result;
        if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size)
            return;
    }
}

int load_log_open(struct load_log **log, int fd, uint64_t origin_ns, struct error *error)
{
    static const char header[] = "due_ns,lag_ns,sent_ns,end_ns,status,bytes,connection,error\n";
    struct load_log *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make the load's log");
    made->fd = fd;
    made->origin_ns = origin_ns;
    made->stream = ZSTD_createCCtx();
    made->packed_size = ZSTD_CStreamOutSize();
    made->packed = malloc(made->packed_size);
    if (!made->stream || !made->packed ||
        ZSTD_isError(ZSTD_CCtx_setParameter(made->stream, ZSTD_c_compressionLevel, 1)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(made->stream, ZSTD_c_windowLog, WINDOW_LOG)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(made->stream, ZSTD_c_checksumFlag, 1))) {
        load_log_free(made);
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make the load's log");
    }
    struct slice *slice = open_slice(made);
    memcpy(slice->text, header, sizeof header - 1);
    slice->used = sizeof header - 1;
    *log = made;
    return 0;
}

static char *put_number(char *at, uint64_t value)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count)
        *at++ = digits[--count];
    return at;
}

static char *put_cell(char *at, bool known, uint64_t value)
{
    if (known)
        at = put_number(at, value);
    *at++ = ',';
    return at;
}

void load_log_add(struct load_log *log, const struct load_row *row)
{
    log->rows++;
    if (log->error)
        return;
    struct slice *slice = open_slice(log);
    if (slice->used + ROW_MAX > SLICE) {
        log->count++;
        if (log->count == SLICES)
            load_log_work(log);
        slice = open_slice(log);
        slice->used = 0;
    }
    char *at = slice->text + slice->used;
    at = put_cell(at, true, row->due_ns - log->origin_ns);
    at = put_cell(at, row->lag_ns >= 0, (uint64_t)row->lag_ns);
    at = put_cell(at, row->sent_ns != 0, row->sent_ns - log->origin_ns);
    at = put_cell(at, true, row->end_ns - log->origin_ns);
    at = put_cell(at, row->status != 0, row->status);
    at = put_cell(at, row->status != 0, row->bytes);
    at = put_cell(at, row->connection != 0, row->connection);
    at = stpcpy(at, load_error_name(row->error));
    *at++ = '\n';
    slice->used = (size_t)(at - slice->text);
}

bool load_log_work(struct load_log *log)
{
    if (log->count == 0)
        return false;
    const struct slice *slice = &log->slices[log->first];
    pack(log, slice->text, slice->used, ZSTD_e_continue);
    log->first = (log->first + 1) % SLICES;
    log->count--;
    return true;
}

void load_log_finish(struct load_log *log)
{
    while (load_log_work(log))
        ;
    struct slice *slice = open_slice(log);
    pack(log, slice->text, slice->used, ZSTD_e_end);
    slice->used = 0;
}

int load_log_error(const struct load_log *log)
{
    return log->error;
}

uint64_t load_log_rows(const struct load_log *log)
{
    return log->rows;
}

void load_log_free(struct load_log *log)
{
    if (!log)
        return;
    ZSTD_freeCCtx(log->stream);
    free(log->packed);
    free(log);
}
