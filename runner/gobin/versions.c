#include "runner/gobin/versions.h"

#include <stdio.h>
#include <string.h>

#include "runner/gobin/offsets.h"

static const struct {
    uint32_t minor;
    const struct reason_names *wait_reasons, *stw_reasons;
} known[] = {
    {19, &wait_reasons_19, NULL},
    {21, &wait_reasons_21, &stw_reasons_21},
    {22, &wait_reasons_22, &stw_reasons_21},
    {23, &wait_reasons_23, &stw_reasons_21},
    {24, &wait_reasons_24, &stw_reasons_21},
    {25, &wait_reasons_25, &stw_reasons_21},
    {26, &wait_reasons_26, &stw_reasons_21},
    {27, &wait_reasons_26, &stw_reasons_21},
};
#define KNOWN (sizeof known / sizeof known[0])

size_t version_count(void)
{
    return KNOWN;
}

uint32_t version_at(size_t index)
{
    return known[index].minor;
}

void version_list(char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < KNOWN && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s1.%u", i ? ", " : "", known[i].minor);
}

bool version_find(uint32_t minor, struct version *version)
{
    *version = (struct version){
        .minor = minor,
        .layout = {.tls_g = -8, /* runtime.settls; cmd/link/internal/ld/lib.go, tlsoffset */
                   .goid_stale = minor < 24,
                   .stw_has_reason = minor >= 21},
    };
    memset(&version->offsets, 0xff, sizeof version->offsets); /* GO_ABSENT */
    for (size_t i = 0; i < KNOWN; i++) {
        if (known[i].minor != minor)
            continue;
        version->wait_reasons = known[i].wait_reasons;
        version->stw_reasons = known[i].stw_reasons;
        reason_number(version->wait_reasons, "preempted", &version->layout.preempted_reason);
        offsets_fill(version);
        return true;
    }
    return false;
}

uint32_t version_minor(const char *version)
{
    if (strncmp(version, "go1.", 4) != 0)
        return 0;
    uint32_t minor = 0;
    const char *at = version + 4;
    for (; *at >= '0' && *at <= '9' && minor < 1000; at++)
        minor = minor * 10 + (uint32_t)(*at - '0');
    bool ends =
        *at == 0 || *at == '.' || *at == ' ' || strncmp(at, "rc", 2) == 0 || strncmp(at, "beta", 4) == 0;
    return ends ? minor : 0;
}
