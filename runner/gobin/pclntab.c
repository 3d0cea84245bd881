#include "runner/gobin/pclntab.h"

#include <elf.h>
#include <string.h>

#define MAGIC_GO_1_18 0xfffffff0u
#define MAGIC_GO_1_20 0xfffffff1u

#define HEADER_COUNT     8
#define HEADER_TEXT      24
#define HEADER_NAMES     32
#define HEADER_UNITS     40
#define HEADER_VALUES    56
#define HEADER_FUNCTIONS 64

#define RECORD_STACK_DEPTH 16 /* _func.pcsp */

#define TABLE_ALIGNMENT 32 /* cmd/link/internal/ld/data.go, of runtime.pclntab */

#define TABLES_MAX 64        /* places that look like one */
#define STEPS_MAX  (1 << 16) /* changes of a function's stack depth; the longest has some hundreds */

#define MODULE_DATA_TEXT 176 /* moduledata.text in .go.module, Go 1.26 and later */

/* runtime.text. The header says it up to Go 1.25, on disk or by a relocation; from Go 1.26 on moduledata
   does; .text begins with it unless C objects were linked in. */
static uint64_t text_start(const struct image *image, const struct image_section *table)
{
    uint64_t start = 0;
    struct image_section section;
    if (span_u64(table->bytes, HEADER_TEXT, &start) && start)
        return start;
    start = image_relocation(image, table->address + HEADER_TEXT);
    if (start)
        return start;
    if (image_section(image, ".go.module", &section) && span_u64(section.bytes, MODULE_DATA_TEXT, &start) &&
        start)
        return start;
    return image_section(image, ".text", &section) ? section.address : 0;
}

static struct span part(struct span whole, uint64_t from, uint64_t to)
{
    if (from > to || to > whole.size)
        return (struct span){0};
    return (struct span){whole.data + from, to - from};
}

static bool has_magic(struct span bytes)
{
    uint32_t magic;
    return bytes.size >= 8 && span_u32(bytes, 0, &magic) &&
           (magic == MAGIC_GO_1_18 || magic == MAGIC_GO_1_20) &&
           memcmp(bytes.data + 4, "\0\0\1\10", 4) == 0; /* padding, unit of code, size of a pointer */
}

/* Whether a table begins with the section's bytes. */
static bool read_table(const struct image *image, const struct image_section *section, struct pclntab *table)
{
    struct span whole = section->bytes;
    uint64_t count;
    uint64_t names;
    uint64_t units;
    uint64_t values;
    uint64_t functions;
    if (!has_magic(whole) || !span_u64(whole, HEADER_COUNT, &count) ||
        !span_u64(whole, HEADER_NAMES, &names) || !span_u64(whole, HEADER_UNITS, &units) ||
        !span_u64(whole, HEADER_VALUES, &values) || !span_u64(whole, HEADER_FUNCTIONS, &functions))
        return false;
    table->names = part(whole, names, units);
    table->functions = part(whole, functions, whole.size);
    table->values = part(whole, values, functions);
    table->count = count;
    /* count pairs and the end of the last function behind them */
    if (!table->names.size || table->functions.size < 4 || count > (table->functions.size - 4) / 8)
        return false;
    table->text_start = text_start(image, section);
    return table->text_start != 0;
}

/* Within a section that holds other data, too: what looks like a table takes a search among all relocations,
   so not too many are looked at. */
static bool search_table(const struct image *image, const struct image_section *section,
                         struct pclntab *table)
{
    struct span whole = section->bytes;
    unsigned looks = 0;
    for (size_t at = -section->address % TABLE_ALIGNMENT; at < whole.size; at += TABLE_ALIGNMENT) {
        struct image_section rest = *section;
        rest.address += at;
        rest.bytes = part(whole, at, whole.size);
        if (!has_magic(rest.bytes))
            continue;
        if (looks++ == TABLES_MAX)
            return false;
        if (read_table(image, &rest, table))
            return true;
    }
    return false;
}

bool pclntab_open(const struct image *image, struct pclntab *table)
{
    struct image_section section;
    if (image_section(image, ".gopclntab", &section))
        return read_table(image, &section, table);
    /* Position-independent executables of Go 1.25 and earlier have it among the relocated data, and where C's
       linker made them that is one section. */
    if (image_section(image, ".data.rel.ro.gopclntab", &section))
        return read_table(image, &section, table);
    return image_section(image, ".data.rel.ro", &section) && search_table(image, &section, table);
}

bool pclntab_function(const struct pclntab *table, uint64_t index, struct function *function)
{
    uint32_t entry;
    uint32_t record;
    uint32_t next;
    uint32_t name;
    if (!span_u32(table->functions, index * 8, &entry) ||
        !span_u32(table->functions, index * 8 + 4, &record) ||
        !span_u32(table->functions, index * 8 + 8, &next) ||
        !span_u32(table->functions, (uint64_t)record + 4, &name) || next < entry || name >= table->names.size)
        return false;
    *function = (struct function){table->text_start + entry, next - entry, name};
    return true;
}

/* The last function that begins at or before `offset` (from the start of the text), as its record's place. */
static bool find_record(const struct pclntab *table, uint64_t offset, uint32_t *entry, uint32_t *record)
{
    uint64_t low = 0;
    uint64_t high = table->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (!span_u32(table->functions, middle * 8, entry))
            return false;
        if (*entry <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && span_u32(table->functions, (low - 1) * 8, entry) &&
           span_u32(table->functions, (low - 1) * 8 + 4, record);
}

/* encoding/binary, Uvarint: seven bits a byte, the lowest first. */
static bool take_number(struct span values, uint64_t *at, uint32_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 32 && *at < values.size; shift += 7) {
        uint8_t byte = values.data[(*at)++];
        *number |= (uint32_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* runtime/symtab.go, pcvalue() and step(): pairs of a change of the value, zigzag, and how many bytes of code
   have the new one; it begins at -1. A change of 0 ends the list, but for the first. */
bool pclntab_stack_depth(const struct pclntab *table, uint64_t pc, uint32_t *depth)
{
    uint32_t entry;
    uint32_t record;
    uint32_t start;
    if (pc < table->text_start || !find_record(table, pc - table->text_start, &entry, &record) ||
        !span_u32(table->functions, (uint64_t)record + RECORD_STACK_DEPTH, &start) || start == 0)
        return false;
    uint64_t wanted = pc - table->text_start;
    uint64_t covered = entry;
    uint64_t at = start;
    uint32_t value = UINT32_MAX; /* -1 */
    for (unsigned step = 0; step < STEPS_MAX; step++) {
        uint32_t change;
        uint32_t length;
        if (!take_number(table->values, &at, &change) || (change == 0 && covered != entry) ||
            !take_number(table->values, &at, &length))
            return false;
        value += (change >> 1) ^ -(change & 1);
        covered += length;
        if (wanted < covered) {
            *depth = value;
            return value <= INT32_MAX;
        }
    }
    return false;
}
