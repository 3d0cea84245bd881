#include "runner/report/page/demo_list.h"

#include <stdlib.h>

bool demo_list_make(struct demo_list *list, const struct report *report)
{
    size_t room = 0;
    const char *name;
    json_t *demo;
    for (size_t i = 0; i < report->count; i++)
        room += json_object_size(json_object_get(report->sources[i].summary, "demos"));
    *list = (struct demo_list){.demos = calloc(room + 1, sizeof *list->demos)};
    for (size_t i = 0; list->demos && i < report->count; i++)
        json_object_foreach (json_object_get(report->sources[i].summary, "demos"), name, demo)
            list->demos[list->count++] = (struct listed_demo){&report->sources[i], name, demo};
    return list->demos != NULL;
}

void demo_list_free(struct demo_list *list)
{
    free(list->demos);
    *list = (struct demo_list){0};
}
