#include "runner/profile/spaces.h"

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

Test(profile_spaces, a_library_is_called_by_its_file)
{
    struct spaces spaces;
    struct profile_sample sample = own_sample();
    cr_assert_eq(spaces_open(&spaces), 0);
    const char *name = spaces_name_at(&spaces, &sample, (uint64_t)(uintptr_t)getpid);
    cr_assert_not_null(name);
    cr_expect_eq(strncmp(name, "[libc", 5), 0, "%s", name);
    cr_expect_null(spaces_name_at(&spaces, &sample, 16));
    spaces_close(&spaces);
}

Test(profile_spaces, another_program_with_the_same_number_is_not_asked)
{
    struct spaces spaces;
    struct profile_sample sample = own_sample();
    cr_assert_eq(spaces_open(&spaces), 0);
    sample.code_end += 4096; /* it has executed something else since */
    cr_expect_null(spaces_name_at(&spaces, &sample, (uint64_t)(uintptr_t)getpid));
    sample = own_sample();
    sample.space = 0; /* it is ending */
    cr_expect_null(spaces_name_at(&spaces, &sample, (uint64_t)(uintptr_t)getpid));
    sample.space = 0xffff888000002000;
    sample.pid = 4999999; /* there is no such process: above PID_MAX_LIMIT */
    cr_expect_null(spaces_name_at(&spaces, &sample, (uint64_t)(uintptr_t)getpid));
    spaces_close(&spaces);
}

Test(profile_spaces, code_that_came_later_is_found)
{
    struct spaces spaces;
    struct profile_sample sample = own_sample();
    cr_assert_eq(spaces_open(&spaces), 0);
    cr_assert_not_null(spaces_name_at(&spaces, &sample, (uint64_t)(uintptr_t)getpid));
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(code, MAP_FAILED);
    uint64_t address = (uint64_t)(uintptr_t)code;
    cr_expect_null(spaces_name_at(&spaces, &sample, address), "the sample is older than what was read");
    sample.time += 60 * UINT64_C(1000000000);
    const char *name = spaces_name_at(&spaces, &sample, address);
    cr_assert_not_null(name);
    cr_expect_str_eq(name, "[anonymous]");
    munmap(code, 4096);
    spaces_close(&spaces);
}

Test(profile_spaces, thousands_of_processes_do_not_fill_it)
{
    struct spaces spaces;
    struct profile_sample sample = own_sample();
    cr_assert_eq(spaces_open(&spaces), 0);
    for (uint64_t i = 0; i < 3000; i++) {
        sample.space += 4096;
        cr_assert_not_null(spaces_name_at(&spaces, &sample, (uint64_t)(uintptr_t)getpid));
    }
    cr_expect_leq(spaces.table.count, 1024);
    spaces_close(&spaces);
}
