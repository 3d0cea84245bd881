#include "runner/trace/metadata.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

/* The comment and the field name `id` are what babeltrace2 asks for; align = 8 makes the C layout of
   bpf/events.h the layout of the trace. */
static const char preamble[] =
    "/* CTF 1.8 */\n"
    "typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
    "typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
    "typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
    "typealias integer { size = 64; align = 8; signed = false; base = 16; } := x64;\n"
    "trace { major = 1; minor = 8; byte_order = le;\n"
    "    packet.header := struct { u32 magic; u32 stream_id; }; };\n"
    "env { domain = \"kernel\"; tracer_name = \"runner\";\n";
static const char stream[] =
    " absolute = false; };\n"
    "typealias integer { size = 64; align = 8; signed = false; map = clock.monotonic.value; } := clock_u64;\n"
    "stream { id = 0;\n"
    "    packet.context := struct { u64 content_size; u64 packet_size; clock_u64 timestamp_begin;\n"
    "                               clock_u64 timestamp_end; u64 events_discarded; u64 packet_seq_num; };\n"
    "    event.header := struct { clock_u64 timestamp; u16 id; };\n"
    "    event.context := struct { u8 cpu; u8 flags; u32 seq; u32 tid; u32 pid; u64 goid; }; };\n";

static const int64_t second = 1000000000;

/* A text that is written (out is set) or read (from `at` on). The first thing that does not fit sets `failed`
   and leaves `at` there; nothing is read after it. */
struct text {
    FILE *out;
    const char *begin, *at, *end;
    const char *failed; /* what was expected; NULL: all is well */
};

static void fail(struct text *text, const char *expected)
{
    if (!text->failed)
        text->failed = expected;
}

/* Does `literal` stand here? Moves behind it if so. */
static bool next_is(struct text *text, const char *literal)
{
    size_t size = strlen(literal);
    if (text->failed || (size_t)(text->end - text->at) < size || memcmp(text->at, literal, size) != 0)
        return false;
    text->at += size;
    return true;
}

static void literal(struct text *text, const char *expected)
{
    if (text->out) {
        fputs(expected, text->out);
        return;
    }
    if (text->failed)
        return;
    const char *rest = expected;
    while (text->at < text->end && *rest && *text->at == *rest) {
        text->at++;
        rest++;
    }
    if (*rest)
        fail(text, expected);
}

static void number(struct text *text, int64_t *value, int64_t min, int64_t max)
{
    if (text->out) {
        fprintf(text->out, "%" PRId64, *value);
        return;
    }
    const char *start = text->at;
    bool negative = next_is(text, "-");
    int64_t sum = 0;
    int digits = 0;
    while (!text->failed && text->at < text->end && *text->at >= '0' && *text->at <= '9' && ++digits <= 18)
        sum = sum * 10 + (*text->at++ - '0');
    if (negative)
        sum = -sum;
    if (digits == 0 || digits > 18 || sum < min || sum > max) {
        if (!text->failed)
            text->at = start;
        fail(text, "a number in range");
        return;
    }
    *value = sum;
}

static void u32(struct text *text, uint32_t *value)
{
    int64_t wide = *value;
    number(text, &wide, 0, UINT32_MAX);
    *value = (uint32_t)wide;
}

static bool plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static void quoted(struct text *text, char *value, size_t size)
{
    literal(text, "\"");
    if (text->out) {
        fputs(value, text->out);
    } else {
        size_t used = 0;
        while (!text->failed && text->at < text->end && plain(*text->at) && used + 1 < size)
            value[used++] = *text->at++;
        value[used] = 0;
    }
    literal(text, "\"");
}

/* `"chan receive" = 14, ...` of a reason's or mark's type. */
static void names(struct text *text, char (*known)[NAME_MAX_SIZE])
{
    int64_t value = 0;
    const char *comma = " ";
    for (int i = 0; text->out && i < NAMES_MAX; i++) {
        if (!known[i][0])
            continue;
        fprintf(text->out, "%s\"%s\" = %d", comma, known[i], i);
        comma = ", ";
    }
    if (text->out)
        return;
    do {
        char name[NAME_MAX_SIZE] = {0};
        literal(text, " ");
        quoted(text, name, sizeof name);
        literal(text, " = ");
        number(text, &value, 0, NAMES_MAX - 1);
        if (!text->failed)
            memcpy(known[value], name, sizeof name);
    } while (next_is(text, ","));
}

static bool any_name(char (*known)[NAME_MAX_SIZE])
{
    for (int i = 0; i < NAMES_MAX; i++)
        if (known[i][0])
            return true;
    return false;
}

static void field(struct text *text, const struct event_field *field, struct metadata *metadata)
{
    bool wide = field->size == sizeof(uint64_t);
    literal(text, " ");
    if (field->type == FIELD_UNSIGNED || field->type == FIELD_HEX) {
        literal(text, field->type == FIELD_HEX ? "x64" : wide ? "u64" : "u32");
    } else {
        char(*const known)[NAME_MAX_SIZE] = metadata->names[field->type];
        const char *open = wide ? "enum : u64 {" : "enum : u32 {";
        bool named = text->out ? any_name(known) : next_is(text, open);
        if (named) {
            if (text->out)
                literal(text, open);
            names(text, known);
            literal(text, " }");
        } else {
            literal(text, wide ? "u64" : "u32");
        }
    }
    literal(text, " ");
    literal(text, field->name);
    literal(text, ";");
}

