#include "runner/load/cpus.h"

#include <stdlib.h>
#include <string.h>

unsigned cpus_avoid(const char *list, cpu_set_t *set)
{
    if (!list)
        return 0;
    cpu_set_t left = *set;
    for (const char *at = list; *at; at += strspn(at, ",")) {
        char *end;
        unsigned long first = strtoul(at, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
        if (end == at)
            return 0; /* not a list of CPUs */
        for (unsigned long cpu = first; cpu <= last && cpu < CPU_SETSIZE; cpu++)
            CPU_CLR(cpu, &left);
        at = end;
    }
    unsigned count = (unsigned)CPU_COUNT(&left);
    if (count)
        *set = left;
    return count;
}
