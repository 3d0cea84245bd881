/* What the modules of runner/profile share: the profile itself. Nothing outside includes this. */
#ifndef RUNNER_PROFILE_STATE_H
#define RUNNER_PROFILE_STATE_H

#include "runner/profile/calls.h"
#include "runner/profile/groups.h"
#include "runner/profile/mapped.h"
#include "runner/profile/names.h"
#include "runner/profile/profile.h"

struct profile {
    struct profile_settings settings;
    uint64_t code_start, code_end; /* of the executable, as its file has it */
    struct gobin_frames *frames;   /* NULL: not Go */
    struct mapped mapped;
    struct names names;
    struct groups groups;
    struct calls calls;
    struct profile_health health;
    int failure; /* negative errno of the first sample that could not be added */
};

#endif
