/* What is printed from the table of fields. */
#include "runner/manifest/manifest.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/fields.h"
#include "runner/support/fd.h"

/* What a printer prints. Free it. */
static char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    print(out);
    fclose(out);
    return text;
}

Test(manifest_schema, the_committed_schema_is_what_the_table_says)
{
    char *committed = NULL;
    size_t size = 0;
    char *text = printed(manifest_print_schema);
    cr_assert_eq(fd_read_file(AT_FDCWD, "manifests/manifest.schema.json", 1 << 20, &committed, &size), 0);
    cr_assert_str_eq(committed, text, "run: runner help schema >manifests/manifest.schema.json");
    free(committed);
    free(text);
}

/* The schema of a section: by its keys from the root. */
static const json_t *section_of(const json_t *schema, enum section section)
{
    if (section == SECTION_ROOT)
        return schema;
    for (size_t i = 0; i < field_count; i++) {
        if ((fields[i].kind != FIELD_SECTION && fields[i].kind != FIELD_DEMOS &&
             fields[i].kind != FIELD_GATES) ||
            fields[i].child != section)
            continue;
        const json_t *parent = section_of(schema, fields[i].section);
        const json_t *child = json_object_get(json_object_get(parent, "properties"), fields[i].key);
        return fields[i].kind == FIELD_DEMOS || fields[i].kind == FIELD_GATES
                   ? json_object_get(child, "items")
                   : child;
    }
    return NULL;
}

Test(manifest_schema, each_field_has_its_place_and_sections_are_closed)
{
    char *text = printed(manifest_print_schema);
    json_t *schema = json_loads(text, 0, NULL);
    cr_assert_not_null(schema);
    for (size_t i = 0; i < field_count; i++) {
        const json_t *section = section_of(schema, fields[i].section);
        const json_t *field = json_object_get(json_object_get(section, "properties"), fields[i].key);
        cr_assert_not_null(field, "%s", fields[i].key);
        cr_assert(json_is_string(json_object_get(field, "description")), "%s", fields[i].key);
        cr_assert_eq(json_object_get(field, "default") != NULL, fields[i].fallback != NULL, "%s",
                     fields[i].key);
        cr_assert(json_is_false(json_object_get(section, "additionalProperties")));
    }
    json_decref(schema);
    free(text);
}

Test(manifest_reference, each_field_stands_in_it_with_its_default)
{
    char *text = printed(manifest_print_reference);
    for (size_t i = 0; i < field_count; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s: ", fields[i].key);
        cr_assert_not_null(strstr(text, key), "%s", key);
        if (fields[i].fallback)
            cr_assert_not_null(strstr(text, fields[i].fallback), "%s", fields[i].fallback);
    }
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\n');
        cr_assert_leq(end - line, 96, "%.*s", (int)(end - line), line);
        cr_assert(end == line || end[-1] != ' ', "%.*s", (int)(end - line), line);
    }
    cr_assert_not_null(strstr(text, "start_failed, oom, timeout"));
    free(text);
}
