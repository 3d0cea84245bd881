/*
 * The values that only `load:` has: a URL, a list of rates, a unit of work. Shaped for the table in values.c.
 */
#ifndef RUNNER_MANIFEST_TRAFFIC_H
#define RUNNER_MANIFEST_TRAFFIC_H

#include "runner/manifest/values.h"

void traffic_url(struct values *values, const struct field *field, const struct tree_node *node,
                 void *member);
void traffic_rates(struct values *values, const struct field *field, const struct tree_node *node,
                   void *member);
void traffic_work(struct values *values, const struct field *field, const struct tree_node *node,
                  void *member);

#endif
