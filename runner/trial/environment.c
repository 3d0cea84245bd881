#include "runner/trial/environment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const base[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "TMPDIR=/tmp",
                                   "LANG=C.UTF-8"};
#define BASE_COUNT   (sizeof base / sizeof *base)
#define GO_VARIABLES 4

void strings_free(char **strings)
{
    for (char **at = strings; at && *at; at++)
        free(*at);
    free(strings);
}

/* Takes `entry` ("NAME=value", allocated or NULL); replaces an entry of the same name. */
static bool put(char **strings, char *entry)
{
    if (!entry)
        return false;
    size_t name = (size_t)(strchr(entry, '=') - entry) + 1;
    size_t i = 0;
    while (strings[i] && strncmp(strings[i], entry, name) != 0)
        i++;
    free(strings[i]);
    strings[i] = entry;
    return true;
}

static bool put_format(char **strings, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool put_format(char **strings, const char *format, ...)
{
    char *entry = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&entry, format, args) < 0)
        entry = NULL;
    va_end(args);
    return put(strings, entry);
}

static bool put_list(char **strings, const struct env_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!put_format(strings, "%s=%s", list->items[i].name, list->items[i].value))
            return false;
    return true;
}

static bool put_godebug(char **strings, const struct string_list *settings)
{
    if (settings->count == 0)
        return true;
    char *joined = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&joined, &size);
    if (!out)
        return false;
    fputs("GODEBUG=", out);
    for (size_t i = 0; i < settings->count; i++)
        fprintf(out, "%s%s", i ? "," : "", settings->items[i]);
    fclose(out);
    return put(strings, joined);
}

static bool put_go(char **strings, const struct controls *controls)
{
    bool fine = true;
    if (controls->gomaxprocs)
        fine &= put_format(strings, "GOMAXPROCS=%" PRIu32, controls->gomaxprocs);
    if (controls->gogc == -1)
        fine &= put_format(strings, "GOGC=off");
    else if (controls->gogc != INT32_MIN)
        fine &= put_format(strings, "GOGC=%" PRId32, controls->gogc);
    if (controls->gomemlimit != LIMIT_UNSET)
        fine &= put_format(strings, "GOMEMLIMIT=%" PRIu64 "B", controls->gomemlimit);
    return fine && put_godebug(strings, &controls->godebug);
}

char **environment_make(const struct controls *controls, const struct demo *demo)
{
    size_t room = BASE_COUNT + GO_VARIABLES + controls->env.count + demo->env.count + 1;
    char **strings = calloc(room, sizeof *strings);
    if (!strings)
        return NULL;
    bool fine = true;
    for (size_t i = 0; i < BASE_COUNT; i++)
        fine &= put_format(strings, "%s", base[i]);
    if (fine && put_go(strings, controls) && put_list(strings, &controls->env) &&
        put_list(strings, &demo->env))
        return strings;
    strings_free(strings);
    return NULL;
}

char **arguments_make(const struct demo *demo, const char *program)
{
    size_t own = demo->exec.count > 1 ? demo->exec.count - 1 : 0;
    char **strings = calloc(1 + own + demo->args.count + 1, sizeof *strings);
    if (!strings)
        return NULL;
    size_t used = 0;
    strings[used++] = strdup(program);
    for (size_t i = 0; i < own && strings[used - 1]; i++)
        strings[used++] = strdup(demo->exec.items[i + 1]);
    for (size_t i = 0; i < demo->args.count && strings[used - 1]; i++)
        strings[used++] = strdup(demo->args.items[i]);
    if (strings[used - 1])
        return strings;
    strings_free(strings);
    return NULL;
}
