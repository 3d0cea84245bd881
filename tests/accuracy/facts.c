#include "tests/accuracy/facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_SIZE 256
#define AND           " + "

static double number_or(const json_t *value, double otherwise)
{
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

/* What a part or a histogram that is not there stands for. */
static double nothing(const char *member)
{
    const char *last = strrchr(member, '/');
    bool is_part = strncmp(member, "parts/", 6) == 0 && last == member + 5;
    return is_part || (last && strcmp(last, "/n") == 0) ? 0 : NAN;
}

static double read_member(const json_t *metric, const char *member)
{
    char words[PATH_MAX_SIZE], *rest = NULL;
    const json_t *at = metric;
    snprintf(words, sizeof words, "%s", member);
    for (char *word = strtok_r(words, "/", &rest); word; word = strtok_r(NULL, "/", &rest)) {
        at = json_object_get(at, word);
        if (!at)
            return nothing(member);
    }
    return number_or(at, NAN);
}

static struct seen read_one(const json_t *metrics, const char *path)
{
    char name[PATH_MAX_SIZE];
    snprintf(name, sizeof name, "%s", path);
    char *member = strchr(name, '/');
    if (member)
        *member++ = 0;
    const json_t *metric = json_object_get(metrics, name);
    if (!metric)
        return (struct seen){.value = NAN};
    return (struct seen){
        .value = member ? read_member(metric, member) : number_or(json_object_get(metric, "value"), NAN),
        .lost = json_is_true(json_object_get(metric, "lossy")) ? number_or(json_object_get(metric, "lost"), 0)
                                                               : 0,
    };
}

struct seen facts_seen(const json_t *trial, const char *path)
{
    const json_t *metrics = json_object_get(trial, "metrics");
    struct seen sum = {0};
    char names[PATH_MAX_SIZE];
    snprintf(names, sizeof names, "%s", path);
    for (char *name = names, *next; name; name = next) {
        next = strstr(name, AND);
        if (next) {
            *next = 0;
            next += strlen(AND);
        }
        struct seen one = read_one(metrics, name);
        sum.value += one.value;
        sum.lost += one.lost;
    }
    return sum;
}

double facts_said(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == '=')
            return strtod(line + length + 1, NULL);
    }
    return NAN;
}
