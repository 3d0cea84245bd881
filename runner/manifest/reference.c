#include "runner/manifest/manifest.h"

#include <string.h>

#include "runner/manifest/describe.h"
#include "runner/manifest/experiment.h"
#include "runner/manifest/fields.h"
#include "runner/manifest/units.h"

#define TEXT_COLUMN 20
#define LINE_WIDTH  96

/* Words from `indent` on, broken before LINE_WIDTH; the cursor stands at `column`. */
static void print_wrapped(FILE *out, const char *text, size_t indent, size_t column)
{
    bool first = true;
    for (; *text; first = false) {
        size_t word = strcspn(text, " ");
        if (!first && column + 1 + word > LINE_WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_field(FILE *out, const struct field *field, size_t depth)
{
    char value[512];
    char fallback[96];
    char line[1024];
    size_t column = 2 * depth + strlen(field->key) + 1;
    size_t text_column = 2 * depth + TEXT_COLUMN;
    describe_value(field, value, sizeof value);
    describe_default(field, fallback, sizeof fallback);
    fprintf(out, "%*s%s:", (int)(2 * depth), "", field->key);
    fprintf(out, "%*s", (int)(column < text_column ? text_column - column : 1), "");
    if (field->kind == FIELD_SECTION)
        snprintf(line, sizeof line, "%s", field->meaning);
    else
        snprintf(line, sizeof line, "%s (%s%s%s)", field->meaning, value, *fallback ? "; " : "", fallback);
    print_wrapped(out, line, text_column, column < text_column ? text_column : column + 1);
}

static void print_section(FILE *out, enum section section, size_t depth)
{
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &fields[i];
        if (field->section != section)
            continue;
        print_field(out, field, depth);
        bool list = field->kind == FIELD_DEMOS || field->kind == FIELD_GATES;
        if (field->kind == FIELD_SECTION || list)
            print_section(out, field->child, depth + 1 + list);
    }
}

void manifest_print_reference(FILE *out)
{
    char sizes[64];
    char times[64];
    char line[512];
    units_names(units_size, ", ", sizes, sizeof sizes);
    units_names(units_time, ", ", times, sizeof times);
    fputs("A manifest is one YAML document with these keys.\n\n", out);
    print_section(out, SECTION_ROOT, 0);
    fputc('\n', out);
    snprintf(line, sizeof line,
             "Sizes: %s (KiB: 1024 bytes, KB: 1000). Times: %s. Both are numbers with a unit and no space "
             "between; 0 needs no unit.",
             sizes, times);
    print_wrapped(out, line, 0, 0);
    print_wrapped(
        out,
        "Relative paths begin at the manifest's folder. A key that does not stand here is an error, "
        "and so is one that stands twice.",
        0, 0);
    char verdicts[512] = "Verdicts:";
    size_t used = strlen(verdicts);
    for (unsigned i = 0; i < VERDICT_COUNT && used < sizeof verdicts; i++)
        used += (size_t)snprintf(verdicts + used, sizeof verdicts - used, " %s%s",
                                 verdict_name((enum verdict)i), i + 1 < VERDICT_COUNT ? "," : ".");
    print_wrapped(out, verdicts, 0, 0);
}
