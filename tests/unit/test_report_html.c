#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/page/assets.h"
#include "runner/report/page/html.h"

/* What a stream in memory took: a copy, for the stream knows where its own buffer's address is kept. */
struct written {
    char *text;
    size_t size;
    FILE *out;
};

static FILE *begin(struct written *written)
{
    written->out = open_memstream(&written->text, &written->size);
    return written->out;
}

static char *end(struct written *written)
{
    fclose(written->out);
    char *copy = strdup(written->text);
    free(written->text);
    return copy;
}

static char *data_of(const json_t *value)
{
    struct written written;
    cr_assert_eq(html_data(begin(&written), "block", value, 6), 0);
    return end(&written);
}

static char *put(const char *argument)
{
    struct written written;
    html_put(begin(&written), "<td title=\"%s\">%d %u %zu %lld %.1f %.3g%%</td>", argument, -1, 2u, (size_t)3,
             4ll, 5.25, 1234.5);
    return end(&written);
}

Test(report_html, escapes_every_string_that_it_is_given)
{
    char *text = put("</script><b>x\"'&");
    cr_assert_str_eq(text,
                     "<td title=\"&lt;/script&gt;&lt;b&gt;x&quot;&#39;&amp;\">-1 2 3 4 5.2 1.23e+03%</td>");
    free(text);
}

Test(report_html, makes_controls_and_broken_text_harmless)
{
    char *text = put("a\x01"
                     "b\xff"
                     "c\xe2\x80\xae"
                     "d\n\te\xc3\xa9");
    cr_assert(strstr(text, "\"a?b?c?d  e\xc3\xa9\""), "%s", text);
    free(text);
    text = put(NULL);
    cr_assert(strstr(text, "\"?\""), "%s", text);
    free(text);
}

Test(report_html, data_cannot_end_its_own_element_and_stays_the_same_data)
{
    json_t *value = json_pack("{s:s, s:s, s:f}", "</script><!--", "a & b", "line",
                              "x\xe2\x80\xa8y\xe2\x80\xa9z\xe2\x82\xac", "real", 0.123456789);
    char *text = data_of(value);
    const char *json = strchr(text, '>') + 1;
    size_t length = (size_t)(strstr(json, "</script>\n") - json);
    cr_assert_eq(strcspn(json, "<>&"), length, "%s", text);
    cr_assert_null(strstr(text, "\xe2\x80\xa8"));
    json_t *back = json_loadb(json, length, 0, NULL);
    cr_assert(json_equal(json_object_get(back, "</script><!--"), json_object_get(value, "</script><!--")));
    cr_assert(json_equal(json_object_get(back, "line"), json_object_get(value, "line")));
    cr_assert_float_eq(json_number_value(json_object_get(back, "real")), 0.123457, 1e-9);
    json_decref(back);
    json_decref(value);
    free(text);
}

Test(report_html, style_and_script_can_stand_in_an_element)
{
    struct asset style = asset_style(), script = asset_script();
    cr_assert(strlen(style.text) > 100 && strlen(script.text) > 100);
    cr_assert_null(strcasestr(style.text, "</style"));
    cr_assert_null(strcasestr(script.text, "</script"));
    cr_assert_null(strstr(script.text, "<!--"));
    cr_assert_eq(strncmp(style.hash, "sha256-", 7), 0);
    cr_assert_eq(strlen(style.hash), 7 + 44);
}
