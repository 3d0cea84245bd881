#include "runner/profile/kernel.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOLS_MOST (4u << 20)
#define KERNEL_SPACE 0xffff800000000000u /* x86-64: the upper half of the addresses */

struct symbol {
    uint64_t address;
    uint32_t name; /* offset in names */
    bool code;
};

struct kernel_symbols {
    struct symbol *items; /* sorted by address */
    size_t count, room;
    char *names;
    size_t names_used, names_room;
};

static bool make_room(struct kernel_symbols *symbols, size_t length)
{
    if (symbols->count == symbols->room) {
        size_t room = symbols->room ? 2 * symbols->room : 65536;
        struct symbol *larger = realloc(symbols->items, room * sizeof *larger);
        if (!larger)
            return false;
        symbols->items = larger;
        symbols->room = room;
    }
    if (symbols->names_room - symbols->names_used < length + 1) {
        size_t room = symbols->names_room ? 2 * symbols->names_room : 1u << 20;
        char *larger = realloc(symbols->names, room);
        if (!larger)
            return false;
        symbols->names = larger;
        symbols->names_room = room;
    }
    return true;
}

/* "ffffffff81000000 T _stext", and for modules a tab and "[name]" behind it. Data symbols are kept, too: they
   end the function before them. */
static bool add_line(struct kernel_symbols *symbols, char *line)
{
    char *end;
    uint64_t address = strtoull(line, &end, 16);
    if (address < KERNEL_SPACE || end[0] != ' ' || !end[1] || end[2] != ' ')
        return true;
    char *name = end + 3;
    size_t length = strcspn(name, "\t\n");
    if (!make_room(symbols, length) || !symbols->names)
        return false;
    symbols->items[symbols->count++] = (struct symbol){
        .address = address, .name = (uint32_t)symbols->names_used, .code = strchr("tTwW", end[1]) != NULL};
    memcpy(symbols->names + symbols->names_used, name, length);
    symbols->names[symbols->names_used + length] = 0;
    symbols->names_used += length + 1;
    return true;
}

/* Of several at one address the first stays first, as the file has it: aliases follow what they stand for. */
static int by_address(const void *left, const void *right)
{
    const struct symbol *a = left;
    const struct symbol *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->name < b->name ? -1 : a->name > b->name;
}

struct kernel_symbols *kernel_symbols_read(FILE *file)
{
    struct kernel_symbols *symbols = calloc(1, sizeof *symbols);
    char line[1024];
    bool fine = symbols != NULL;
    while (fine && file && symbols->count < SYMBOLS_MOST && fgets(line, sizeof line, file))
        fine = add_line(symbols, line);
    if (!fine) {
        kernel_symbols_free(symbols);
        return NULL;
    }
    if (symbols->count)
        qsort(symbols->items, symbols->count, sizeof *symbols->items, by_address);
    return symbols;
}

void kernel_symbols_free(struct kernel_symbols *symbols)
{
    if (!symbols)
        return;
    free(symbols->items);
    free(symbols->names);
    free(symbols);
}

const char *kernel_symbols_at(const struct kernel_symbols *symbols, uint64_t address)
{
    size_t low = 0;
    size_t high = symbols ? symbols->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->items[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return "[kernel]";
    /* the first of those at one address */
    for (low--; low > 0 && symbols->items[low - 1].address == symbols->items[low].address; low--)
        ;
    return symbols->items[low].code ? symbols->names + symbols->items[low].name : "[kernel]";
}
