#include "runner/profile/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST (1u << 20) /* what a sampled program calls; each costs memory of ours */

struct number {
    struct table_key key;
    uint32_t number;
};

const char *name_kind_text(enum name_kind kind)
{
    static const char *const texts[] = {
        [NAME_FUNCTION] = "function", [NAME_KERNEL] = "kernel",   [NAME_MAPPING] = "mapping",
        [NAME_THREAD] = "thread",     [NAME_UNKNOWN] = "unknown",
    };
    return texts[kind];
}

int names_open(struct names *names)
{
    *names = (struct names){0};
    return table_open(&names->numbers, sizeof(struct number), NAMES_MOST);
}

void names_close(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i].text);
    free(names->items);
    table_close(&names->numbers);
    *names = (struct names){0};
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(const char *text, size_t length)
{
    uint64_t value = 0xcbf29ce484222325U;
    for (size_t i = 0; i < length; i++)
        value = (value ^ (unsigned char)text[i]) * 0x100000001b3U;
    return value;
}

static int append(struct names *names, enum name_kind kind, const char *text, size_t length)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 256;
        struct name *larger = realloc(names->items, room * sizeof *larger);
        if (!larger)
            return -ENOMEM;
        names->items = larger;
        names->room = room;
    }
    char *copy = strndup(text, length);
    if (!copy)
        return -ENOMEM;
    names->items[names->count++] = (struct name){kind, copy};
    return 0;
}

int64_t names_add(struct names *names, enum name_kind kind, const char *text)
{
    size_t length = strnlen(text, NAME_LONGEST);
    uint64_t id = hash(text, length);
    struct number *entry;
    while ((entry = table_find(&names->numbers, id, kind))) {
        const char *known = names->items[entry->number].text;
        if (strlen(known) == length && memcmp(known, text, length) == 0)
            return entry->number;
        id++; /* another text has the same hash */
    }
    int result = append(names, kind, text, length);
    if (result < 0)
        return result;
    result = table_insert(&names->numbers, id, kind, (void *)&entry);
    if (result < 0) {
        free(names->items[--names->count].text);
        return result;
    }
    entry->number = (uint32_t)(names->count - 1);
    return entry->number;
}
