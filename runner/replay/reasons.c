#include "runner/replay/reasons.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runner/gobin/gobin.h"

static void name_of(const char *known, uint32_t reason, uint32_t last, char name[REASON_NAME_SIZE])
{
    if (known)
        snprintf(name, REASON_NAME_SIZE, "%s", known);
    else if (reason >= last)
        snprintf(name, REASON_NAME_SIZE, "other");
    else
        snprintf(name, REASON_NAME_SIZE, "reason %u", reason);
}

void reasons_wait_name(uint32_t go_minor, uint32_t reason, char name[REASON_NAME_SIZE])
{
    name_of(gobin_wait_reason_of(go_minor, reason), reason, WAIT_REASONS - 1, name);
}

void reasons_stw_name(uint32_t go_minor, uint32_t reason, char name[REASON_NAME_SIZE])
{
    name_of(gobin_stw_reason(go_minor, reason), reason, STW_REASONS - 1, name);
}

uint32_t reasons_wait_number(uint32_t go_minor, const char *name)
{
    for (uint32_t reason = 0; reason < WAIT_REASONS - 1; reason++) {
        const char *known = gobin_wait_reason_of(go_minor, reason);
        if (known && strcmp(known, name) == 0)
            return reason;
    }
    return UINT32_MAX;
}
