/* "Did you mean": the known word that a mistyped one is nearest to. */
#ifndef RUNNER_MANIFEST_SUGGEST_H
#define RUNNER_MANIFEST_SUGGEST_H

#include <stddef.h>

#define SUGGEST_LONGEST 48 /* longer words are never suggested for */

/* Damerau-Levenshtein distance in the restricted form ("optimal string alignment"; Damerau 1964): insertions,
   deletions, substitutions and swaps of neighbours count one. Case counts as a difference. SIZE_MAX where a
   word is longer than SUGGEST_LONGEST. */
size_t suggest_distance(const char *a, const char *b);

/* A search for the nearest of several words: start with {.word = text}, give each candidate, read `best`
   (NULL where none is near enough: more than a third of the word's length away, and always more than the
   case). */
struct suggest {
    const char *word;
    const char *best;
    size_t distance;
};
void suggest_candidate(struct suggest *suggest, const char *candidate);

#endif
