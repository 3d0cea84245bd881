#include "tests/accuracy/judge.h"

#include <math.h>

static bool is_within(const struct fact *fact, double value, double truth)
{
    double below = fmax(fact->below, fact->share * fabs(truth));
    double above = fmax(fact->above, fact->share * fabs(truth));
    return value >= truth - below && value <= truth + above;
}

enum verdict judge(const struct fact *fact, struct seen seen, double truth)
{
    if (isnan(seen.value) || isnan(truth))
        return VERDICT_UNKNOWN;
    if (is_within(fact, seen.value, truth))
        return VERDICT_OK;
    /* What is lost can be missing from a count, but never be too much in it. */
    if (seen.value < truth && seen.value + seen.lost >= truth)
        return VERDICT_LOSSY;
    return VERDICT_MISS;
}

bool verdict_is_miss(enum verdict verdict)
{
    return verdict == VERDICT_MISS || verdict == VERDICT_UNKNOWN;
}
