/*
 * Text for a terminal: what came from elsewhere is made harmless, columns line up whatever the script.
 */
#ifndef RUNNER_REPORT_TEXT_H
#define RUNNER_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies `from` (any bytes) as valid UTF-8 without controls: C0, C1, DEL, bidirectional overrides and broken
   sequences become '?'. Cut to what fits, never inside a character. `from` may be NULL: then "?". */
void text_clean(const char *from, char *to, size_t size);

/* Bytes of the character at `text`, which is not its end; *harmless false: it is one that '?' stands for. */
size_t text_next(const char *text, bool *harmless);

/* Columns that a terminal takes for clean UTF-8: 2 for wide (East Asian, emoji), 0 for combining marks. The
   ranges are those of Unicode's EastAsianWidth.txt W and F, by block. */
size_t text_width(const char *text);

#endif
