/* What a field takes, in words: for the reference and for the descriptions of the schema. */
#ifndef RUNNER_MANIFEST_DESCRIBE_H
#define RUNNER_MANIFEST_DESCRIBE_H

#include <stddef.h>

#include "runner/manifest/fields.h"

/* "size, 64KiB to 1GiB", "one of auto, v2", "list of paths". */
void describe_value(const struct field *field, char *text, size_t size);
/* "required", "default 30s", "not set", or "" for a mapping. */
void describe_default(const struct field *field, char *text, size_t size);

#endif
