/* CPUs for the load: those that the demo is not bound to. */
#ifndef RUNNER_LOAD_CPUS_H
#define RUNNER_LOAD_CPUS_H

#include <sched.h>

/* Takes the CPUs of `list` ("0-3,8"; NULL: nothing to avoid) out of *set. How many are left; 0: the list
   covers them all or is NULL, and *set is as it was. */
unsigned cpus_avoid(const char *list, cpu_set_t *set);

#endif
