#include "runner/profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/profile/state.h"

#define PAGE 4096u

/* A sample on its way into the tree. */
struct stack {
    const struct profile_sample *sample;
    bool own;      /* of the demo's executable */
    uint64_t bias; /* from the file's addresses to the process's */
    bool go;
    int role; /* enum role, of the outermost name so far */
    size_t depth;
    uint32_t names[2 * PROFILE_DEPTH_MAX + 1]; /* innermost first */
};

int profile_open(const struct profile_settings *settings, struct profile **profile, struct error *error)
{
    struct profile *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "keep a CPU profile");
    made->settings = *settings;
    if (settings->binary) {
        gobin_code(settings->binary, &made->code_start, &made->code_end);
        if (gobin_is_go(settings->binary))
            made->frames = gobin_frames_open(settings->binary);
    }
    int result = mapped_open(&made->mapped);
    if (result == 0)
        result = names_open(&made->names);
    if (result == 0)
        result = groups_open(&made->groups);
    if (result == 0)
        result = calls_open(&made->calls, CALLS_MOST);
    if (result < 0) {
        profile_close(made);
        return error_set(error, ERROR_INTERNAL, -result, "keep a CPU profile");
    }
    *profile = made;
    return 0;
}

void profile_close(struct profile *profile)
{
    if (!profile)
        return;
    gobin_frames_close(profile->frames);
    mapped_close(&profile->mapped);
    names_close(&profile->names);
    groups_close(&profile->groups);
    calls_close(&profile->calls);
    free(profile);
}

void profile_read_health(const struct profile *profile, struct profile_health *health)
{
    *health = profile->health;
}

/* --- names ------------------------------------------------------------------------------------- */

/* Go's linker gives functions of the old calling convention a suffix in the symbol table alone. */
static int64_t add_function(struct profile *profile, const char *name)
{
    static const char suffix[] = ".abi0";
    char text[NAME_LONGEST];
    size_t length = strlen(name);
    if (length < sizeof suffix || length >= sizeof text ||
        strcmp(name + length - (sizeof suffix - 1), suffix) != 0)
        return names_add(&profile->names, NAME_FUNCTION, name);
    memcpy(text, name, length);
    text[length - (sizeof suffix - 1)] = 0;
    return names_add(&profile->names, NAME_FUNCTION, text);
}

static bool is_own_code(const struct profile *profile, const struct stack *stack, uint64_t address)
{
    return stack->own && address - stack->bias >= profile->code_start &&
           address - stack->bias < profile->code_end;
}

static int64_t user_name(struct profile *profile, const struct stack *stack, uint64_t address)
{
    const char *name = NULL;
    if (is_own_code(profile, stack, address))
        name = gobin_function_at(profile->settings.binary, address - stack->bias);
    if (name)
        return add_function(profile, name);
    name = mapped_name_at(&profile->mapped, stack->sample, address);
    return name ? names_add(&profile->names, NAME_MAPPING, name)
                : names_add(&profile->names, NAME_UNKNOWN, "[unknown]");
}

/* Where the executable was put: the kernel tells where its code ends. The process can change that figure
   (prctl(2), PR_SET_MM), so what makes no sense is not believed. */
static void place(const struct profile *profile, struct stack *stack)
{
    const struct profile_sample *sample = stack->sample;
    const struct gobin *binary = profile->settings.binary;
    stack->bias = sample->code_end - profile->code_end;
    stack->own = binary && sample->executable >= 0 && sample->executable == profile->settings.executable &&
                 stack->bias % PAGE == 0 && (gobin_is_pie(binary) || stack->bias == 0);
    stack->go = stack->own && profile->frames;
}

/* --- stacks ------------------------------------------------------------------------------------ */

/* What a name of the runtime means for the frames outside of its own. */
enum role {
    ROLE_NONE,
    ROLE_BOTTOM, /* there are none: runtime/asm_amd64.s marks some of them TOPFRAME; mcall, morestack:
                    profile.h */
    ROLE_SIGNAL, /* the next is the first instruction behind the handler, which nothing called */
};

static enum role role_of(const struct name *name)
{
    static const struct {
        const char *name;
        enum role role;
    } rows[] = {
        {"_rt0_amd64_linux", ROLE_BOTTOM},  {"_rt0_amd64", ROLE_BOTTOM},
        {"runtime.goexit", ROLE_BOTTOM},    {"runtime.mcall", ROLE_BOTTOM},
        {"runtime.morestack", ROLE_BOTTOM}, {"runtime.mstart", ROLE_BOTTOM},
        {"runtime.mstart0", ROLE_BOTTOM},   {"runtime.rt0_go", ROLE_BOTTOM},
        {"runtime.sigtramp", ROLE_SIGNAL},
    };
    for (size_t i = 0; name->kind == NAME_FUNCTION && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(name->text, rows[i].name) == 0)
            return rows[i].role;
    return ROLE_NONE;
}