/* What follows `event { stream_id = 0; id = <kind>;`. */
static void event(struct text *text, const struct event_type *type, struct metadata *metadata)
{
    literal(text, " name = \"");
    literal(text, type->name);
    literal(text, "\"; fields := struct {");
    for (size_t i = 0; i < type->field_count; i++)
        field(text, &type->fields[i], metadata);
    size_t padding = event_padding(type);
    if (padding)
        literal(text, padding == sizeof(uint64_t) ? " u64 _pad;" : " u32 _pad;");
    literal(text, " }; };\n");
    metadata->kinds |= UINT64_C(1) << type->kind;
}

static void events(struct text *text, struct metadata *metadata)
{
    static const char open[] = "event { stream_id = 0; id = ";
    for (unsigned kind = 0; text->out && kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        if (!type)
            continue;
        fprintf(text->out, "%s%u;", open, kind);
        event(text, type, metadata);
    }
    while (!text->out && !text->failed && text->at < text->end) {
        int64_t kind = 0;
        literal(text, open);
        const char *start = text->at;
        number(text, &kind, 0, EVENT_KIND_COUNT - 1);
        const struct event_type *type = event_type((unsigned)kind);
        if (!text->failed && (!type || metadata->kinds >> kind & 1)) {
            text->at = start;
            fail(text, type ? "each kind of event once" : "a kind of event that this version knows");
        }
        if (text->failed)
            return;
        literal(text, ";");
        event(text, type, metadata);
    }
}

static void describe(struct text *text, struct metadata *metadata)
{
    uint32_t abi = EVENT_ABI_VERSION;
    literal(text, preamble);
    literal(text, "    event_abi = ");
    const char *abi_at = text->at;
    u32(text, &abi);
    if (!text->failed && abi != EVENT_ABI_VERSION) {
        text->at = abi_at;
        fail(text, "an event ABI that this version knows");
    }
    literal(text, ";\n    go_minor = ");
    u32(text, &metadata->go_minor);
    literal(text, ";\n    hostname = ");
    quoted(text, metadata->hostname, sizeof metadata->hostname);
    literal(text, ";\n    trial = ");
    quoted(text, metadata->trial, sizeof metadata->trial);
    literal(text, "; };\nclock { name = \"monotonic\"; description = \"CLOCK_MONOTONIC\"; freq = 1000000000;"
                  " offset_s = ");
    int64_t nanoseconds = ((metadata->clock_offset % second) + second) % second;
    int64_t seconds = (metadata->clock_offset - nanoseconds) / second;
    number(text, &seconds, -INT64_C(4000000000), INT64_C(4000000000));
    literal(text, "; offset = ");
    number(text, &nanoseconds, 0, second - 1);
    literal(text, ";");
    metadata->clock_offset = seconds * second + nanoseconds;
    literal(text, stream);
    events(text, metadata);
}

static void copy_plain(char *to, size_t size, const char *from)
{
    size_t used = 0;
    for (; from && from[used] && used + 1 < size; used++)
        to[used] = plain(from[used]) ? from[used] : '_';
    to[used] = 0;
}

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * (uint64_t)second + (uint64_t)now.tv_nsec;
}

/* The narrowest of 50 samples: an interrupt between two reads of the clock makes a sample wide. */
static int64_t clock_offset(void)
{
    uint64_t narrowest = UINT64_MAX;
    int64_t offset = 0;
    for (int i = 0; i < 50; i++) {
        uint64_t before = nanoseconds(CLOCK_MONOTONIC);
        uint64_t real = nanoseconds(CLOCK_REALTIME);
        uint64_t after = nanoseconds(CLOCK_MONOTONIC);
        if (after - before >= narrowest)
            continue;
        narrowest = after - before;
        offset = (int64_t)(real - (before + narrowest / 2));
    }
    return offset;
}

void metadata_make(const struct trace_settings *settings, struct metadata *metadata)
{
    *metadata = (struct metadata){.go_minor = settings->go_minor, .clock_offset = clock_offset()};
    struct utsname host;
    copy_plain(metadata->hostname, sizeof metadata->hostname, uname(&host) == 0 ? host.nodename : "");
    copy_plain(metadata->trial, sizeof metadata->trial, settings->trial);
    for (uint32_t i = 0; i < NAMES_MAX; i++) {
        const char *wait = settings->wait_reason ? settings->wait_reason(settings->reason_context, i) : NULL;
        const char *stw = settings->stw_reason ? settings->stw_reason(settings->reason_context, i) : NULL;
        copy_plain(metadata->names[FIELD_WAIT_REASON][i], NAME_MAX_SIZE, wait);
        copy_plain(metadata->names[FIELD_STW_REASON][i], NAME_MAX_SIZE, stw);
        copy_plain(metadata->names[FIELD_MARK][i], NAME_MAX_SIZE, event_mark_name(i));
    }
}

int metadata_print(FILE *out, const struct metadata *metadata)
{
    struct metadata copy = *metadata; /* the description also fills in what it reads */
    struct text text = {.out = out};
    describe(&text, &copy);
    return ferror(out) ? -EIO : 0;
}

int metadata_parse(const char *text, size_t size, struct metadata *metadata, struct error *error)
{
    *metadata = (struct metadata){0};
    struct text from = {.begin = text, .at = text, .end = text + size};
    describe(&from, metadata);
    if (!from.failed)
        return 0;
    char expected[81];
    copy_plain(expected, sizeof expected, from.failed);
    return error_set(error, ERROR_USAGE, 0,
                     "metadata: byte %zu: expected `%s`: the file is damaged, or was not written by this "
                     "version of runner",
                     (size_t)(from.at - from.begin), expected);
}
