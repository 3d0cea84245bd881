/* Compressed blocks of the page: what a browser unpacks is what was packed. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "runner/report/page/packed.h"

static json_t *numbers(size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_integer((json_int_t)(i % 50)));
    return json_pack("{s: o, s: s}", "list", list, "name", "</script><b>x");
}

static json_t *unpacked(const json_t *packed, size_t *size)
{
    const char *base64 = json_string_value(json_object_get(packed, "deflate"));
    cr_assert_not_null(base64);
    static unsigned char bytes[1 << 16], text[1 << 20];
    uLongf length = sizeof text;
    cr_assert_eq(sodium_base642bin(bytes, sizeof bytes, base64, strlen(base64), NULL, size, NULL,
                                   sodium_base64_VARIANT_ORIGINAL),
                 0);
    cr_assert_eq(uncompress(text, &length, bytes, *size), Z_OK);
    return json_loadb((const char *)text, length, 0, NULL);
}

Test(report_packed, what_is_packed_comes_out_again)
{
    json_t *value = numbers(20000);
    json_t *packed = packed_json(value);
    size_t size = 0;
    json_t *back = unpacked(packed, &size);
    cr_expect(json_equal(back, value));
    cr_expect_lt(size, 4000, "%zu bytes", size);
    json_decref(back);
    json_decref(packed);
    json_decref(value);
}

Test(report_packed, small_data_stays_readable)
{
    json_t *value = numbers(10);
    json_t *packed = packed_json(value);
    cr_expect_eq(packed, value);
    json_decref(packed);
    json_decref(value);
}

Test(report_packed, a_block_cannot_be_broken_out_of)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    json_t *value = numbers(3);
    cr_assert_eq(packed_block(out, "data", value), 0);
    fclose(out);
    cr_expect_eq(strncmp(text, "<script type=\"application/json\" id=\"data\">", 42), 0, "%s", text);
    cr_expect_str_eq(strstr(text, "</script>"), "</script>\n");
    cr_expect_null(strstr(text, "<b>"));
    json_decref(value);
    free(text);
}
