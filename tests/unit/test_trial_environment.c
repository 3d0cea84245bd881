#include "runner/trial/environment.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *find(char **strings, const char *name)
{
    for (; *strings; strings++)
        if (strncmp(*strings, name, strlen(name)) == 0 && (*strings)[strlen(name)] == '=')
            return *strings + strlen(name) + 1;
    return NULL;
}

Test(environment, controls_become_variables_and_the_demo_has_the_last_word)
{
    char *godebug[] = {"gctrace=1", "madvdontneed=1"};
    struct env_entry shared[] = {{"TZ", "UTC"}, {"MODE", "shared"}};
    struct env_entry own[] = {{"MODE", "own"}, {"HOME", "/tmp/x"}};
    struct controls controls = {
        .gomaxprocs = 2, .gogc = -1, .gomemlimit = 1 << 20, .godebug = {godebug, 2}, .env = {shared, 2}};
    struct demo demo = {.env = {own, 2}};
    char **env = environment_make(&controls, &demo);
    cr_expect_str_eq(find(env, "GOMAXPROCS"), "2");
    cr_expect_str_eq(find(env, "GOGC"), "off");
    cr_expect_str_eq(find(env, "GOMEMLIMIT"), "1048576B");
    cr_expect_str_eq(find(env, "GODEBUG"), "gctrace=1,madvdontneed=1");
    cr_expect_str_eq(find(env, "TZ"), "UTC");
    cr_expect_str_eq(find(env, "MODE"), "own");
    cr_expect_str_eq(find(env, "HOME"), "/tmp/x");
    strings_free(env);
}

Test(environment, what_is_not_set_is_not_there)
{
    struct controls controls = {.gogc = INT32_MIN, .gomemlimit = LIMIT_UNSET};
    struct demo demo = {0};
    char **env = environment_make(&controls, &demo);
    cr_expect_null(find(env, "GOMAXPROCS"));
    cr_expect_null(find(env, "GOGC"));
    cr_expect_null(find(env, "GOMEMLIMIT"));
    cr_expect_null(find(env, "GODEBUG"));
    strings_free(env);
}

Test(environment, arguments_follow_the_program)
{
    char *exec[] = {"./bin/x", "--flag"};
    char *args[] = {"a", "b"};
    struct demo demo = {.exec = {exec, 2}, .args = {args, 2}};
    char **argv = arguments_make(&demo, "/demo/x");
    const char *expected[] = {"/demo/x", "--flag", "a", "b"};
    for (size_t i = 0; i < 4; i++)
        cr_expect_str_eq(argv[i], expected[i]);
    cr_expect_null(argv[4]);
    strings_free(argv);
}
