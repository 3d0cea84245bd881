#include "runner/manifest/tree.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "runner/manifest/utf8.h"

#define NODE_WEIGHT 64

struct builder {
    yaml_parser_t parser;
    struct diagnostics *diagnostics;
    struct tree *tree;
    struct tree_node *stack[TREE_MAX_DEPTH];
    size_t depth;
    struct anchor {
        char *name;
        struct tree_node *node;
    } anchors[TREE_MAX_ANCHORS];
    size_t anchor_count;
    size_t weight;
};

static struct place place_of(const yaml_event_t *event)
{
    const yaml_mark_t *start = &event->start_mark;
    const yaml_mark_t *end = &event->end_mark;
    size_t length = start->line == end->line && end->column > start->column ? end->column - start->column : 1;
    return (struct place){.line = start->line + 1, .column = start->column + 1, .length = length};
}

static int refuse(struct builder *builder, const yaml_event_t *event, const char *why)
{
    diagnostics_add(builder->diagnostics, place_of(event), "%s", why);
    return -EINVAL;
}

/* Makes room for one more pointer in a growing array. */
static int make_room(struct tree_node ***items, size_t count, size_t *room)
{
    if (count < *room)
        return 0;
    size_t larger = *room ? *room * 2 : 8;
    struct tree_node **grown = realloc(*items, larger * sizeof(struct tree_node *));
    if (!grown)
        return -ENOMEM;
    *items = grown;
    *room = larger;
    return 0;
}

static int add_weight(struct builder *builder, const yaml_event_t *event, size_t weight)
{
    builder->weight += weight;
    if (builder->weight > TREE_MAX_WEIGHT)
        return refuse(builder, event, "the manifest is too large with its aliases written out (limit 8 MiB)");
    return 0;
}

/* Hangs a node below the innermost open one. */
static int attach(struct builder *builder, struct tree_node *node)
{
    if (builder->depth == 0) {
        builder->tree->root = node;
        return 0;
    }
    struct tree_node *parent = builder->stack[builder->depth - 1];
    int result = make_room(&parent->items, parent->count, &parent->room);
    if (result)
        return result;
    parent->items[parent->count++] = node;
    parent->weight += node->weight;
    return 0;
}

static int set_anchor(struct builder *builder, const yaml_event_t *event, const yaml_char_t *name,
                      struct tree_node *node)
{
    if (!name)
        return 0;
    if (builder->anchor_count == TREE_MAX_ANCHORS)
        return refuse(builder, event, "more than 100 anchors");
    char *copy = strdup((const char *)name);
    if (!copy)
        return -ENOMEM;
    builder->anchors[builder->anchor_count++] = (struct anchor){.name = copy, .node = node};
    return 0;
}

static int new_node(struct builder *builder, const yaml_event_t *event, enum tree_kind kind,
                    const yaml_char_t *anchor, const yaml_char_t *tag, struct tree_node **node)
{
    struct tree *tree = builder->tree;
    if (tag)
        return refuse(builder, event, "tags (!...) have no meaning in a manifest; leave it out");
    if (tree->count == TREE_MAX_NODES)
        return refuse(builder, event, "the manifest has more than 20000 keys and values");
    int result = make_room(&tree->nodes, tree->count, &tree->room);
    if (result)
        return result;
    struct tree_node *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    tree->nodes[tree->count++] = fresh;
    fresh->kind = kind;
    fresh->place = place_of(event);
    fresh->weight = NODE_WEIGHT;
    *node = fresh;
    return set_anchor(builder, event, anchor, fresh);
}

static int on_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct tree_node *node;
    size_t length = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    int result =
        new_node(builder, event, TREE_SCALAR, event->data.scalar.anchor, event->data.scalar.tag, &node);
    if (result)
        return result;
    if (length > TREE_MAX_TEXT)
        return refuse(builder, event, "a text of more than 65536 bytes");
    node->text = malloc(length + 1);
    if (!node->text)
        return -ENOMEM;
    memcpy(node->text, event->data.scalar.value, length);
    node->text[length] = 0;
    node->length = length;
    node->plain = plain;
    node->weight += length;
    result = add_weight(builder, event, node->weight);
    return result ? result : attach(builder, node);
}

