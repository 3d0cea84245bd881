#include "runner/gobin/functions.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/gobin/pclntab.h"

static int compare(const void *left, const void *right)
{
    const struct function *a = left;
    const struct function *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->name < b->name ? -1 : a->name > b->name;
}

static bool add(struct functions *functions, size_t *room, struct function item)
{
    if (functions->count == *room) {
        size_t more = *room ? *room * 2 : 1024;
        struct function *larger = realloc(functions->items, more * sizeof *larger);
        if (!larger)
            return false;
        functions->items = larger;
        *room = more;
    }
    functions->items[functions->count++] = item;
    return true;
}

/* The symbol table with its string table; false where one of them is missing. */
static bool symbol_table(const struct image *image, struct span *symbols, struct span *names)
{
    struct image_section table;
    struct image_section strings;
    if (!image_section_of_type(image, SHT_SYMTAB, &table) || !image_section_at(image, table.link, &strings) ||
        strings.type != SHT_STRTAB)
        return false;
    *symbols = table.bytes;
    *names = strings.bytes;
    return symbols->size >= sizeof(Elf64_Sym) && names->size > 0;
}

static int copy_names(struct functions *functions, struct span names)
{
    functions->names = malloc(names.size + 1);
    if (!functions->names)
        return -ENOMEM;
    memcpy(functions->names, names.data, names.size);
    functions->names[names.size] = 0;
    functions->names_size = names.size + 1;
    return 0;
}

static Elf64_Sym symbol_at(struct span symbols, size_t index)
{
    Elf64_Sym symbol;
    memcpy(&symbol, symbols.data + index * sizeof symbol, sizeof symbol);
    return symbol;
}

static int read_symbols(const struct image *image, struct functions *functions)
{
    struct span symbols;
    struct span names;
    if (!symbol_table(image, &symbols, &names))
        return 0;
    int result = copy_names(functions, names);
    size_t room = 0;
    for (size_t i = 0; result == 0 && i < symbols.size / sizeof(Elf64_Sym); i++) {
        Elf64_Sym symbol = symbol_at(symbols, i);
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF ||
            symbol.st_name >= names.size || symbol.st_size > UINT32_MAX)
            continue;
        struct function item = {symbol.st_value, (uint32_t)symbol.st_size, symbol.st_name};
        if (!add(functions, &room, item))
            result = -ENOMEM;
    }
    return result;
}

int functions_read_pclntab(const struct image *image, struct functions *functions)
{
    *functions = (struct functions){0};
    struct pclntab table;
    if (!pclntab_open(image, &table))
        return 0;
    int result = copy_names(functions, table.names);
    size_t room = 0;
    for (uint64_t i = 0; result == 0 && i < table.count; i++) {
        struct function item;
        if (pclntab_function(&table, i, &item) && !add(functions, &room, item))
            result = -ENOMEM;
    }
    if (result == 0 && functions->count)
        qsort(functions->items, functions->count, sizeof *functions->items, compare);
    if (result < 0)
        functions_free(functions);
    return result;
}

int functions_read(const struct image *image, struct functions *functions)
{
    *functions = (struct functions){0};
    int result = read_symbols(image, functions);
    if (result == 0 && functions->count)
        qsort(functions->items, functions->count, sizeof *functions->items, compare);
    if (result < 0 || functions->count == 0)
        functions_free(functions);
    return result == 0 && functions->count == 0 ? functions_read_pclntab(image, functions) : result;
}

void functions_free(struct functions *functions)
{
    free(functions->items);
    free(functions->names);
    *functions = (struct functions){0};
}

const struct function *functions_find(const struct functions *functions, const char *name)
{
    for (size_t i = 0; i < functions->count; i++)
        if (strcmp(functions->names + functions->items[i].name, name) == 0)
            return &functions->items[i];
    return NULL;
}

const struct function *functions_next(const struct functions *functions, const char *name,
                                      const struct function *previous)
{
    size_t length = strlen(name);
    for (size_t i = previous ? (size_t)(previous - functions->items) + 1 : 0; i < functions->count; i++) {
        const char *have = functions->names + functions->items[i].name;
        if (strncmp(have, name, length) == 0 && (!have[length] || strcmp(have + length, ".abi0") == 0))
            return &functions->items[i];
    }
    return NULL;
}

const char *functions_at(const struct functions *functions, uint64_t address)
{
    size_t low = 0;
    size_t high = functions->count; /* the answer's index + 1 is in low .. high */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (functions->items[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    const struct function *found = &functions->items[low - 1];
    bool inside = found->size ? address - found->address < found->size : low < functions->count;
    return inside ? functions->names + found->name : NULL;
}

static bool find_symbol(const struct image *image, unsigned type, const char *name, Elf64_Sym *found)
{
    struct span symbols;
    struct span names;
    if (!symbol_table(image, &symbols, &names))
        return false;
    size_t length = strlen(name) + 1;
    for (size_t i = 0; i < symbols.size / sizeof(Elf64_Sym); i++) {
        Elf64_Sym symbol = symbol_at(symbols, i);
        if (ELF64_ST_TYPE(symbol.st_info) == type && symbol.st_shndx != SHN_UNDEF &&
            symbol.st_name < names.size && names.size - symbol.st_name >= length &&
            memcmp(names.data + symbol.st_name, name, length) == 0) {
            *found = symbol;
            return true;
        }
    }
    return false;
}

uint64_t functions_data_object(const struct image *image, const char *name, uint64_t *size)
{
    Elf64_Sym symbol;
    bool found = find_symbol(image, STT_OBJECT, name, &symbol);
    *size = found ? symbol.st_size : 0;
    return found ? symbol.st_value : 0;
}

bool functions_tls_symbol(const struct image *image, const char *name, uint64_t *offset)
{
    Elf64_Sym symbol;
    if (!find_symbol(image, STT_TLS, name, &symbol))
        return false;
    *offset = symbol.st_value;
    return true;
}

uint64_t functions_data_symbol(const struct image *image, const char *name)
{
    uint64_t size;
    return functions_data_object(image, name, &size);
}
