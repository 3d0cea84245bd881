/* Any bytes as an executable: no crash, no read outside, no endless work. */
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/gobin/gobin.h"
#include "runner/support/fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct gobin *binary)
{
    struct error error = {0};
    struct probe_plan plan;
    for (size_t i = 0; i < gobin_setting_count(binary); i++) {
        const char *key;
        const char *value;
        gobin_setting(binary, i, &key, &value);
    }
    for (enum go_level level = GO_NONE; level <= GO_FULL; level++)
        if (gobin_plan_probes(binary, level, &plan, &error) == 0)
            gobin_plan_free(&plan);
    for (uint64_t pc = 0x400000; pc < 0x600000; pc += 0x1001)
        gobin_function_at(binary, pc);
    gobin_function_at(binary, UINT64_MAX);
    struct gobin_frames *frames = gobin_frames_open(binary);
    for (uint64_t pc = 0x400000; pc < 0x600000; pc += 0x1001)
        gobin_frames_none_at(frames, pc);
    gobin_frames_none_at(frames, UINT64_MAX);
    gobin_frames_close(frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FD fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct gobin *binary;
    if (fd < 0 || fd_write_all(fd, data, size) < 0 || gobin_open(fd, "fuzz", &binary, NULL) < 0)
        return 0;
    use(binary);
    gobin_close(binary);
    return 0;
}
