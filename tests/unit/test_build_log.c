#include "runner/build/log.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct build_log *new_log(void)
{
    struct build_log *log = calloc(1, sizeof *log);
    cr_assert_not_null(log);
    return log;
}

static void add_many(struct build_log *log, char byte, size_t count)
{
    for (size_t i = 0; i < count; i++)
        log_add(log, &byte, 1);
}

Test(build_log, a_short_log_is_kept_whole)
{
    struct build_log *log = new_log();
    log_add(log, "one\n", 4);
    log_add(log, "t\0o\n", 4);
    char *text = log_text(log);
    cr_assert_str_eq(text, "one\nt o\n");
    free(text);
    free(log);
}

Test(build_log, head_and_tail_of_a_long_log_are_kept)
{
    struct build_log *log = new_log();
    add_many(log, 'a', LOG_HEAD_MAX);
    add_many(log, 'b', 1000);
    add_many(log, 'c', LOG_TAIL_MAX);
    char *text = log_text(log);
    cr_assert_eq(text[0], 'a');
    cr_assert_eq(text[LOG_HEAD_MAX - 1], 'a');
    cr_assert_null(strchr(text + LOG_HEAD_MAX + 32, 'b')); /* behind "[1000 bytes ..." */
    cr_assert_not_null(strstr(text, "a\n[1000 bytes are left out]\nc"));
    cr_assert_eq(text[strlen(text) - 1], 'c');
    free(text);
    free(log);
}

Test(build_log, exactly_full_is_not_cut)
{
    struct build_log *log = new_log();
    add_many(log, 'a', LOG_HEAD_MAX + LOG_TAIL_MAX);
    char *text = log_text(log);
    cr_assert_eq(strlen(text), LOG_HEAD_MAX + LOG_TAIL_MAX);
    free(text);
    free(log);
}

Test(build_log, the_first_error_is_found_and_harmless)
{
    char line[64];
    log_first_error("# example.org/x\n./main.go:2:14: undefined: x\n./b.go\n", line, sizeof line);
    cr_assert_str_eq(line, "./main.go:2:14: undefined: x");
    log_first_error("\n\n\x1b[31mred\n", line, sizeof line);
    cr_assert_str_eq(line, "?[31mred");
    log_first_error("# only\n", line, sizeof line);
    cr_assert_str_empty(line);
    char small[5];
    log_first_error("abcdefgh", small, sizeof small);
    cr_assert_str_eq(small, "abcd");
}
