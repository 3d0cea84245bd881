#include "runner/report/page/html.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/text.h"
#include "runner/support/fd.h"

void html_text(FILE *out, const char *text)
{
    static const struct {
        char letter;
        const char *escape;
    } escapes[] = {{'&', "&amp;"},  {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"},
                   {'\'', "&#39;"}, {'\n', " "},   {'\t', " "}};
    for (text = text ? text : "?"; *text;) {
        const char *escape = NULL;
        for (size_t i = 0; i < sizeof escapes / sizeof *escapes && !escape; i++)
            if (escapes[i].letter == *text)
                escape = escapes[i].escape;
        bool harmless;
        size_t bytes = text_next(text, &harmless);
        if (escape)
            fputs(escape, out);
        else if (harmless)
            fwrite(text, 1, bytes, out);
        else
            fputc('?', out);
        text += bytes;
    }
}

/* One conversion of `form`, a whole one such as "%.1f", that takes its argument from `args`. */
static void put_conversion(FILE *out, const char *form, va_list *args)
{
    char digits[400]; /* DBL_MAX by "%f" */
    size_t length = strlen(form);
    char kind = form[length - 1];
    int places = form[1] == '.' ? (form[2] - '0') % 10 : 6;
    digits[0] = 0;
    if (kind == 's')
        html_text(out, va_arg(*args, const char *));
    else if (kind == 'd' && strstr(form, "ll"))
        snprintf(digits, sizeof digits, "%lld", va_arg(*args, long long));
    else if (kind == 'd')
        snprintf(digits, sizeof digits, "%d", va_arg(*args, int));
    else if (kind == 'u' && strchr(form, 'z'))
        snprintf(digits, sizeof digits, "%zu", va_arg(*args, size_t));
    else if (kind == 'u')
        snprintf(digits, sizeof digits, "%u", va_arg(*args, unsigned));
    else if (kind == 'f')
        snprintf(digits, sizeof digits, "%.*f", places, va_arg(*args, double));
    else if (kind == 'g')
        snprintf(digits, sizeof digits, "%.*g", places, va_arg(*args, double));
    else
        abort(); /* a format of ours that this function does not know */
    fputs(digits, out);
}

void html_put(FILE *out, const char *markup, ...)
{
    va_list args;
    va_start(args, markup);
    while (*markup) {
        size_t plain = strcspn(markup, "%");
        fwrite(markup, 1, plain, out);
        markup += plain;
        if (markup[0] == '%' && markup[1] == '%') {
            fputc('%', out);
            markup += 2;
        } else if (markup[0] == '%') {
            char form[16] = "";
            size_t length = strcspn(markup, "sdufg") + 1;
            snprintf(form, sizeof form, "%.*s", (int)length, markup);
            put_conversion(out, form, &args);
            markup += length;
        }
    }
    va_end(args);
}

/* In JSON these characters stand in strings only, where an escape means the same: "<" could end the element,
   U+2028 and U+2029 are line breaks to older JavaScript. What turns the direction of a line round is left out
   here as well. */
static void put_json(FILE *out, const char *json)
{
    while (*json) {
        bool harmless;
        size_t bytes = text_next(json, &harmless);
        if (strchr("<>&", *json))
            fprintf(out, "\\u%04x", (unsigned char)*json);
        else if (harmless)
            fwrite(json, 1, bytes, out);
        else if (strncmp(json, "\xe2\x80\xa8", 3) == 0 || strncmp(json, "\xe2\x80\xa9", 3) == 0)
            fprintf(out, "\\u202%c", json[2] == '\xa8' ? '8' : '9');
        else
            fputc('?', out);
        json += bytes;
    }
}

int html_data(FILE *out, const char *id, const json_t *value, int digits)
{
    AUTO_FREE char *json = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(digits) | JSON_ENCODE_ANY);
    if (!json)
        return -ENOMEM;
    html_put(out, "<script type=\"application/json\" id=\"%s\">", id);
    put_json(out, json);
    fputs("</script>\n", out);
    return 0;
}
