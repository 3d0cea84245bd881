#include "runner/report/github.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runner/report/comparison_formats.h"
#include "runner/report/markdown.h"
#include "runner/report/text.h"
#include "runner/support/fd.h"

enum { TEXT_SIZE = 2048, SUMMARY_MOST = 1000 << 10 };

int github_stop(struct github *github, FILE *out)
{
    unsigned char secret[sizeof github->token / 2];
    *github = (struct github){.out = out};
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        return -EIO;
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(github->token + 2 * i, 3, "%02x", secret[i]);
    fprintf(out, "::stop-commands::%s\n", github->token);
    return fflush(out) == 0 ? 0 : -errno;
}

void github_resume(struct github *github)
{
    fflush(stdout);
    if (github->token[0])
        fprintf(github->out, "\n::%s::\n", github->token);
    github->token[0] = 0;
    fflush(github->out);
}

/* Clean text with what would end the command, or the property, escaped. */
static void put_escaped(const char *text, bool property, FILE *out)
{
    char piece[TEXT_SIZE], clean[TEXT_SIZE];
    while (*text) {
        size_t length = strcspn(text, "\r\n");
        snprintf(piece, sizeof piece, "%.*s", (int)(length < sizeof piece ? length : sizeof piece - 1), text);
        text_clean(piece, clean, sizeof clean);
        for (const char *at = clean; *at; at++) {
            if (*at == '%' || (property && strchr(":,", *at)))
                fprintf(out, "%%%02X", (unsigned)*at);
            else
                fputc(*at, out);
        }
        for (text += length; *text == '\r' || *text == '\n'; text++)
            fputs(*text == '\r' ? "%0D" : "%0A", out);
    }
}

static void put_property(const char *name, const char *value, bool *any, FILE *out)
{
    fprintf(out, "%c%s=", *any ? ',' : ' ', name);
    put_escaped(value, true, out);
    *any = true;
}

void github_annotate(const struct github *github, const struct annotation *annotation)
{
    FILE *out = github->out;
    bool any = false;
    char number[24];
    fprintf(out, "::%s", annotation->level);
    if (annotation->file)
        put_property("file", annotation->file, &any, out);
    if (annotation->file && annotation->line) {
        snprintf(number, sizeof number, "%zu", annotation->line);
        put_property("line", number, &any, out);
    }
    if (annotation->file && annotation->line && annotation->column) {
        snprintf(number, sizeof number, "%zu", annotation->column);
        put_property("col", number, &any, out);
    }
    if (annotation->title)
        put_property("title", annotation->title, &any, out);
    fputs("::", out);
    put_escaped(annotation->message, false, out);
    fputc('\n', out);
}

/* The line of the demo or the gate that a result is of; 0: not known. */
static size_t line_of(const struct result *result, const struct experiment *experiment)
{
    char text[256];
    for (size_t i = 0; result->kind == RESULT_GATE && i < experiment->gate_count; i++) {
        gate_text(&experiment->gates[i], text, sizeof text);
        const char *demo = experiment->gates[i].demo;
        if (strcmp(text, result->name) == 0 && (!demo || !result->demo || strcmp(demo, result->demo) == 0))
            return experiment->gates[i].line;
    }
    for (size_t i = 0; result->demo && i < experiment->demo_count; i++)
        if (strcmp(experiment->demos[i].name, result->demo) == 0)
            return experiment->demos[i].line;
    return 0;
}

void github_annotate_results(const struct github *github, const struct results *results,
                             const struct experiment *experiment, const char *file)
{
    static const char *const levels[] = {
        [RESULT_NOTE] = "notice",       [RESULT_WARNING] = "notice", [RESULT_SERIOUS] = "warning",
        [RESULT_UNDECIDED] = "warning", [RESULT_BAD] = "error",      [RESULT_BROKEN] = "error"};
    static const char *const says[] = {
        [RESULT_UNDECIDED] = "not decided: ", [RESULT_BAD] = "failed: ", [RESULT_BROKEN] = "failed: "};
    for (size_t i = 0; i < results->count && i < GITHUB_ANNOTATIONS; i++) {
        const struct result *result = &results->list[i];
        char title[600];
        if (result->outcome == RESULT_GOOD)
            return;
        snprintf(title, sizeof title, "%s%.250s%s%.250s",
                 result->outcome >= RESULT_UNDECIDED ? says[result->outcome] : "",
                 result->demo ? result->demo : "", result->demo ? ": " : "", result->name);
        github_annotate(github, &(struct annotation){levels[result->outcome], file, title, result->text,
                                                     experiment ? line_of(result, experiment) : 0, 0});
    }
}

static void put_results(const struct results *results, FILE *out)
{
    static const char *const words[] = {[RESULT_NOTE] = "note",       [RESULT_WARNING] = "warning",
                                        [RESULT_SERIOUS] = "serious", [RESULT_UNDECIDED] = "not decided",
                                        [RESULT_BAD] = "failed",      [RESULT_BROKEN] = "not built"};
    bool any = false;
    for (size_t i = 0; i < results->count; i++) {
        const struct result *result = &results->list[i];
        const char *const cells[] = {result->demo ? result->demo : "", result->name, result->text};
        if (result->outcome == RESULT_GOOD)
            continue;
        if (!any)
            fputs("| outcome | demo | what | why |\n| --- | --- | --- | --- |\n", out);
        any = true;
        fprintf(out, "| %s", words[result->outcome]);
        for (size_t cell = 0; cell < sizeof cells / sizeof *cells; cell++) {
            fputs(" | ", out);
            markdown_text(cells[cell], out);
        }
        fputs(" |\n", out);
    }
    fputs(any ? "\n" : "All is well.\n\n", out);
}

void github_summary(const struct results *results, const char *title, const struct comparison *comparison,
                    const json_t *gates, FILE *out)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return;
    fputs("## ", memory);
    markdown_text(title, memory);
    fputs("\n\n", memory);
    put_results(results, memory);
    if (comparison)
        comparison_markdown(comparison, false, gates, memory);
    if (fclose(memory) != 0)
        return;
    size_t kept = size;
    if (kept > SUMMARY_MOST)
        for (kept = SUMMARY_MOST; kept > 0 && text[kept - 1] != '\n';)
            kept--;
    fwrite(text, 1, kept, out);
    if (kept < size)
        fputs("\n... the rest is longer than GitHub takes; `runner compare --format markdown` prints all\n",
              out);
}

const char *github_path(const char *path, const char *workspace)
{
    size_t length = workspace ? strlen(workspace) : 0;
    while (length > 1 && workspace[length - 1] == '/')
        length--;
    return length && strncmp(path, workspace, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}
