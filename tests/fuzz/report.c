/*
 * A page from any summary.json and experiment.json, as a stranger's bundle may have them: no crash, and
 * markup that nothing in them broke out of. The input is the summary up to the first NUL, then the
 * experiment; the seeds in the corpus are whole ones.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/report/page/page.h"
#include "runner/support/fd.h"
#include "tests/unit/markup.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/runner-fuzz-report-XXXXXX";

static void remove_folder(void)
{
    fd_remove_tree(AT_FDCWD, folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (!mkdtemp(folder))
        abort();
    return atexit(remove_folder);
}

static void put(int dir, const char *name, const uint8_t *data, size_t size)
{
    AUTO_FD fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || fd_write_all(fd, data, size) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, 0, size);
    size_t summary = nul ? (size_t)(nul - data) : size;
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    put(dir, "summary.json", data, summary);
    put(dir, "experiment.json", nul ? nul + 1 : data, nul ? size - summary - 1 : 0);
    struct report report;
    struct error error = {0};
    char *path = folder;
    size_t length = 0;
    char *page = report_read(&report, &path, 1, &error) == 0 ? page_text(&report, &length) : NULL;
    const char *fault = page ? markup_fault(page) : NULL;
    if (fault) {
        fprintf(stderr, "%s\n", fault);
        abort();
    }
    free(page);
    report_free(&report);
    return 0;
}
