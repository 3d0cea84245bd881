#include "runner/summary/broken.h"

#include <math.h>

/* Of one bound over the observed trials; `worst` is the trial farthest beyond its limit. */
struct tally {
    unsigned asked, broken;
    bool lossy;
    const struct kept_bound *worst;
};

static double distance(const struct kept_bound *kept)
{
    return fabs(kept->value - kept->limit) / (kept->limit > 0 ? kept->limit : 1);
}

static struct tally tally_of(const struct kept_demo *demo, size_t place)
{
    struct tally tally = {0};
    for (size_t i = 0; i < demo->count; i++) {
        const struct kept_bound *kept = &demo->trials[i].bounds[place];
        if (demo->trials[i].role != ROLE_OBSERVED ||
            (kept->state != BOUND_KEPT && kept->state != BOUND_BROKEN))
            continue;
        tally.asked++;
        if (kept->state != BOUND_BROKEN)
            continue;
        tally.broken++;
        tally.lossy |= kept->lossy;
        if (!tally.worst || distance(kept) > distance(tally.worst))
            tally.worst = kept;
    }
    return tally;
}

json_t *broken_json(const struct kept_demo *demo)
{
    json_t *list = json_array();
    for (size_t place = 0; bounds_at(place); place++) {
        const struct bound *bound = bounds_at(place);
        const struct metric_info *info = metric_info(bound->metric);
        struct tally tally = tally_of(demo, place);
        if (!tally.broken)
            continue;
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:i, s:i}", "metric", info->name,
                            "text", bound->text, "means", bound->means, "role",
                            trial_role_name(ROLE_OBSERVED), "unit", metric_unit_name(info->unit), "value",
                            metric_number(tally.worst->value), "limit", metric_number(tally.worst->limit),
                            "lossy", (int)tally.lossy, "shown", (int)tally.broken, "of", (int)tally.asked));
    }
    return list;
}
