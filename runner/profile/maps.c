#include "runner/profile/maps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "start-end perms offset device inode", then spaces and a path or nothing: proc(5). */
static int parse_line(const char *line, size_t length, struct map *map)
{
    char permissions[5];
    int path = 0;
    unsigned long long start;
    unsigned long long end;
    if (sscanf(line, "%llx-%llx %4s %*s %*s %*s%n", &start, &end, permissions, &path) != 3 || !path ||
        (size_t)path > length || permissions[2] != 'x')
        return 0;
    const char *from = line + path;
    const char *to = line + length;
    from += strspn(from, " ");
    if (from > to)
        from = to;
    for (const char *slash = from; *from == '/' && (slash = memchr(slash, '/', (size_t)(to - slash)));
         slash++)
        from = slash; /* the last one */
    if (*from == '/')
        from++;
    static const char deleted[] = " (deleted)";
    size_t tail = sizeof deleted - 1;
    if ((size_t)(to - from) > tail && memcmp(to - tail, deleted, tail) == 0)
        to -= tail;
    *map = (struct map){.start = start, .end = end};
    if (from == to)
        snprintf(map->name, sizeof map->name, "[anonymous]");
    else if (*from == '[')
        snprintf(map->name, sizeof map->name, "%.*s", (int)(to - from), from);
    else
        snprintf(map->name, sizeof map->name, "[%.*s]", (int)(to - from > 61 ? 61 : to - from), from);
    return 1;
}

int maps_parse(const char *text, struct maps *maps)
{
    size_t room = 0;
    *maps = (struct maps){0};
    while (*text && maps->count < MAPS_MOST) {
        size_t length = strcspn(text, "\n");
        if (maps->count == room) {
            room = room ? 2 * room : 16;
            struct map *larger = realloc(maps->items, room * sizeof *larger);
            if (!larger) {
                maps_free(maps);
                return -ENOMEM;
            }
            maps->items = larger;
        }
        maps->count += (size_t)parse_line(text, length, &maps->items[maps->count]);
        text += length + (text[length] == '\n');
    }
    return 0;
}

void maps_free(struct maps *maps)
{
    free(maps->items);
    *maps = (struct maps){0};
}

const char *maps_name_at(const struct maps *maps, uint64_t address)
{
    for (size_t i = 0; i < maps->count; i++)
        if (address >= maps->items[i].start && address < maps->items[i].end)
            return maps->items[i].name;
    return NULL;
}
