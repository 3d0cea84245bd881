#include "runner/compare/compare.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/compare/facts.h"
#include "runner/compare/rows.h"

struct comparison *compare_create(bool judge_lossy)
{
    struct comparison *comparison = calloc(1, sizeof *comparison);
    if (!comparison)
        return NULL;
    comparison->judge_lossy = judge_lossy;
    comparison->tables = rank_tables_create();
    if (comparison->tables)
        return comparison;
    compare_free(comparison);
    return NULL;
}

void compare_free(struct comparison *comparison)
{
    if (!comparison)
        return;
    for (size_t i = 0; i < comparison->pair_count; i++)
        free(comparison->pairs[i].rows);
    for (size_t i = 0; i < comparison->bundle_count; i++)
        measured_free(&comparison->bundles[i]);
    for (size_t i = 0; i < comparison->warning_count; i++)
        free(comparison->warnings[i].text);
    free(comparison->warnings);
    free(comparison->pairs);
    free(comparison->bundles);
    free(comparison->noise);
    rank_tables_free(comparison->tables);
    free(comparison);
}

/* Room for one more, which is zeroed; NULL where memory is short. */
static struct measured *next_bundle(struct comparison *comparison, struct error *error)
{
    if (comparison->bundle_count == comparison->bundle_room) {
        size_t room = comparison->bundle_room ? comparison->bundle_room * 2 : 4;
        struct measured *grown = reallocarray(comparison->bundles, room, sizeof *grown);
        if (!grown) {
            error_set(error, ERROR_INTERNAL, ENOMEM, "read the bundles");
            return NULL;
        }
        comparison->bundles = grown;
        comparison->bundle_room = room;
    }
    struct measured *bundle = &comparison->bundles[comparison->bundle_count++];
    *bundle = (struct measured){0};
    return bundle;
}

int compare_add(struct comparison *comparison, const char *path, struct error *error)
{
    struct measured *bundle = next_bundle(comparison, error);
    return bundle ? measured_read(bundle, path, error) : -ENOMEM;
}

int compare_add_json(struct comparison *comparison, const char *label, const json_t *experiment,
                     const json_t *summary, struct error *error)
{
    struct measured *bundle = next_bundle(comparison, error);
    return bundle ? measured_take(bundle, label, experiment, summary, error) : -ENOMEM;
}

int compare_run(struct comparison *comparison, struct error *error)
{
    int result = rows_make(comparison, error);
    return result < 0 ? result : facts_compare(comparison, error);
}

size_t compare_refusals(const struct comparison *comparison)
{
    size_t count = 0;
    for (size_t i = 0; i < comparison->warning_count; i++)
        count += comparison->warnings[i].refuses;
    return count;
}

size_t compare_demo_count(const struct comparison *comparison)
{
    return comparison->pair_count;
}

size_t compare_bundle_count(const struct comparison *comparison)
{
    return comparison->bundle_count;
}

const struct measured *compare_bundle(const struct comparison *comparison, size_t bundle)
{
    return &comparison->bundles[bundle];
}
