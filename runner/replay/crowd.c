#include "runner/replay/crowd.h"

void crowd_change(struct crowd *crowd, int by, uint64_t now)
{
    uint32_t row = crowd->threads < CROWD_MAX ? crowd->threads : CROWD_MAX;
    crowd->time[row] += now > crowd->since ? now - crowd->since : 0;
    crowd->since = now;
    crowd->threads = by < 0 && crowd->threads < (uint32_t)-by ? 0 : crowd->threads + (uint32_t)by;
}
