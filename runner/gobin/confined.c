#include "runner/gobin/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"

static _Noreturn void be_child(bool (*work)(void *), void *context, const void *result, size_t size,
                               unsigned cpu_seconds, int out)
{
    const struct rlimit time = {cpu_seconds, cpu_seconds};
    const struct rlimit no_core = {0, 0};
    bool ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && setrlimit(RLIMIT_CPU, &time) == 0 &&
                 setrlimit(RLIMIT_CORE, &no_core) == 0;
    _exit(ready && work(context) && write(out, result, size) == (ssize_t)size ? 0 : 1);
}

/* What the child wrote, up to `size`. */
static size_t read_result(int from, void *result, size_t size)
{
    ssize_t got;
    do
        got = read(from, result, size);
    while (got < 0 && errno == EINTR);
    return got > 0 ? (size_t)got : 0;
}

bool confined_run(bool (*work)(void *context), void *context, void *result, size_t size, unsigned cpu_seconds)
{
    int ends[2];
    char fresh[CONFINED_SIZE_MAX];
    if (size > sizeof fresh || pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t child = fork();
    if (child == 0)
        be_child(work, context, result, size, cpu_seconds, ends[1]);
    close(ends[1]);
    size_t got = child > 0 ? read_result(ends[0], fresh, size) : 0;
    close(ends[0]);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child < 0 || got != size || status != 0)
        return false;
    memcpy(result, fresh, size);
    return true;
}
