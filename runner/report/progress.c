#include "runner/report/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runner/metrics/figure.h"
#include "runner/report/text.h"

enum { BAR = 24, WIDTH_UNKNOWN = 80 };

void progress_open(struct progress *progress, FILE *out, size_t total, uint64_t now_ns)
{
    int fd = fileno(out);
    struct winsize size = {0};
    *progress = (struct progress){.out = out, .total = total, .start_ns = now_ns};
    const char *kind = getenv("TERM"); /* "dumb": it cannot go back in its line */
    progress->terminal = fd >= 0 && isatty(fd) && !(kind && strcmp(kind, "dumb") == 0);
    bool told = progress->terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    progress->width = told ? size.ws_col : WIDTH_UNKNOWN;
}

/* What is left at the pace so far: "1m20s left". */
static void time_left(const struct progress *progress, uint64_t now_ns, char *text, size_t size)
{
    text[0] = 0;
    if (progress->done == 0 || now_ns < progress->start_ns)
        return;
    double each = (double)(now_ns - progress->start_ns) / (double)progress->done;
    double seconds = each * (double)(progress->total - progress->done) / 1e9;
    if (seconds >= 60)
        snprintf(text, size, ", %.0fm%02.0fs left", (double)(uint64_t)(seconds / 60),
                 seconds - 60 * (double)(uint64_t)(seconds / 60));
    else
        snprintf(text, size, ", %.0fs left", seconds);
}

/* Cuts clean text so that it takes at most `width` columns. */
static void cut(char *text, size_t width)
{
    size_t length = strlen(text);
    while (length > 0 && text_width(text) > width) {
        while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
            length--;
        if (length > 0)
            length--;
        text[length] = 0;
    }
}

static void draw(const struct progress *progress, uint64_t now_ns)
{
    char left[48];
    char line[256];
    size_t filled = progress->total ? progress->done * BAR / progress->total : 0;
    time_left(progress, now_ns, left, sizeof left);
    snprintf(line, sizeof line, "[%.*s%.*s] %zu/%zu%s  %s", (int)filled, "########################",
             (int)(BAR - filled), "........................", progress->done, progress->total, left,
             progress->trial);
    cut(line, progress->width - 1);
    fprintf(progress->out, "\r\033[K%s", line);
    fflush(progress->out);
}

void progress_begin(struct progress *progress, const char *demo, unsigned number, const char *role,
                    uint64_t now_ns)
{
    char text[256];
    snprintf(text, sizeof text, "%s/trial-%03u-%s", demo, number, role);
    text_clean(text, progress->trial, sizeof progress->trial);
    if (progress->terminal)
        draw(progress, now_ns);
}

void progress_end(struct progress *progress, const char *verdict, bool expected, uint64_t duration_ns,
                  uint64_t now_ns)
{
    char duration[32];
    char clean[32];
    if (progress->done < progress->total)
        progress->done++;
    figure_text((double)duration_ns, "ns", duration, sizeof duration);
    text_clean(verdict, clean, sizeof clean);
    if (!progress->terminal || !expected)
        fprintf(progress->out, "%s[%zu/%zu] %s: %s%s, %s\n", progress->terminal ? "\r\033[K" : "",
                progress->done, progress->total, progress->trial, clean, expected ? "" : " (not expected)",
                duration);
    if (progress->terminal)
        draw(progress, now_ns);
    fflush(progress->out);
}

void progress_note(struct progress *progress, const char *what, const char *text)
{
    char line[512];
    char clean[1024];
    snprintf(line, sizeof line, "%s %s", what, text);
    text_clean(line, clean, sizeof clean);
    fprintf(progress->out, "%s%s\n", progress->terminal ? "\r\033[K" : "", clean);
    fflush(progress->out);
}

void progress_close(struct progress *progress)
{
    if (progress->terminal)
        fputs("\r\033[K", progress->out);
    fflush(progress->out);
}
