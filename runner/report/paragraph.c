#include "runner/report/paragraph.h"

#include <string.h>

#include "runner/report/text.h"

enum { WIDTH = 100, INDENT = 4, LONGEST = 2048 };

void paragraph_print(const char *text, FILE *out)
{
    char clean[LONGEST];
    char *rest = NULL;
    size_t column = 0;
    text_clean(text, clean, sizeof clean);
    for (char *word = strtok_r(clean, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        size_t width = text_width(word);
        if (column && column + 1 + width > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%*s%s", column ? 1 : INDENT, "", word);
        column += (column ? 1 : INDENT) + width;
    }
    fputc('\n', out);
}
