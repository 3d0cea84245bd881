#include "runner/host/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool facts_cpu_ticks(const char *text, struct cpu_ticks *ticks)
{
    /* user nice system idle iowait irq softirq steal; guest time is part of user's. */
    uint64_t t[8];
    if (sscanf(text,
               "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
               " %" SCNu64,
               &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 8)
        return false;
    ticks->steal = t[7];
    ticks->total = 0;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        ticks->total += t[i];
    return true;
}

bool facts_load_average(const char *text, struct load_average *load)
{
    return sscanf(text, "%lf %lf %lf %u/%u", &load->one, &load->five, &load->fifteen, &load->running,
                  &load->threads) == 5;
}

static bool total_of(const char *text, const char *line, uint64_t *total_us)
{
    const char *at = strstr(text, line);
    at = at ? strstr(at, "total=") : NULL;
    return at && sscanf(at, "total=%" SCNu64, total_us) == 1;
}

bool facts_pressure(const char *text, struct pressure *pressure)
{
    if (!total_of(text, "some ", &pressure->some_us))
        return false;
    if (!total_of(text, "full ", &pressure->full_us))
        pressure->full_us = 0;
    return true;
}

bool facts_field(const char *text, const char *key, char *value, unsigned long size)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, key, length) != 0)
            continue;
        const char *at = line + length + strspn(line + length, " \t");
        if (*at != ':')
            continue;
        at += 1 + strspn(at + 1, " \t");
        size_t used = strcspn(at, "\n");
        if (used >= size)
            return false;
        memcpy(value, at, used);
        value[used] = 0;
        return true;
    }
    return false;
}
