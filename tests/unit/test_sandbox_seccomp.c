#include "runner/sandbox/seccomp.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

static int compile(const char *profile, struct sandbox_filter **filter, struct error *error)
{
    char path[] = "/tmp/runner-profile-XXXXXX";
    AUTO_FD fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(fd_write_all(fd, profile, strlen(profile)), 0);
    int result = sandbox_filter_compile(path, filter, error);
    cr_expect_eq(unlink(path), 0);
    return result;
}

Test(sandbox_filter, tells_the_line_of_a_fault)
{
    static const struct {
        const char *profile, *text;
    } rows[] = {
        {"deny ptrace\nforbid ptrace\n", ":2: \"forbid\" is not a verdict"},
        {"# fine\n\ndeny\n", ":3: the name of a system call is missing after \"deny\""},
        {"allow no_such_call\n", ":1: libseccomp knows no system call \"no_such_call\""},
        {"deny ptrace bpf\n", ":1: one name a line"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sandbox_filter *filter = NULL;
        struct error error = {0};
        cr_expect(compile(rows[i].profile, &filter, &error) < 0);
        cr_expect_eq((int)error.class, (int)ERROR_USAGE);
        cr_expect_not_null(strstr(error.text, rows[i].text), "%s", error.text);
        cr_expect_null(filter);
    }
}

Test(sandbox_filter, names_a_missing_profile)
{
    struct sandbox_filter *filter = NULL;
    struct error error = {0};
    cr_assert_eq(sandbox_filter_compile("/no/profile", &filter, &error), -ENOENT);
    cr_assert_eq((int)error.class, (int)ERROR_USAGE);
    cr_assert_not_null(strstr(error.text, "/no/profile"));
}

Test(sandbox_filter, is_late_only_where_it_denies_what_the_barrier_needs)
{
    static const struct {
        const char *profile;
        bool late;
    } rows[] = {{"", false},
                {"deny getpid\n", false},
                {"allow unshare\n", false},
                {"deny unshare\n", true},
                {"deny write\n", true},
                {"deny write\nallow write\n", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sandbox_filter *filter = NULL;
        struct error error = {0};
        cr_assert_eq(compile(rows[i].profile, &filter, &error), 0, "%s", error.text);
        cr_expect_eq(filter->late, rows[i].late, "%s", rows[i].profile);
        cr_expect(filter->length > 5);
        sandbox_filter_free(filter);
    }
}
