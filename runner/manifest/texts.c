#include "runner/manifest/texts.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "runner/manifest/experiment.h"
#include "runner/manifest/paths.h"
#include "runner/manifest/utf8.h"

/* Variables that controls set: the same for every demo, so no demo may state its own. */
static const struct {
    const char *name, *instead;
} reserved_env[] = {
    {"GOMAXPROCS", "controls.gomaxprocs"},
    {"GOGC", "controls.gogc"},
    {"GOMEMLIMIT", "controls.gomemlimit"},
    {"GODEBUG", "controls.godebug"},
};

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool matched = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return matched;
}

static bool is_printable(const struct tree_node *node)
{
    const char *end = node->text + node->length;
    for (const char *at = node->text; at < end;) {
        uint32_t code = 0;
        size_t taken = utf8_decode(at, end, &code);
        if (!taken || !utf8_printable(code))
            return false;
        at += taken;
    }
    return true;
}

/* Whether the node is a text that the field's rule (NULL: of any look) takes. */
static bool check_text(struct values *values, const struct field *field, const struct tree_node *node)
{
    const struct text_rule *rule = field->rule;
    struct values_path path;
    struct quote text;
    if (node->kind != TREE_SCALAR || tree_is_nothing(node)) {
        values_wrong_type(values, field, node, "a text");
        return false;
    }
    const char *shown = quote(&text, node->text, node->length);
    if (memchr(node->text, 0, node->length))
        diagnostics_add(values->diagnostics, node->place, "%s: the text holds a NUL byte",
                        values_path(&path, field));
    else if (rule && node->length > rule->longest)
        diagnostics_add(values->diagnostics, node->place, "%s: longer than %zu bytes",
                        values_path(&path, field), rule->longest);
    else if (rule && rule->pattern && !matches(rule->pattern, node->text))
        diagnostics_add(values->diagnostics, node->place, "%s: '%s' is not %s", values_path(&path, field),
                        shown, rule->says);
    else if (rule && rule->printable && !is_printable(node))
        diagnostics_add(values->diagnostics, node->place, "%s: the text holds control characters",
                        values_path(&path, field));
    else
        return true;
    return false;
}

static char *copy(struct values *values, const char *text)
{
    char *copied = strdup(text);
    if (!copied)
        values->no_memory = true;
    return copied;
}

void texts_text(struct values *values, const struct field *field, const struct tree_node *node, void *member)
{
    if (check_text(values, field, node) && field->width)
        *(char **)member = copy(values, node->text);
}

/* Whether the node is a list with as many entries as the field allows. */
static bool check_count(struct values *values, const struct field *field, const struct tree_node *node,
                        enum tree_kind kind)
{
    struct values_path path;
    size_t count = kind == TREE_MAPPING ? node->count / 2 : node->count;
    if (node->kind != kind) {
        values_wrong_type(values, field, node,
                          kind == TREE_MAPPING ? "a mapping of names to values" : "a list");
        return false;
    }
    if (count >= field->least && count <= field->most)
        return true;
    diagnostics_add(values->diagnostics, node->place, "%s: %zu entries; it takes %llu to %llu",
                    values_path(&path, field), count, (unsigned long long)field->least,
                    (unsigned long long)field->most);
    return false;
}

/* One entry of a list: its text as it goes into the struct, or NULL. */
typedef char *entry_parse(struct values *values, const struct field *field, const struct tree_node *node,
                          size_t index);

static void parse_list(struct values *values, const struct field *field, const struct tree_node *node,
                       struct string_list *list, entry_parse *parse)
{
    if (!check_count(values, field, node, TREE_SEQUENCE) || node->count == 0)
        return;
    list->items = calloc(node->count, sizeof(*list->items));
    if (!list->items) {
        values->no_memory = true;
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        char *entry = parse(values, field, node->items[i], i);
        if (entry)
            list->items[list->count++] = entry;
    }
}

static char *plain_entry(struct values *values, const struct field *field, const struct tree_node *node,
                         size_t index)
{
    (void)index;
    return check_text(values, field, node) ? copy(values, node->text) : NULL;
}

void texts_list(struct values *values, const struct field *field, const struct tree_node *node, void *member)
{
    parse_list(values, field, node, member, plain_entry);
}

static char *resolve(struct values *values, const char *text)
{
    char *path = paths_resolve(values->folder, text);
    if (!path)
        values->no_memory = true;
    return path;
}

static char *command_entry(struct values *values, const struct field *field, const struct tree_node *node,
                           size_t index)
{
    struct values_path path;
    if (!check_text(values, field, node))
        return NULL;
    if (index == 0 && node->length == 0)
        diagnostics_add(values->diagnostics, node->place, "%s: the program has no name",
                        values_path(&path, field));
    return index == 0 && strchr(node->text, '/') ? resolve(values, node->text) : copy(values, node->text);
}

void texts_command(struct values *values, const struct field *field, const struct tree_node *node,
                   void *member)
{
    parse_list(values, field, node, member, command_entry);
}

