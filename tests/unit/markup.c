#include "tests/unit/markup.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH   64
#define IDS     4096
#define NAME    32
#define ID_SIZE 96

struct reader {
    const char *at;
    char open[DEPTH][NAME];
    size_t depth;
    char ids[IDS][ID_SIZE];
    size_t id_count;
    int heading;
    bool svg;
};

static char fault[400];

static const char *wrong(const struct reader *reader, const char *what)
{
    snprintf(fault, sizeof fault, "%s at: %.120s", what, reader->at);
    return fault;
}

static bool is_void(const char *name)
{
    static const char *const names[] = {"meta", "br", "hr", "img", "link", "input"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const char *keep_id(struct reader *reader, const char *id)
{
    for (size_t i = 0; i < reader->id_count; i++)
        if (strcmp(reader->ids[i], id) == 0)
            return wrong(reader, "an id stands twice");
    if (reader->id_count < IDS)
        snprintf(reader->ids[reader->id_count++], ID_SIZE, "%s", id);
    return NULL;
}

/* name, name="value" up to ">" or "/>". */
static const char *read_attributes(struct reader *reader, bool *closed)
{
    for (;;) {
        char name[NAME];
        char value[ID_SIZE];
        reader->at += strspn(reader->at, " \n");
        *closed = *reader->at == '/';
        reader->at += *closed;
        if (*reader->at == '>') {
            reader->at++;
            return NULL;
        }
        size_t length = strcspn(reader->at, "= \n>\"'<");
        if (!length)
            return wrong(reader, "an attribute without a name");
        snprintf(name, sizeof name, "%.*s", (int)length, reader->at);
        reader->at += length;
        if (*reader->at != '=')
            continue;
        if (reader->at[1] != '"')
            return wrong(reader, "an attribute's value without quotes");
        reader->at += 2;
        length = strcspn(reader->at, "\"<");
        if (reader->at[length] != '"')
            return wrong(reader, "a value that is not closed");
        snprintf(value, sizeof value, "%.*s", (int)length, reader->at);
        const char *found = strcmp(name, "id") == 0 ? keep_id(reader, value) : NULL;
        if (found)
            return found;
        reader->at += length + 1;
    }
}

static const char *read_heading(struct reader *reader, const char *name)
{
    if (name[0] != 'h' || !isdigit((unsigned char)name[1]) || name[2])
        return NULL;
    int level = name[1] - '0';
    if (level > reader->heading + 1)
        return wrong(reader, "a heading skips a level");
    reader->heading = level;
    return NULL;
}

static const char *read_opening(struct reader *reader)
{
    char name[NAME];
    bool closed;
    size_t length = strcspn(reader->at, " \n/>");
    snprintf(name, sizeof name, "%.*s", (int)length, reader->at);
    reader->at += length;
    const char *found = read_heading(reader, name);
    found = found ? found : read_attributes(reader, &closed);
    if (found || closed || is_void(name))
        return found;
    if (strcmp(name, "script") == 0 || strcmp(name, "style") == 0) {
        char ending[NAME + 4];
        snprintf(ending, sizeof ending, "</%.28s>", name);
        const char *end = strstr(reader->at, ending);
        if (!end)
            return wrong(reader, "text that is not closed");
        reader->at = end + strlen(ending);
        return NULL;
    }
    if (reader->depth == DEPTH)
        return wrong(reader, "elements too deep");
    memcpy(reader->open[reader->depth++], name, sizeof name);
    return NULL;
}

static const char *read_closing(struct reader *reader)
{
    size_t length = strcspn(reader->at, ">");
    if (!reader->depth || strlen(reader->open[reader->depth - 1]) != length ||
        strncmp(reader->open[reader->depth - 1], reader->at, length) != 0)
        return wrong(reader, "closed what is not open");
    reader->depth--;
    reader->at += length + 1;
    return NULL;
}

/* href="#x" and the like. */
static const char *check_references(struct reader *reader, const char *page)
{
    static const char *const kinds[] = {"href=\"#", "aria-labelledby=\"", "aria-describedby=\""};
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (const char *at = page; (at = strstr(at, kinds[kind]));) {
            bool known = false;
            at += strlen(kinds[kind]);
            size_t length = strcspn(at, "\"");
            for (size_t i = 0; i < reader->id_count && !known; i++)
                known = strlen(reader->ids[i]) == length && strncmp(reader->ids[i], at, length) == 0;
            reader->at = at;
            if (!known)
                return wrong(reader, "names an element that is not there");
        }
    return NULL;
}

const char *markup_fault(const char *page)
{
    static struct reader reader;
    reader = (struct reader){.at = page};
    while (*(reader.at += strcspn(reader.at, "<>"))) {
        const char *found = NULL;
        if (*reader.at == '>')
            return wrong(&reader, "a bare >");
        reader.at++;
        if (*reader.at == '!')
            reader.at += strcspn(reader.at, ">") + 1;
        else if (*reader.at == '/') {
            reader.at++;
            found = read_closing(&reader);
        } else if (isalpha((unsigned char)*reader.at))
            found = read_opening(&reader);
        else
            found = wrong(&reader, "a bare <");
        if (found)
            return found;
    }
    return reader.depth ? wrong(&reader, "an element is not closed") : check_references(&reader, page);
}

size_t markup_count(const char *page, const char *part)
{
    size_t count = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}
