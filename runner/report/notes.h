/*
 * Footnotes: equal texts share a number.
 */
#ifndef RUNNER_REPORT_NOTES_H
#define RUNNER_REPORT_NOTES_H

#include <stddef.h>
#include <stdio.h>

#define NOTES_MAX     40
#define NOTE_SIZE     160
#define NOTE_REF_SIZE 8

struct notes {
    char texts[NOTES_MAX][NOTE_SIZE];
    size_t count;
};

/* Takes the text (any bytes) in and writes "[3]" to `mark`; nothing where there are too many. */
void notes_add(struct notes *notes, const char *text, char mark[NOTE_REF_SIZE]);
void notes_print(const struct notes *notes, FILE *out);

#endif
