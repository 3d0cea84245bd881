#include "runner/replay/plausible.h"

#include <stdio.h>

/* goids count up from 1; the first events of a program are far below this. */
#define GOID_MAX (UINT64_C(1) << 40)
/* User space of x86-64 with five-level page tables ends here. */
#define ADDRESS_MAX (UINT64_C(1) << 56)

static bool is_address(uint64_t address)
{
    return address != 0 && address < ADDRESS_MAX;
}

void plausible_event(struct plausible *plausible, const struct event_header *event,
                     const struct reason_names *names, bool impossible)
{
    if (plausible->looked_at >= PLAUSIBLE_LOOK_AT || event->kind < EVENT_GO_CREATE ||
        event->kind > EVENT_GO_EXIT)
        return;
    bool faults[IMPLAUSIBLE_COUNT] = {0};
    uint64_t g = ((const struct event_go *)event)->g; /* stands at one place in all these records */
    faults[BAD_GOID] = event->goid > GOID_MAX || (event->goid == 0 && event->kind != EVENT_GO_CREATE);
    faults[BAD_ADDRESS] = !is_address(g) || g % 8 != 0;
    faults[BAD_TRANSITION] = impossible;
    if (event->kind == EVENT_GO_PARK)
        faults[BAD_REASON] = names && !reason_name(names, ((const struct event_go_park *)event)->reason);
    if (event->kind == EVENT_GO_CREATE)
        faults[BAD_START] = !is_address(((const struct event_go_create *)event)->start_pc);
    plausible->looked_at++;
    bool bad = false;
    for (unsigned i = 0; i < IMPLAUSIBLE_COUNT; i++) {
        plausible->faults[i] += faults[i];
        bad |= faults[i];
    }
    plausible->bad += bad;
}

bool plausible_verdict(const struct plausible *plausible, char *why, size_t size)
{
    static const char *const names[] = {
        [BAD_GOID] = "goroutine ids that cannot be",
        [BAD_ADDRESS] = "addresses that no goroutine has",
        [BAD_REASON] = "wait reasons that this Go version does not have",
        [BAD_START] = "entry points that are none",
        [BAD_TRANSITION] = "state changes that the runtime does not make",
    };
    if (why && size)
        *why = 0;
    if (plausible->bad <= plausible->looked_at / 4)
        return true;
    unsigned worst = 0;
    for (unsigned i = 1; i < IMPLAUSIBLE_COUNT; i++)
        if (plausible->faults[i] > plausible->faults[worst])
            worst = i;
    if (why)
        snprintf(why, size, "%u of the first %u goroutine events were implausible, most of them with %s",
                 plausible->bad, plausible->looked_at, names[worst]);
    return false;
}
