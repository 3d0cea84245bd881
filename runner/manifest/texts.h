/* Texts, lists of texts, environments and paths: the kinds of value whose members own memory. */
#ifndef RUNNER_MANIFEST_TEXTS_H
#define RUNNER_MANIFEST_TEXTS_H

#include "runner/manifest/values.h"

/* A token of RFC 9110, 5.6.2. */
#define TEXTS_HEADER_NAME "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$"

/* Each: values_parse() for one kind. */
void texts_text(struct values *values, const struct field *field, const struct tree_node *node, void *member);
void texts_list(struct values *values, const struct field *field, const struct tree_node *node, void *member);
void texts_command(struct values *values, const struct field *field, const struct tree_node *node,
                   void *member);
void texts_env(struct values *values, const struct field *field, const struct tree_node *node, void *member);
void texts_headers(struct values *values, const struct field *field, const struct tree_node *node,
                   void *member);
void texts_path(struct values *values, const struct field *field, const struct tree_node *node, void *member);
void texts_paths(struct values *values, const struct field *field, const struct tree_node *node,
                 void *member);

#endif
