#include "runner/export/rows.h"

#include <errno.h>
#include <string.h>

void rows_flush(struct rows *rows)
{
    if (!rows->failed && fwrite(rows->buffer, 1, rows->used, rows->out) != rows->used)
        rows->failed = errno ? errno : EIO;
    rows->used = 0;
}

void row_begin(struct rows *rows)
{
    if (sizeof rows->buffer - rows->used < ROW_ROOM)
        rows_flush(rows);
}

void row_char(struct rows *rows, char c)
{
    rows->buffer[rows->used++] = c;
}

void row_text(struct rows *rows, const char *text)
{
    size_t size = strlen(text);
    memcpy(rows->buffer + rows->used, text, size);
    rows->used += size;
}

void row_number(struct rows *rows, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    memcpy(rows->buffer + rows->used, digits + at, sizeof digits - at);
    rows->used += sizeof digits - at;
}

void row_hex(struct rows *rows, uint64_t value)
{
    char digits[16];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value);
    row_text(rows, "0x");
    memcpy(rows->buffer + rows->used, digits + at, sizeof digits - at);
    rows->used += sizeof digits - at;
}

void row_header_numbers(const struct event_header *event, struct row_number numbers[ROW_HEADER_NUMBERS])
{
    numbers[0] = (struct row_number){"flags", event->flags};
    numbers[1] = (struct row_number){"seq", event->seq};
    numbers[2] = (struct row_number){"tid", event->tid};
    numbers[3] = (struct row_number){"pid", event->pid};
    numbers[4] = (struct row_number){"goid", event->goid};
}
