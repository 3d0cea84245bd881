#include "cgroup/hierarchy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/support/fd.h"

static const struct {
    const char *name, *v1_name;
} controllers[CONTROLLER_COUNT] = {
    [CONTROLLER_CPU] = {"cpu", "cpu"},    [CONTROLLER_MEMORY] = {"memory", "memory"},
    [CONTROLLER_PIDS] = {"pids", "pids"}, [CONTROLLER_CPUSET] = {"cpuset", "cpuset"},
    [CONTROLLER_IO] = {"io", "blkio"},
};

const char *controller_name(enum controller controller)
{
    return controllers[controller].name;
}

static bool word_is(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(word, name, length) == 0;
}

unsigned controllers_parse(const char *text, const char *separators)
{
    unsigned bits = 0;
    while (*text) {
        size_t length = strcspn(text, separators);
        for (unsigned i = 0; i < CONTROLLER_COUNT; i++)
            if (word_is(text, length, controllers[i].name) || word_is(text, length, controllers[i].v1_name))
                bits |= CONTROLLER_BIT(i);
        text += length;
        text += strspn(text, separators);
    }
    return bits;
}

char *controllers_format(unsigned bits, char sign, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (unsigned i = 0; i < CONTROLLER_COUNT; i++) {
        if (!(bits & CONTROLLER_BIT(i)))
            continue;
        int n = snprintf(text + used, size - used, "%s%c%s", used ? " " : "", sign, controllers[i].name);
        if (n < 0 || (size_t)n >= size - used) {
            text[used] = 0;
            break;
        }
        used += (size_t)n;
    }
    return text;
}

/* Cuts the next field that ends in `end` (or the text's end) off *at; a NUL takes its place. */
static char *cut(char **at, const char *end)
{
    return *at ? strsep(at, end) : NULL;
}

/* A line of /proc/self/cgroup: ID:CONTROLLERS:PATH; v2 is 0::PATH. Named hierarchies carry no controller. */
static int add_line(struct hierarchy_list *list, char *line)
{
    char *at = line;
    const char *id = cut(&at, ":");
    const char *bound = cut(&at, ":");
    const char *own = at;
    if (!id || !bound || !own || own[0] != '/')
        return 0;
    bool v2 = strcmp(id, "0") == 0;
    unsigned bits = v2 ? 0 : controllers_parse(bound, ",");
    if ((!v2 && !bits) || list->count == HIERARCHY_MAX)
        return 0;
    struct hierarchy *item = &list->items[list->count];
    *item = (struct hierarchy){.v2 = v2, .controllers = bits, .own = strdup(own)};
    if (!item->own)
        return -ENOMEM;
    list->count++;
    return 0;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        unsigned a = (unsigned)(from[0] == '\\' ? from[1] - '0' : 8);
        unsigned b = a < 4 ? (unsigned)(from[2] - '0') : 8;
        unsigned c = b < 8 ? (unsigned)(from[3] - '0') : 8;
        if (c < 8) {
            *to++ = (char)(a * 64 + b * 8 + c);
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
}

/* The part of `own` below `root`: "" for the same group, "/x" below; NULL: the mount does not show it. Both
   start with "/.." where they are outside our cgroup namespace: cgroup_namespaces(7). */
static const char *below(const char *own, const char *root)
{
    if (strncmp(own, "/..", 3) == 0 || strncmp(root, "/..", 3) == 0)
        return NULL;
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(own, root, length) != 0 || (own[length] != '/' && own[length] != 0))
        return NULL;
    return strcmp(own + length, "/") == 0 ? "" : own + length;
}

static bool has_option(const char *options, const char *name)
{
    for (size_t length; *options; options += length + (options[length] == ',')) {
        length = strcspn(options, ",");
        if (word_is(options, length, name))
            return true;
    }
    return false;
}

/* Takes a mount for a hierarchy where it is better than what there was: one that shows our group, writable.
 */
static int take_mount(struct hierarchy *item, const char *mount, const char *root, bool read_only)
{
    const char *rest = below(item->own, root);
    bool better = !item->mount || (rest && !item->directory) || (rest && item->read_only && !read_only);
    if (!better)
        return 0;
    free(item->mount);
    free(item->root);
    free(item->directory);
    item->directory = NULL;
    item->read_only = read_only;
    item->mount = strdup(mount);
    item->root = strdup(root);
    if (!item->mount || !item->root || (rest && asprintf(&item->directory, "%s%s", mount, rest) < 0))
        return -ENOMEM;
    return 0;
}

/* ID PARENT DEV ROOT MOUNT OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS */
static int add_mount(struct hierarchy_list *list, char *line)
{
    char *tail = strstr(line, " - ");
    if (!tail)
        return 0;
    *tail = 0;
    tail += 3;
    const char *type = cut(&tail, " ");
    cut(&tail, " ");
    const char *super = tail ? tail : "";
    bool v2 = strcmp(type, "cgroup2") == 0;
    if (!v2 && strcmp(type, "cgroup") != 0)
        return 0;
    char *at = line;
    for (int skipped = 0; skipped < 3; skipped++)
        cut(&at, " ");
    char *root = cut(&at, " ");
    char *mount = cut(&at, " ");
    const char *options = cut(&at, " ");
    if (!root || !mount || !options)
        return 0;
    unescape(root);
    unescape(mount);
    unsigned bits = v2 ? 0 : controllers_parse(super, ",");
    bool read_only = has_option(options, "ro") || has_option(super, "ro");
    for (size_t i = 0; i < list->count; i++) {
        struct hierarchy *item = &list->items[i];
        if (item->v2 == v2 && (v2 || (item->controllers & bits))) {
            int result = take_mount(item, mount, root, read_only);
            if (result < 0)
                return result;
        }
    }
    return 0;
}

static int each_line(const char *text, struct hierarchy_list *list,
                     int (*take)(struct hierarchy_list *list, char *line))
{
    AUTO_FREE char *copy = strdup(text);
    if (!copy)
        return -ENOMEM;
    char *at = copy;
    for (char *line; (line = cut(&at, "\n"));) {
        int result = take(list, line);
        if (result < 0)
            return result;
    }
    return 0;
}

int hierarchy_parse(const char *self_cgroup, const char *mountinfo, struct hierarchy_list *list)
{
    *list = (struct hierarchy_list){0};
    int result = each_line(self_cgroup, list, add_line);
    return result < 0 ? result : each_line(mountinfo, list, add_mount);
}

void hierarchy_list_free(struct hierarchy_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].own);
        free(list->items[i].mount);
        free(list->items[i].root);
        free(list->items[i].directory);
    }
    list->count = 0;
}

const struct hierarchy *hierarchy_v2(const struct hierarchy_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].v2)
            return &list->items[i];
    return NULL;
}

const struct hierarchy *hierarchy_v1(const struct hierarchy_list *list, enum controller controller)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].v2 && (list->items[i].controllers & CONTROLLER_BIT(controller)))
            return &list->items[i];
    return NULL;
}
