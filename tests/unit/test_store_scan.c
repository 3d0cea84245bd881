#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/store/scan.h"

static const char *const good[] = {
    "{}",
    "[]",
    " [ 1 , -2.5e3, 0, -0, 1e-7, 0.1, null ] ",
    "\"\"",
    "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
    "{\"a\":{\"b\":[true,false,null]},\"c\":\"\xc3\xa9\"}",
    "123456789012345678901234567890",
    "1.7976931348623157e308",
    "4.9e-324",
    "[[[[[[[[[[]]]]]]]]]]",
};
static const char *const bad[] = {
    "",
    " ",
    "{",
    "[",
    "[1,]",
    "[1 2]",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "{\"a\":1,}",
    "01",
    "-",
    "1.",
    "1e",
    "1e+",
    "+1",
    ".5",
    "nul",
    "truefalse",
    "\"",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u12g4\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\n\"",
    "1e999",
    "[1] 2",
    "NaN",
    "Infinity",
    "{\"a\":1}}",
    "\"\\ud800\\u0041\"",
};

static bool accepts(const char *text, size_t size)
{
    struct scan scan;
    scan_open(&scan, text, size);
    bool taken = scan_skip(&scan) && scan_finish(&scan);
    cr_assert_eq(taken, scan.fault == NULL);
    return taken;
}

Test(scan, takes_what_jansson_takes)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_assert(accepts(good[i], strlen(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_not(accepts(bad[i], strlen(bad[i])), "%s", bad[i]);
        json_t *json = json_loads(bad[i], JSON_DECODE_ANY, NULL);
        cr_assert_null(json, "%s", bad[i]);
    }
}

Test(scan, every_cut_of_a_text_is_refused)
{
    const char *text = good[5];
    for (size_t size = 0; size < strlen(text); size++) {
        char *copy = malloc(size + 1); /* so that the sanitizer sees a step beyond */
        memcpy(copy, text, size);
        cr_assert_not(accepts(copy, size), "%.*s", (int)size, text);
        free(copy);
    }
}

Test(scan, numbers_are_those_of_strtod)
{
    static const char *const numbers[] = {"0.1",
                                          "123456789.123456789",
                                          "9007199254740993",
                                          "1e22",
                                          "1e23",
                                          "-1.5e-10",
                                          "0.30000000000000004",
                                          "2.2250738585072011e-308",
                                          "179769313486231570e291",
                                          "5e-324",
                                          "3",
                                          "-0.0",
                                          "100000000000000000000000",
                                          "0.000001",
                                          "1234.5678e-2"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct scan scan;
        double value;
        scan_open(&scan, numbers[i], strlen(numbers[i]));
        cr_assert(scan_number(&scan, &value), "%s", numbers[i]);
        double want = strtod(numbers[i], NULL);
        cr_assert(value == want && signbit(value) == signbit(want), "%s: %.17g", numbers[i], value);
    }
    srand48(3);
    for (int i = 0; i < 20000; i++) {
        char text[40];
        struct scan scan;
        double value;
        snprintf(text, sizeof text, "%.*g", (int)(1 + lrand48() % 17),
                 (drand48() - 0.5) * pow(10, (double)(lrand48() % 40) - 20));
        scan_open(&scan, text, strlen(text));
        cr_assert(scan_number(&scan, &value), "%s", text);
        cr_assert_eq(value, strtod(text, NULL), "%s", text);
    }
    struct scan scan;
    double value = 1;
    scan_open(&scan, "null", 4);
    cr_assert(scan_number(&scan, &value));
    cr_assert(isnan(value));
}

struct seen {
    char keys[64];
    double sum;
};

static bool add_item(struct scan *scan, void *context)
{
    struct seen *seen = context;
    double value;
    bool taken = scan_number(scan, &value);
    seen->sum += taken ? value : 0;
    return taken;
}

static bool add_member(struct scan *scan, const char *key, void *context)
{
    struct seen *seen = context;
    strncat(seen->keys, key, sizeof seen->keys - strlen(seen->keys) - 1);
    return strcmp(key, "list") == 0 ? scan_array(scan, add_item, seen) : scan_skip(scan);
}

Test(scan, visits_members_and_items_in_order)
{
    const char *text = "{\"a\": 1, \"list\": [1, 2, 3.5], \"b\": {\"list\": [9]}}";
    struct seen seen = {0};
    struct scan scan;
    scan_open(&scan, text, strlen(text));
    cr_assert(scan_object(&scan, add_member, &seen) && scan_finish(&scan));
    cr_assert_str_eq(seen.keys, "alistb");
    cr_assert_eq(seen.sum, 6.5);
}

Test(scan, strings_are_cut_between_characters)
{
    struct scan scan;
    char text[8];
    scan_open(&scan, "\"abcde\xc3\xa9xyz\"", 12);
    cr_assert(scan_string(&scan, text, 7) && scan_finish(&scan));
    cr_assert_str_eq(text, "abcde");
    scan_open(&scan, "\"\\u20ac\\ud83d\\ude00\"", 20);
    cr_assert(scan_string(&scan, text, 8));
    cr_assert_str_eq(text, "\xe2\x82\xac\xf0\x9f\x98\x80");
}

Test(scan, says_where_it_failed_and_stays_failed)
{
    const char *text = "{\n  \"a\": [1,\n    x]\n}";
    struct scan scan;
    char fault[80];
    scan_open(&scan, text, strlen(text));
    cr_assert_not(scan_skip(&scan));
    cr_assert_not(scan_skip(&scan));
    scan_fault(&scan, fault, sizeof fault);
    cr_assert_str_eq(fault, "3:5: no JSON value");
    scan_open(&scan, "1", 1);
    cr_assert(scan_skip(&scan));
    scan_fault(&scan, fault, sizeof fault);
    cr_assert_str_eq(fault, "");
}

Test(scan, depth_is_bounded)
{
    char text[4 * SCAN_DEPTH_MAX];
    memset(text, '[', sizeof text);
    cr_assert_not(accepts(text, sizeof text));
    memset(text, '[', SCAN_DEPTH_MAX);
    memset(text + SCAN_DEPTH_MAX, ']', SCAN_DEPTH_MAX);
    cr_assert(accepts(text, (size_t)2 * SCAN_DEPTH_MAX));
}
