#include "runner/profile/kernel.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct kernel_symbols *read_text(const char *text)
{
    FILE *file = fmemopen((char *)text, strlen(text), "r");
    struct kernel_symbols *symbols = kernel_symbols_read(file);
    fclose(file);
    cr_assert_not_null(symbols);
    return symbols;
}

Test(profile_kernel, an_address_is_in_the_function_before_it)
{
    struct kernel_symbols *symbols = read_text("0000000000000000 A fixed_percpu_data\n"
                                               "ffffffffc0000000 t module_function\t[module]\n"
                                               "ffffffff81000000 T _stext\n"
                                               "ffffffff81000000 T _text\n"
                                               "ffffffff81000100 t local\n"
                                               "ffffffff81000200 W weak\n"
                                               "ffffffff82000000 D data\n"
                                               "not a line\n"
                                               "ffffffff83000000\n");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff81000000), "_stext", "the first of two");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff810000ff), "_stext");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff81000100), "local");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff81ffffff), "weak");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffffc0000010), "module_function");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff82000010), "[kernel]", "no code is there");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff80ffffff), "[kernel]", "before all symbols");
    kernel_symbols_free(symbols);
}

Test(profile_kernel, hidden_addresses_make_one_name)
{
    struct kernel_symbols *symbols = read_text("0000000000000000 T _stext\n0000000000000000 T schedule\n");
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff81000000), "[kernel]");
    kernel_symbols_free(symbols);
    symbols = kernel_symbols_read(NULL);
    cr_expect_str_eq(kernel_symbols_at(symbols, 0xffffffff81000000), "[kernel]");
    kernel_symbols_free(symbols);
    cr_expect_str_eq(kernel_symbols_at(NULL, 0xffffffff81000000), "[kernel]");
}
