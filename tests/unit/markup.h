/*
 * Whether markup is whole: every element that is opened is closed in order, every attribute is quoted, no id
 * stands twice, headings skip no level, and what names an element by its id names one that there is.
 */
#ifndef TESTS_UNIT_MARKUP_H
#define TESTS_UNIT_MARKUP_H

#include <stddef.h>

/* NULL: it is; else what is wrong, static until the next call. */
const char *markup_fault(const char *page);

/* How many times `part` stands in the page. */
size_t markup_count(const char *page, const char *part);

#endif
