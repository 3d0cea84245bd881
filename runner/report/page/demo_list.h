/*
 * The demos of all bundles of a report, in the order of its columns: a table or figure of demos has one each.
 */
#ifndef RUNNER_REPORT_PAGE_DEMO_LIST_H
#define RUNNER_REPORT_PAGE_DEMO_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/report/page/source.h"

struct listed_demo {
    const struct source *source;
    const char *name;
    json_t *summary; /* its part of summary.json */
};

struct demo_list {
    struct listed_demo *demos;
    size_t count;
};

/* All of it is the report's but the list itself. False where memory is short; then the list is empty. */
bool demo_list_make(struct demo_list *list, const struct report *report);
void demo_list_free(struct demo_list *list);

#endif
