#include "runner/gobin/names.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/gobin/functions.h"
#include "runner/support/fd.h"

#define NAMES_MAX  256 /* numbers are uint8 */
#define LENGTH_MAX 64

/* The runtime's names are printable ASCII; anything else is no name. */
static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

/* The string header at `address`, as an allocated string; NULL with *result set where it is none. */
static char *read_string(const struct image *image, uint64_t address, int *result)
{
    char text[LENGTH_MAX + 1] = "";
    uint64_t length = 0;
    uint64_t data = image_pointer(image, address);
    *result = -ENOENT;
    if (image_read(image, address + 8, &length, sizeof length) != sizeof length || length > LENGTH_MAX ||
        (length && image_read(image, data, text, length) != length) || !is_plain(text, length))
        return NULL;
    char *copy = strdup(text);
    *result = copy ? 0 : -ENOMEM;
    return copy;
}

int names_read(const struct image *image, const char *symbol, struct names *names)
{
    *names = (struct names){0};
    uint64_t size;
    uint64_t address = functions_data_object(image, symbol, &size);
    size_t count = size / 16;
    if (!address || count == 0 || count > NAMES_MAX || size % 16 != 0)
        return -ENOENT;
    names->storage = calloc(count, sizeof *names->storage);
    if (!names->storage)
        return -ENOMEM;
    names->list = (struct reason_names){0, (const char *const *)names->storage};
    int result = 0;
    while (names->list.count < count) {
        char *name = read_string(image, address + names->list.count * 16, &result);
        if (!name)
            return result;
        names->storage[names->list.count++] = name;
    }
    return 0;
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->list.count; i++)
        free(names->storage[i]);
    free(names->storage);
    *names = (struct names){0};
}
