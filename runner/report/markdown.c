#include "runner/report/markdown.h"

#include <string.h>

#include "runner/report/text.h"

/* ASCII punctuation may be escaped by a backslash anywhere (CommonMark 2.4); '<' and '&' would start HTML. */
void markdown_text(const char *text, FILE *out)
{
    char clean[2048];
    text_clean(text, clean, sizeof clean);
    for (const char *at = clean; *at; at++)
        if (strchr("\\`*_{}[]()<>#|!~&@", *at))
            fprintf(out, "\\%c", *at);
        else
            fputc(*at, out);
}
