/*
 * What a page takes from the JSON of bundles, which may be a stranger's: what is missing or of another type
 * is not known, never a guess.
 */
#ifndef RUNNER_REPORT_PAGE_FACTS_H
#define RUNNER_REPORT_PAGE_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "runner/stats/stats.h"

const char *fact_text(const json_t *json, const char *key);         /* NULL: not known */
double fact_number(const json_t *json, const char *key);            /* NAN: not known */
struct interval fact_interval(const json_t *json, const char *key); /* of [low, high, level]; level 0: none */

/* The values of a sample in the order of its trials; fills at most `room`, NAN where one is not known.
   Returns how many there are. */
size_t fact_values(const json_t *sample, double *values, size_t room);

/* A figure as people read it, "not known" for NAN. `unit` as in runner/metrics. */
void put_figure(FILE *out, double value, const char *unit);
/* "1.2 ms .. 3.4 ms"; nothing where there is no interval. */
void put_interval(FILE *out, const struct interval *interval, const char *unit);

#endif