static int on_alias(struct builder *builder, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = builder->anchor_count; i-- > 0;) {
        struct tree_node *node = builder->anchors[i].node;
        if (strcmp(builder->anchors[i].name, name) != 0)
            continue;
        if (node->open)
            return refuse(builder, event, "the alias stands inside of what it names");
        int result = add_weight(builder, event, node->weight);
        return result ? result : attach(builder, node);
    }
    return refuse(builder, event, "the alias names an anchor that is not there");
}

static int on_open(struct builder *builder, const yaml_event_t *event, enum tree_kind kind,
                   const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct tree_node *node;
    if (builder->depth == TREE_MAX_DEPTH)
        return refuse(builder, event, "nested more than 16 levels deep");
    int result = new_node(builder, event, kind, anchor, tag, &node);
    if (!result)
        result = add_weight(builder, event, NODE_WEIGHT);
    if (result)
        return result;
    node->open = true;
    if (event->start_mark.index == event->end_mark.index) /* block style: it has no character of its own */
        node->place.length = 1;
    builder->stack[builder->depth++] = node;
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct tree_node *left = *(const struct tree_node *const *)a;
    const struct tree_node *right = *(const struct tree_node *const *)b;
    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    int order = memcmp(left->text, right->text, left->length);
    if (order)
        return order;
    if (left->place.line != right->place.line)
        return left->place.line < right->place.line ? -1 : 1;
    return left->place.column < right->place.column ? -1 : left->place.column > right->place.column;
}

/* Diagnoses keys that are no words, or empty, or there twice; takes their pairs out. */
static int check_keys(struct builder *builder, struct tree_node *mapping)
{
    size_t count = 0;
    struct quote text;
    struct tree_node **keys = malloc((mapping->count / 2 + 1) * sizeof(struct tree_node *));
    if (!keys)
        return -ENOMEM;
    for (size_t i = 0; i < mapping->count; i += 2) {
        struct tree_node *key = mapping->items[i];
        key->dropped = key->kind != TREE_SCALAR;
        if (key->dropped)
            diagnostics_add(builder->diagnostics, key->place, "a key must be a word");
        else
            keys[count++] = key;
    }
    qsort(keys, count, sizeof(struct tree_node *), by_key);
    for (size_t i = 1; i < count; i++) {
        const struct tree_node *first = keys[i - 1];
        if (keys[i]->length != first->length || memcmp(keys[i]->text, first->text, first->length) != 0)
            continue;
        keys[i]->dropped = true;
        diagnostics_add(builder->diagnostics, keys[i]->place, "duplicate key '%s'; it is in line %zu already",
                        quote(&text, keys[i]->text, keys[i]->length), first->place.line);
    }
    free(keys);
    size_t kept = 0;
    for (size_t i = 0; i < mapping->count; i += 2) {
        if (mapping->items[i]->dropped)
            continue;
        mapping->items[kept++] = mapping->items[i];
        mapping->items[kept++] = mapping->items[i + 1];
    }
    mapping->count = kept;
    return 0;
}

static int on_close(struct builder *builder)
{
    struct tree_node *node = builder->stack[--builder->depth];
    node->open = false;
    int result = node->kind == TREE_MAPPING ? check_keys(builder, node) : 0;
    return result ? result : attach(builder, node);
}

