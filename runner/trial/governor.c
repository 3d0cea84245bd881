#include "runner/trial/governor.h"

#define INTERVAL_NS 500000000u
#define KIND(name)  (UINT64_C(1) << EVENT_GO_##name)

static const struct {
    const char *name;
    uint64_t kinds;
} table[GOVERNOR_GROUPS] = {
    {"goroutine switches",
     KIND(RUN) | KIND(PARK) | KIND(READY) | KIND(YIELD) | KIND(UNPARK) | KIND(STACK) | KIND(CORO_SWITCH)},
    {"system calls", KIND(SYSCALL_ENTER) | KIND(SYSCALL_EXIT)},
    {"timers", KIND(TIMER_MAKE) | KIND(TIMER_STOP) | KIND(TIMER_RESET) | KIND(TIMER_FIRE)},
};

static uint64_t sum_of(uint64_t kinds, const uint64_t counts[EVENT_KIND_COUNT])
{
    uint64_t sum = 0;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        sum += kinds >> kind & 1 ? counts[kind] : 0;
    return sum;
}

uint64_t governor_kinds(const struct governor *governor)
{
    uint64_t kinds = 0;
    for (size_t i = 0; i < GOVERNOR_GROUPS; i++)
        kinds |= governor->groups[i].at ? table[i].kinds : 0;
    return kinds;
}

uint64_t governor_step(struct governor *governor, uint64_t now, const uint64_t produced[EVENT_KIND_COUNT])
{
    if (governor->rate_max == 0 || (governor->since && now < governor->since + INTERVAL_NS))
        return governor_kinds(governor);
    double seconds = governor->since ? (double)(now - governor->since) / 1e9 : 0;
    for (size_t i = 0; i < GOVERNOR_GROUPS; i++) {
        uint64_t sum = sum_of(table[i].kinds, produced);
        double rate = seconds > 0 ? (double)(sum - governor->before[i]) / seconds : 0;
        governor->before[i] = sum;
        if (governor->groups[i].at || rate <= (double)governor->rate_max)
            continue;
        governor->groups[i].at = now;
        governor->groups[i].rate = (uint64_t)rate;
    }
    governor->since = now;
    return governor_kinds(governor);
}

json_t *governor_json(const struct governor *governor, uint64_t start,
                      const uint64_t counted[EVENT_KIND_COUNT])
{
    json_t *list = json_array();
    for (size_t i = 0; i < GOVERNOR_GROUPS; i++) {
        if (!governor->groups[i].at)
            continue;
        uint64_t from = governor->groups[i].at > start ? governor->groups[i].at - start : 0;
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I, s:I, s:I}", "events", table[i].name, "from_ns",
                                        (json_int_t)from, "rate_per_s", (json_int_t)governor->groups[i].rate,
                                        "rate_max_per_s", (json_int_t)governor->rate_max, "counted",
                                        (json_int_t)sum_of(table[i].kinds, counted)));
    }
    return list;
}
