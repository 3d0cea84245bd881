#include "runner/profile/mapped.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/support/fd.h"

/* A sample of this very process, as the kernel would make it. */
static struct profile_sample own_sample(void)
{
    char text[1024];
    struct profile_sample sample = {.pid = (uint32_t)getpid(), .space = 0xffff888000001000};
    sample.time = clock_monotonic_ns();
    cr_assert_eq(fd_read_text(AT_FDCWD, "/proc/self/stat", text, sizeof text), 0);
    const char *field = strrchr(text, ')');
    for (int number = 2; number < 27; number++)
        field = strchr(field, ' ') + 1;
    sample.code_end = strtoull(field, NULL, 10);
    return sample;
}

Test(profile_mapped, a_library_is_called_by_its_file)
{
    struct mapped mapped;
    struct profile_sample sample = own_sample();
    cr_assert_eq(mapped_open(&mapped), 0);
    const char *name = mapped_name_at(&mapped, &sample, (uint64_t)(uintptr_t)getpid);
    cr_assert_not_null(name);
    cr_expect_eq(strncmp(name, "[libc", 5), 0, "%s", name);
    cr_expect_null(mapped_name_at(&mapped, &sample, 16));
    mapped_close(&mapped);
}

Test(profile_mapped, another_program_with_the_same_number_is_not_asked)
{
    struct mapped mapped;
    struct profile_sample sample = own_sample();
    cr_assert_eq(mapped_open(&mapped), 0);
    sample.code_end += 4096; /* it has executed something else since */
    cr_expect_null(mapped_name_at(&mapped, &sample, (uint64_t)(uintptr_t)getpid));
    sample = own_sample();
    sample.space = 0; /* it is ending */
    cr_expect_null(mapped_name_at(&mapped, &sample, (uint64_t)(uintptr_t)getpid));
    sample.space = 0xffff888000002000;
    sample.pid = 4999999; /* there is no such process: above PID_MAX_LIMIT */
    cr_expect_null(mapped_name_at(&mapped, &sample, (uint64_t)(uintptr_t)getpid));
    mapped_close(&mapped);
}

Test(profile_mapped, code_that_came_later_is_found)
{
    struct mapped mapped;
    struct profile_sample sample = own_sample();
    cr_assert_eq(mapped_open(&mapped), 0);
    cr_assert_not_null(mapped_name_at(&mapped, &sample, (uint64_t)(uintptr_t)getpid));
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(code, MAP_FAILED);
    uint64_t address = (uint64_t)(uintptr_t)code;
    cr_expect_null(mapped_name_at(&mapped, &sample, address), "the sample is older than what was read");
    sample.time += 60 * UINT64_C(1000000000);
    const char *name = mapped_name_at(&mapped, &sample, address);
    cr_assert_not_null(name);
    cr_expect_str_eq(name, "[anonymous]");
    munmap(code, 4096);
    mapped_close(&mapped);
}

Test(profile_mapped, thousands_of_processes_do_not_fill_it)
{
    struct mapped mapped;
    struct profile_sample sample = own_sample();
    cr_assert_eq(mapped_open(&mapped), 0);
    for (uint64_t i = 0; i < 3000; i++) {
        sample.space += 4096;
        cr_assert_not_null(mapped_name_at(&mapped, &sample, (uint64_t)(uintptr_t)getpid));
    }
    cr_expect_leq(mapped.table.count, 1024);
    mapped_close(&mapped);
}
