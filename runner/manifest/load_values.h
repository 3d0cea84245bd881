/*
 * The values that only `load:` has: a URL, a list of rates, a unit of work. Shaped for the table in values.c.
 */
#ifndef RUNNER_MANIFEST_LOAD_VALUES_H
#define RUNNER_MANIFEST_LOAD_VALUES_H

#include "runner/manifest/values.h"

void load_values_url(struct values *values, const struct field *field, const struct tree_node *node,
                     void *member);
void load_values_rates(struct values *values, const struct field *field, const struct tree_node *node,
                       void *member);
void load_values_work(struct values *values, const struct field *field, const struct tree_node *node,
                      void *member);

#endif
