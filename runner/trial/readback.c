#include "runner/trial/readback.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "runner/support/fd.h"

void readback_open(struct readback *readback, const struct gobin *binary, pid_t pid)
{
    *readback = (struct readback){.process = -1, .reason = "not a Go program"};
    if (!binary || !gobin_is_go(binary))
        return;
    readback->gomaxprocs_at = gobin_variables(binary)->gomaxprocs;
    readback->gc_percent_at = gobin_variables(binary)->gc_controller;
    readback->binary = binary;
    readback->reason = "the addresses are not known";
    if (!readback->gomaxprocs_at || !readback->gc_percent_at)
        return;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    readback->process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    readback->reason =
        readback->process < 0 ? "its memory cannot be read" : "it ended before the first sample";
}

/* False before execve, and where another program was executed meanwhile. */
static bool load_bias(const struct readback *readback, uint64_t *bias)
{
    char auxv[4096];
    AUTO_FD fd = openat(readback->process, "auxv", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, auxv, sizeof auxv);
    return size > 0 && gobin_load_bias(readback->binary, auxv, (size_t)size, bias);
}

/* Opened for each sample: a vfork parent goes on before execve has put the new memory in place (fs/exec.c,
   exec_mmap()), and a descriptor from that moment would show the old one for ever. */
void readback_sample(struct readback *readback)
{
    int32_t gomaxprocs, gc_percent;
    uint64_t bias = 0;
    if (readback->binary && !load_bias(readback, &bias))
        return;
    AUTO_FD memory = readback->process < 0 ? -1 : openat(readback->process, "mem", O_RDONLY | O_CLOEXEC);
    if (memory < 0 ||
        pread(memory, &gomaxprocs, sizeof gomaxprocs, (off_t)(readback->gomaxprocs_at + bias)) !=
            sizeof gomaxprocs ||
        pread(memory, &gc_percent, sizeof gc_percent, (off_t)(readback->gc_percent_at + bias)) !=
            sizeof gc_percent)
        return;
    if (gomaxprocs <= 0)
        return; /* runtime.schedinit has not come so far */
    readback->gomaxprocs = gomaxprocs;
    readback->gc_percent = gc_percent;
    readback->samples++;
    if (readback->binary)
        polled_sample(&readback->polled, memory, bias, readback->binary, clock_monotonic_ns());
}

json_t *readback_json(const struct readback *readback, const struct controls *controls, uint64_t end_ns)
{
    json_t *object = json_object();
    if (readback->samples == 0) {
        json_object_set_new(object, "controls_overridden", json_null());
        json_object_set_new(object, "reason", json_string(readback->reason));
        return object;
    }
    json_object_set_new(object, "polled", polled_json(&readback->polled, end_ns));
    bool procs = controls->gomaxprocs && (uint32_t)readback->gomaxprocs != controls->gomaxprocs;
    bool percent = controls->gogc != INT32_MIN && readback->gc_percent != controls->gogc;
    json_object_set_new(object, "gomaxprocs", json_integer(readback->gomaxprocs));
    json_object_set_new(object, "gogc",
                        readback->gc_percent < 0 ? json_string("off") : json_integer(readback->gc_percent));
    json_object_set_new(object, "controls_overridden", json_boolean(procs || percent));
    return object;
}

void readback_close(struct readback *readback)
{
    fd_close(&readback->process);
}
