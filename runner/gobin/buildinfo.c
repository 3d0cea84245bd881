#include "runner/gobin/buildinfo.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC         "\xff Go buildinf:"
#define MAGIC_SIZE    14
#define HEADER_SIZE   32
#define ALIGNMENT     16
#define FLAG_INLINE   2 /* Go 1.18 and later: the strings follow the header */
#define FLAG_BIG      1
#define SEARCH_MAX    ((size_t)1 << 20)
#define VERSION_MAX   256
#define MODULES_MAX   ((uint64_t)4 << 20)
#define SENTINEL_SIZE 16 /* random bytes before and behind the module text */
#define SETTINGS_MAX  256

/* --- where it is ------------------------------------------------------------------------------------------
 */

/* The address of the header; 0: none. Searched at multiples of 16, as debug/buildinfo does. */
static uint64_t find_header(const struct image *image)
{
    struct image_section section;
    if (image_section(image, ".go.buildinfo", &section) && section.address)
        return section.address;
    uint64_t found = 0;
    uint8_t *data = malloc(SEARCH_MAX);
    for (size_t i = 0; data && !found && i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (!segment->writable || segment->executable)
            continue;
        size_t size = image_read(image, segment->address, data, SEARCH_MAX);
        for (size_t at = 0; at + HEADER_SIZE <= size && !found; at += ALIGNMENT)
            if (memcmp(data + at, MAGIC, MAGIC_SIZE) == 0)
                found = segment->address + at;
    }
    free(data);
    return found;
}

/* A fresh NUL-terminated copy of `size` bytes at an address; NULL where they are not in the file. */
static char *read_text(const struct image *image, uint64_t address, uint64_t size)
{
    char *text = malloc(size + 1);
    if (!text || image_read(image, address, text, size) != size) {
        free(text);
        return NULL;
    }
    text[size] = 0;
    return text;
}

/* Go 1.18 and later: a varint length (encoding/binary.Uvarint) and the bytes. Moves *address behind them. */
static char *read_inline(const struct image *image, uint64_t *address, uint64_t limit, uint64_t *size)
{
    uint8_t bytes[10];
    size_t got = image_read(image, *address, bytes, sizeof bytes);
    uint64_t length = 0;
    for (size_t i = 0; i < got && i < 9; i++) {
        length |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] & 0x80)
            continue;
        if (length > limit)
            return NULL;
        char *text = read_text(image, *address + i + 1, length);
        *address += i + 1 + length;
        *size = length;
        return text;
    }
    return NULL;
}

/* Before Go 1.18: the address of a Go string header {address, length}. */
static char *read_pointed(const struct image *image, const uint8_t *pointer, uint64_t limit, uint64_t *size)
{
    uint64_t address;
    uint64_t header[2];
    memcpy(&address, pointer, sizeof address);
    if (image_read(image, address, header, sizeof header) != sizeof header || header[1] > limit)
        return NULL;
    *size = header[1];
    return read_text(image, header[0], header[1]);
}

/* --- what it says ------------------------------------------------------------------------------------------
 */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* One escape of a Go string literal, without the backslash; returns how many characters it takes. Those of
   Unicode code points (\u) stay as they are written. */
static size_t unescape(const char *at, char *out)
{
    static const char names[] = "abfnrtv\\\"";
    static const char values[] = "\a\b\f\n\r\t\v\\\"";
    const char *name = *at ? strchr(names, *at) : NULL;
    if (name) {
        *out = values[name - names];
        return 1;
    }
    if (*at == 'x' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
        *out = (char)(hex_digit(at[1]) << 4 | hex_digit(at[2]));
        return 3;
    }
    *out = '\\';
    return 0;
}

/* Takes a key or value from *at, quoted ("...", `...`) or up to `end` or the end of the text. Fresh memory.
 */
static char *take_text(char **at, char end)
{
    char *text = malloc(strlen(*at) + 1);
    if (!text)
        return NULL;
    char *out = text;
    char *in = *at;
    char quote = *in == '"' || *in == '`' ? *in++ : 0;
    while (*in && *in != (quote ? quote : end)) {
        if (quote == '"' && *in == '\\')
            in += 1 + unescape(in + 1, out++);
        else
            *out++ = *in++;
    }
    *out = 0;
    if (quote && *in)
        in++;
    *at = in;
    return text;
}

static int add_setting(struct buildinfo *info, char *text)
{
    if (info->setting_count == SETTINGS_MAX)
        return 0;
    struct build_setting *larger = realloc(info->settings, (info->setting_count + 1) * sizeof *larger);
    if (!larger)
        return -ENOMEM;
    info->settings = larger;
    struct build_setting *setting = &larger[info->setting_count];
    setting->key = take_text(&text, '=');
    if (*text == '=')
        text++;
    setting->value = take_text(&text, '\0');
    if (!setting->key || !setting->value) {
        free(setting->key);
        free(setting->value);
        return -ENOMEM;
    }
    info->setting_count++;
    return 0;
}

/* "mod\tpath\tversion\tsum": path and version. */
static char *module_text(char *text)
{
    char *version = strchr(text, '\t');
    if (version) {
        *version = ' ';
        char *sum = strchr(version, '\t');
        if (sum)
            *sum = 0;
    }
    return strdup(text);
}

static int read_line(struct buildinfo *info, char *line)
{
    char *text = strchr(line, '\t');
    if (!text)
        return 0;
    *text++ = 0;
    if (strcmp(line, "path") == 0 && !info->main_path)
        return (info->main_path = strdup(text)) ? 0 : -ENOMEM;
    if (strcmp(line, "mod") == 0 && !info->module)
        return (info->module = module_text(text)) ? 0 : -ENOMEM;
    if (strcmp(line, "build") == 0)
        return add_setting(info, text);
    return 0;
}

static int read_modules(struct buildinfo *info, char *text, uint64_t size)
{
    if (size < 2 * SENTINEL_SIZE)
        return 0;
    text[size - SENTINEL_SIZE] = 0;
    char *rest = text + SENTINEL_SIZE;
    for (char *line; (line = strsep(&rest, "\n"));) {
        int result = read_line(info, line);
        if (result < 0)
            return result;
    }
    return 0;
}

int buildinfo_read(const struct image *image, struct buildinfo *info)
{
    *info = (struct buildinfo){0};
    uint8_t header[HEADER_SIZE];
    uint64_t address = find_header(image);
    if (!address || image_read(image, address, header, sizeof header) != sizeof header ||
        memcmp(header, MAGIC, MAGIC_SIZE) != 0)
        return 0;
    uint8_t pointer_size = header[14];
    uint8_t flags = header[15];
    uint64_t size = 0;
    char *modules = NULL;
    info->found = true;
    if (flags & FLAG_INLINE) {
        address += HEADER_SIZE;
        info->version = read_inline(image, &address, VERSION_MAX, &size);
        if (info->version)
            modules = read_inline(image, &address, MODULES_MAX, &size);
    } else if (pointer_size == 8 && !(flags & FLAG_BIG)) {
        info->version = read_pointed(image, header + 16, VERSION_MAX, &size);
        modules = read_pointed(image, header + 24, MODULES_MAX, &size);
    }
    int result = modules ? read_modules(info, modules, size) : 0;
    free(modules);
    if (result < 0)
        buildinfo_free(info);
    return result;
}

void buildinfo_free(struct buildinfo *info)
{
    for (size_t i = 0; i < info->setting_count; i++) {
        free(info->settings[i].key);
        free(info->settings[i].value);
    }
    free(info->settings);
    free(info->version);
    free(info->main_path);
    free(info->module);
    *info = (struct buildinfo){0};
}