static int on_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return builder->tree->root
                   ? refuse(builder, event, "a manifest is one YAML document; here begins another")
                   : 0;
    case YAML_SCALAR_EVENT:
        return on_scalar(builder, event);
    case YAML_ALIAS_EVENT:
        return on_alias(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(builder, event, TREE_SEQUENCE, event->data.sequence_start.anchor,
                       event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_open(builder, event, TREE_MAPPING, event->data.mapping_start.anchor,
                       event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(builder);
    default:
        return 0;
    }
}

/* The byte under a place, for the two mistakes that libyaml's sentences do not name. */
static char byte_at(const struct diagnostics *diagnostics, size_t index)
{
    const char *at = diagnostics->source;
    const char *end = at + diagnostics->size;
    uint32_t code;
    for (; index > 0 && at < end; index--) {
        size_t taken = utf8_decode(at, end, &code);
        at += taken ? taken : 1;
    }
    return at < end ? *at : 0;
}

static int syntax_error(struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    const yaml_mark_t *mark = &parser->problem_mark;
    struct place place = {.line = mark->line + 1, .column = mark->column + 1, .length = 1};
    const char *problem = parser->problem ? parser->problem : "unreadable";
    if (parser->error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    char byte = byte_at(builder->diagnostics, mark->index);
    if (parser->error == YAML_SCANNER_ERROR && byte == '\t')
        diagnostics_add(builder->diagnostics, place, "a tab where YAML wants spaces");
    else if (parser->error == YAML_SCANNER_ERROR && (byte == '@' || byte == '`' || byte == '%'))
        diagnostics_add(builder->diagnostics, place, "a value that begins with '%c' needs quotes", byte);
    else
        diagnostics_add(builder->diagnostics, place, "not valid YAML: %s%s%s", problem,
                        parser->context ? " " : "", parser->context ? parser->context : "");
    return -EINVAL;
}

static int read_events(struct builder *builder)
{
    bool ended = false;
    int result = 0;
    while (!result && !ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&builder->parser, &event))
            return syntax_error(builder);
        ended = event.type == YAML_STREAM_END_EVENT;
        result = on_event(builder, &event);
        yaml_event_delete(&event);
    }
    if (!result && !builder->tree->root) {
        diagnostics_add(builder->diagnostics, (struct place){1, 1, 1}, "the manifest is empty");
        result = -EINVAL;
    }
    return result;
}

/* Nothing but what each editor shows alike may pass: libyaml also takes UTF-16, NEL and LS as line ends. */
static int check_characters(const char *data, size_t size, struct diagnostics *diagnostics)
{
    const char *end = data + size;
    struct place place = {.line = 1, .column = 1, .length = 1};
    for (const char *at = data; at < end;) {
        uint32_t code = 0;
        size_t taken = utf8_decode(at, end, &code);
        if (!taken || !utf8_printable(code)) {
            char shown[16];
            size_t columns;
            utf8_show(at, end, shown, &columns);
            diagnostics_add(
                diagnostics, place,
                taken ? "the character %s is not allowed in a manifest" : "the byte %s is not UTF-8", shown);
            return -EINVAL;
        }
        bool line_end = code == '\n' || (code == '\r' && (at + 1 == end || at[1] != '\n'));
        place.line += line_end;
        place.column = line_end ? 1 : place.column + 1;
        at += taken;
    }
    return 0;
}

int tree_parse(const char *data, size_t size, struct diagnostics *diagnostics, struct tree **tree)
{
    struct builder builder = {.diagnostics = diagnostics};
    int result = check_characters(data, size, diagnostics);
    if (result)
        return result;
    builder.tree = calloc(1, sizeof *builder.tree);
    if (!builder.tree)
        return -ENOMEM;
    if (!yaml_parser_initialize(&builder.parser)) {
        tree_free(builder.tree);
        return -ENOMEM;
    }
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)data, size);
    result = read_events(&builder);
    yaml_parser_delete(&builder.parser);
    for (size_t i = 0; i < builder.anchor_count; i++)
        free(builder.anchors[i].name);
    if (result)
        tree_free(builder.tree);
    else
        *tree = builder.tree;
    return result;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->nodes[i]->text);
        free(tree->nodes[i]->items);
        free(tree->nodes[i]);
    }
    free(tree->nodes);
    free(tree);
}

const struct tree_node *tree_get(const struct tree_node *node, const char *key)
{
    if (!node || node->kind != TREE_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->count; i += 2)
        if (strcmp(node->items[i]->text, key) == 0 && strlen(key) == node->items[i]->length)
            return node->items[i + 1];
    return NULL;
}

bool tree_is_nothing(const struct tree_node *node)
{
    return node->kind == TREE_SCALAR && node->plain &&
           (node->length == 0 || strcmp(node->text, "~") == 0 || strcasecmp(node->text, "null") == 0);
}