static bool check_env_name(struct values *values, const struct field *field, const struct tree_node *name)
{
    struct values_path path;
    struct quote text;
    const char *shown = quote(&text, name->text, name->length);
    if (memchr(name->text, 0, name->length) || !matches("^[A-Za-z_][A-Za-z0-9_]{0,127}$", name->text)) {
        diagnostics_add(values->diagnostics, name->place,
                        "%s: '%s' is not the name of a variable (letters, digits and '_')",
                        values_path(&path, field), shown);
        return false;
    }
    for (size_t i = 0; i < sizeof reserved_env / sizeof reserved_env[0]; i++)
        if (strcmp(name->text, reserved_env[i].name) == 0) {
            diagnostics_add(values->diagnostics, name->place,
                            "%s: %s is the same for every demo; set %s instead", values_path(&path, field),
                            shown, reserved_env[i].instead);
            return false;
        }
    return true;
}

/* What the load itself says of a request, and what would change how its answers end (RFC 9112, 6 and 9). */
static bool check_header_name(struct values *values, const struct field *field, const struct tree_node *name)
{
    static const char *const own[] = {"content-length", "transfer-encoding", "connection", "expect",
                                      "upgrade"};
    struct values_path path;
    struct quote text;
    const char *shown = quote(&text, name->text, name->length);
    bool valid = !memchr(name->text, 0, name->length) && matches(TEXTS_HEADER_NAME, name->text);
    if (!valid)
        diagnostics_add(values->diagnostics, name->place, "%s: '%s' is not the name of a header",
                        values_path(&path, field), shown);
    for (size_t i = 0; valid && i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(name->text, own[i]) == 0) {
            diagnostics_add(values->diagnostics, name->place, "%s: '%s' is set by the load itself",
                            values_path(&path, field), shown);
            return false;
        }
    return valid;
}

typedef bool name_check(struct values *values, const struct field *field, const struct tree_node *name);

static void parse_mapping(struct values *values, const struct field *field, const struct tree_node *node,
                          struct env_list *list, name_check *check)
{
    if (!check_count(values, field, node, TREE_MAPPING) || node->count == 0)
        return;
    list->items = calloc(node->count / 2, sizeof(*list->items));
    if (!list->items) {
        values->no_memory = true;
        return;
    }
    for (size_t i = 0; i < node->count; i += 2) {
        bool named = check(values, field, node->items[i]);
        if (!check_text(values, field, node->items[i + 1]) || !named)
            continue;
        struct env_entry *entry = &list->items[list->count++];
        entry->name = copy(values, node->items[i]->text);
        entry->value = copy(values, node->items[i + 1]->text);
    }
}

void texts_env(struct values *values, const struct field *field, const struct tree_node *node, void *member)
{
    parse_mapping(values, field, node, member, check_env_name);
}

void texts_headers(struct values *values, const struct field *field, const struct tree_node *node,
                   void *member)
{
    parse_mapping(values, field, node, member, check_header_name);
}

static bool has_control(const struct tree_node *node)
{
    for (size_t i = 0; i < node->length; i++)
        if ((unsigned char)node->text[i] < 0x20 || node->text[i] == 0x7f)
            return true;
    return false;
}

/* What is wrong with the file that the field names, NULL where nothing is. */
static const char *look_at(const struct field *field, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return strerror(errno);
    if (field->path_is == PATH_FOLDER && !S_ISDIR(status.st_mode))
        return "it is not a folder";
    if (field->path_is == PATH_FILE && !S_ISREG(status.st_mode))
        return "it is not a regular file";
    return NULL;
}

static char *path_entry(struct values *values, const struct field *field, const struct tree_node *node,
                        size_t index)
{
    struct values_path key;
    struct quote text;
    (void)index;
    if (node->kind != TREE_SCALAR || tree_is_nothing(node) || node->length == 0) {
        values_wrong_type(values, field, node, "a path");
        return NULL;
    }
    const char *shown = quote(&text, node->text, node->length);
    if (node->length > 4000 || has_control(node)) {
        diagnostics_add(values->diagnostics, node->place, "%s: '%s' is %s", values_path(&key, field), shown,
                        node->length > 4000 ? "too long for a path" : "a path with control characters");
        return NULL;
    }
    char *path = resolve(values, node->text);
    if (!path)
        return NULL;
    const char *wrong = NULL;
    if (field->path_is == PATH_BOUND && paths_climbs(path))
        wrong = "a path inside the sandbox has no '..' in its middle";
    else if (field->path_is == PATH_BOUND && paths_reserved(path))
        wrong = "the sandbox makes its own /, /proc, /sys, /dev and /tmp";
    else if (values->look)
        wrong = look_at(field, path);
    if (!wrong)
        return path;
    diagnostics_add(values->diagnostics, node->place, "%s: '%s': %s", values_path(&key, field), shown, wrong);
    free(path);
    return NULL;
}

void texts_path(struct values *values, const struct field *field, const struct tree_node *node, void *member)
{
    for (const struct word *word = field->words; word && word->name; word++)
        if (node->kind == TREE_SCALAR && node->plain && strcmp(node->text, word->name) == 0)
            return;
    *(char **)member = path_entry(values, field, node, 0);
}

void texts_paths(struct values *values, const struct field *field, const struct tree_node *node, void *member)
{
    parse_list(values, field, node, member, path_entry);
}
