#include "runner/manifest/suggest.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t suggest_distance(const char *a, const char *b)
{
    size_t rows[3][SUGGEST_LONGEST + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    size_t a_length = strnlen(a, SUGGEST_LONGEST + 1);
    size_t b_length = strnlen(b, SUGGEST_LONGEST + 1);
    if (a_length > SUGGEST_LONGEST || b_length > SUGGEST_LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b_length];
}

void suggest_candidate(struct suggest *suggest, const char *candidate)
{
    size_t length = strlen(candidate);
    size_t limit = length < 3 ? 0 : length < 6 ? 1 : length / 3;
    size_t distance =
        strcasecmp(suggest->word, candidate) == 0 ? 0 : suggest_distance(suggest->word, candidate);
    if (distance <= limit && (!suggest->best || distance < suggest->distance)) {
        suggest->best = candidate;
        suggest->distance = distance;
    }
}
