#include "runner/replay/reasons.h"

#include <stddef.h>
#include <stdio.h>

static void name_of(const char *known, uint32_t reason, uint32_t last, char name[REASON_NAME_SIZE])
{
    if (known)
        snprintf(name, REASON_NAME_SIZE, "%s", known);
    else if (reason >= last)
        snprintf(name, REASON_NAME_SIZE, "other");
    else
        snprintf(name, REASON_NAME_SIZE, "unknown reason %u", reason);
}

void reasons_wait_name(const struct reason_names *names, uint32_t reason, char name[REASON_NAME_SIZE])
{
    name_of(reason < WAIT_REASONS - 1 ? reason_name(names, reason) : NULL, reason, WAIT_REASONS - 1, name);
}

void reasons_stw_name(const struct reason_names *names, uint32_t reason, char name[REASON_NAME_SIZE])
{
    name_of(reason < STW_REASONS - 1 ? reason_name(names, reason) : NULL, reason, STW_REASONS - 1, name);
}

uint32_t reasons_wait_number(const struct reason_names *names, const char *name)
{
    uint32_t number;
    return reason_number(names, name, &number) && number < WAIT_REASONS - 1 ? number : UINT32_MAX;
}