static int push(struct profile *profile, struct stack *stack, int64_t name)
{
    if (name < 0)
        return (int)name;
    const struct name *pushed = &profile->names.items[name];
    stack->names[stack->depth++] = (uint32_t)name;
    profile->health.unknown_frames += pushed->kind == NAME_UNKNOWN;
    stack->role = stack->go ? role_of(pushed) : ROLE_NONE;
    return 0;
}

/* A return address stands behind the call, which may have been the last instruction of its function. */
static int push_kernel(struct profile *profile, struct stack *stack)
{
    const struct profile_sample *sample = stack->sample;
    int result = 0;
    for (size_t i = 0; i < sample->kernel_depth && result == 0; i++) {
        const char *name = kernel_symbols_at(profile->settings.kernel, sample->frames[i] - (i > 0));
        result = push(profile, stack, names_add(&profile->names, NAME_KERNEL, name));
    }
    return result;
}

static int push_user(struct profile *profile, struct stack *stack)
{
    const struct profile_sample *sample = stack->sample;
    const uint64_t *frames = sample->frames + sample->kernel_depth;
    int result = 0;
    for (size_t i = 0; i < sample->user_depth && result == 0 && stack->role != ROLE_BOTTOM; i++) {
        uint64_t call = i > 0 && stack->role != ROLE_SIGNAL;
        result = push(profile, stack, user_name(profile, stack, frames[i] - call));
        if (i > 0 || result < 0 || stack->role == ROLE_BOTTOM || !is_own_code(profile, stack, frames[0]) ||
            !is_own_code(profile, stack, sample->stack_top) ||
            !gobin_frames_none_at(profile->frames, frames[0] - stack->bias))
            continue;
        result =
            push(profile, stack, user_name(profile, stack, sample->stack_top - (stack->role != ROLE_SIGNAL)));
        profile->health.repaired++;
    }
    return result;
}

/* --- groups ------------------------------------------------------------------------------------ */

static int64_t find_group(struct profile *profile, const struct stack *stack)
{
    const struct profile_sample *sample = stack->sample;
    if (!stack->own || !profile->settings.goroutines) {
        char name[sizeof sample->comm + 1] = "";
        memcpy(name, sample->comm, sizeof sample->comm);
        int64_t comm = names_add(&profile->names, NAME_THREAD, name);
        return comm < 0 ? comm : groups_find(&profile->groups, GROUP_THREAD, (uint32_t)comm, GROUP_NO_NAME);
    }
    if (!sample->goid)
        return groups_find(&profile->groups, GROUP_RUNTIME, GROUP_NO_NAME, GROUP_NO_NAME);
    int64_t function = user_name(profile, stack, sample->start_pc);
    int64_t creator = function < 0 ? function : user_name(profile, stack, sample->creator_pc - 1);
    return creator < 0
               ? creator
               : groups_find(&profile->groups, GROUP_GOROUTINE, (uint32_t)function, (uint32_t)creator);
}

/* 0 or a negative errno. */
static int add(struct profile *profile, struct stack *stack)
{
    const struct profile_sample *sample = stack->sample;
    int64_t group = find_group(profile, stack);
    int result = group < 0 ? (int)group : push_kernel(profile, stack);
    if (result == 0)
        result = push_user(profile, stack);
    if (result == 0 && stack->depth == 0)
        result = push(profile, stack, names_add(&profile->names, NAME_UNKNOWN, "[unknown]"));
    if (result == 0)
        result = calls_add(&profile->calls, (uint32_t)group, stack->names, stack->depth);
    if (result < 0)
        return result;
    return groups_add(&profile->groups, (uint32_t)group, sample->pid, sample->goid);
}

/* Before Go's first instruction a program that is linked dynamically is in its loader. */
static bool is_of_go(const struct profile *profile, const struct stack *stack)
{
    const struct profile_sample *sample = stack->sample;
    bool in_own = sample->user_depth && is_own_code(profile, stack, sample->frames[sample->kernel_depth]);
    return stack->go && (sample->goid || in_own);
}

int profile_add(void *context, const struct profile_sample *sample)
{
    struct profile *profile = context;
    struct profile_health *health = &profile->health;
    struct stack stack = {.sample = sample};
    if (sample->kernel_depth > PROFILE_DEPTH_MAX || sample->user_depth > PROFILE_DEPTH_MAX)
        return -EBADMSG;
    place(profile, &stack);
    int result = add(profile, &stack);
    if (result == -ENOSPC) {
        health->no_room++;
        return 0;
    }
    if (result < 0 && !profile->failure)
        profile->failure = result;
    uint32_t limit = profile->settings.depth_limit;
    bool bottom = stack.role == ROLE_BOTTOM;
    bool deep = limit && (sample->kernel_depth >= limit || (sample->user_depth >= limit && !bottom));
    health->samples++;
    health->frames += stack.depth;
    health->in_kernel += (sample->flags & PROFILE_IN_KERNEL) != 0;
    health->cut_deep += deep;
    health->cut_broken += is_of_go(profile, &stack) && !bottom && !deep;
    health->cut_refused += (sample->flags & (PROFILE_KERNEL_REFUSED | PROFILE_USER_REFUSED)) != 0;
    return 0;
}
