#include "runner/report/progress.h"

#include <criterion/criterion.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/report/text.h"

#define SECOND 1000000000u

Test(report_progress, elsewhere_than_on_a_terminal_a_trial_is_a_line)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct progress progress;
    progress_open(&progress, out, 2, 0);
    progress_begin(&progress, "pool", 1, "bare", 0);
    progress_end(&progress, "ok", true, SECOND, SECOND);
    progress_begin(&progress, "pool", 2, "observed", SECOND);
    progress_end(&progress, "panic", false, SECOND / 2, 2 * (uint64_t)SECOND);
    progress_close(&progress);
    fclose(out);
    cr_assert_str_eq(text, "[1/2] pool/trial-001-bare: ok, 1.00 s\n"
                           "[2/2] pool/trial-002-observed: panic (not expected), 500 ms\n");
    free(text);
}

Test(report_progress, on_a_terminal_a_bar_is_drawn_over_itself_and_fits_the_width)
{
    int main_fd;
    int terminal_fd;
    struct winsize narrow = {.ws_row = 24, .ws_col = 50};
    if (openpty(&main_fd, &terminal_fd, NULL, NULL, &narrow) < 0)
        cr_skip("this host has no pseudo-terminals");
    FILE *out = fdopen(terminal_fd, "w");
    struct progress progress;
    setenv("TERM", "dumb", 1);
    progress_open(&progress, out, 4, 0);
    cr_assert_not(progress.terminal, "it cannot go back in its line");
    setenv("TERM", "xterm", 1);
    progress_open(&progress, out, 4, 0);
    cr_assert(progress.terminal);
    progress_begin(&progress, "a-demo-with-a-very-long-name-that-does-not-fit", 1, "bare", 0);
    progress_end(&progress, "ok", true, SECOND, 30 * (uint64_t)SECOND);
    progress_close(&progress);
    fclose(out);
    char text[1024];
    size_t used = 0;
    ssize_t size; /* -EIO ends what the other side wrote before it closed */
    while (used < sizeof text - 1 && (size = read(main_fd, text + used, sizeof text - 1 - used)) > 0)
        used += (size_t)size;
    text[used] = 0;
    close(main_fd);
    cr_assert_null(strchr(text, '\n'), "one line is enough");
    cr_assert_not_null(strstr(text, "[######..................] 1/4, 1m30s left"), "%s", text);
    for (char *rest = NULL, *line = strtok_r(text, "\r", &rest); line; line = strtok_r(NULL, "\r", &rest))
        cr_assert_lt(text_width(line + strlen("\033[K")), 50);
}
