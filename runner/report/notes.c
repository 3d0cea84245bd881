#include "runner/report/notes.h"

#include <string.h>

#include "runner/report/text.h"

void notes_add(struct notes *notes, const char *text, char mark[NOTE_REF_SIZE])
{
    char clean[NOTE_SIZE];
    text_clean(text, clean, sizeof clean);
    mark[0] = 0;
    size_t i = 0;
    while (i < notes->count && strcmp(notes->texts[i], clean) != 0)
        i++;
    if (i == NOTES_MAX)
        return;
    if (i == notes->count)
        memcpy(notes->texts[notes->count++], clean, sizeof clean);
    snprintf(mark, NOTE_REF_SIZE, "[%zu]", i + 1);
}

void notes_print(const struct notes *notes, FILE *out)
{
    for (size_t i = 0; i < notes->count; i++)
        fprintf(out, "[%zu] %s\n", i + 1, notes->texts[i]);
}
