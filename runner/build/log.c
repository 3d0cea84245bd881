#include "runner/build/log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void log_add(struct build_log *log, const char *bytes, size_t size)
{
    size_t room = LOG_HEAD_MAX - log->head_size;
    size_t first = size < room ? size : room;
    memcpy(log->head + log->head_size, bytes, first);
    log->head_size += first;
    for (size_t i = first; i < size; i++)
        log->tail[log->tail_total++ % LOG_TAIL_MAX] = bytes[i];
}

char *log_text(const struct build_log *log)
{
    char *text = malloc(LOG_HEAD_MAX + LOG_TAIL_MAX + 64);
    if (!text)
        return NULL;
    size_t used = log->head_size;
    memcpy(text, log->head, used);
    uint64_t from = 0;
    if (log->tail_total > LOG_TAIL_MAX) {
        from = log->tail_total - LOG_TAIL_MAX;
        used += (size_t)sprintf(text + used, "\n[%" PRIu64 " bytes are left out]\n", from);
    }
    for (uint64_t i = from; i < log->tail_total; i++)
        text[used++] = log->tail[i % LOG_TAIL_MAX];
    for (size_t i = 0; i < used; i++)
        if (text[i] == 0)
            text[i] = ' ';
    text[used] = 0;
    return text;
}

void log_first_error(const char *text, char *line, size_t size)
{
    line[0] = 0;
    while (*text) {
        size_t length = strcspn(text, "\n");
        bool skip = length == 0 || strncmp(text, "# ", 2) == 0 || strncmp(text, "go: downloading ", 16) == 0;
        if (!skip) {
            snprintf(line, size, "%.*s", (int)(length < size ? length : size - 1), text);
            break;
        }
        text += length + (text[length] == '\n');
    }
    for (unsigned char *at = (unsigned char *)line; *at; at++)
        if (*at < 0x20 || *at == 0x7f)
            *at = '?';
}
