#include "runner/plan/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_WARMUP] = "warmup",
    [ROLE_BARE] = "bare",
    [ROLE_OBSERVED] = "observed",
    [ROLE_AA] = "aa",
};

const char *trial_role_name(enum trial_role role)
{
    return role_names[role];
}

/* SplitMix64 (Steele, Lea, Flood 2014): the same sequence on every machine for a seed. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Fisher-Yates; the modulo's bias is below 2^-50 for any plan that fits into memory. */
static void shuffle(struct planned_trial *trials, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = next_random(state) % i;
        struct planned_trial swap = trials[i - 1];
        trials[i - 1] = trials[j];
        trials[j] = swap;
    }
}

/* Does the `index`-th of `blocks` blocks hold one of `count` evenly spread trials? */
static bool in_block(uint32_t count, uint32_t blocks, uint32_t index)
{
    return (uint64_t)(index + 1) * count / blocks > (uint64_t)index * count / blocks;
}

static void append(struct plan *plan, size_t demo, enum trial_role role, unsigned block)
{
    plan->trials[plan->count++] = (struct planned_trial){.demo = demo, .role = role, .block = block};
}

static uint32_t block_count(const struct trial_counts *counts)
{
    return counts->bare > counts->observed ? counts->bare : counts->observed;
}

static void add_block(struct plan *plan, const struct experiment *experiment, size_t demo, uint32_t index)
{
    const struct trial_counts *counts = &experiment->trials;
    uint32_t blocks = block_count(counts);
    if (in_block(counts->bare, blocks, index))
        append(plan, demo, ROLE_BARE, index + 1);
    if (in_block(counts->observed, blocks, index))
        append(plan, demo, ROLE_OBSERVED, index + 1);
    if (counts->aa && demo == experiment->baseline && in_block(counts->bare, blocks, index))
        append(plan, demo, ROLE_AA, index + 1);
}

static void plan_interleaved(struct plan *plan, const struct experiment *experiment)
{
    uint64_t state = experiment->trials.seed;
    for (uint32_t i = 0; i < experiment->trials.warmup; i++)
        for (size_t demo = 0; demo < experiment->demo_count; demo++)
            append(plan, demo, ROLE_WARMUP, 0);
    for (uint32_t index = 0; index < block_count(&experiment->trials); index++) {
        size_t start = plan->count;
        for (size_t demo = 0; demo < experiment->demo_count; demo++)
            add_block(plan, experiment, demo, index);
        shuffle(plan->trials + start, plan->count - start, &state);
    }
}

static void plan_sequential(struct plan *plan, const struct experiment *experiment)
{
    for (size_t demo = 0; demo < experiment->demo_count; demo++) {
        for (uint32_t i = 0; i < experiment->trials.warmup; i++)
            append(plan, demo, ROLE_WARMUP, 0);
        for (uint32_t index = 0; index < block_count(&experiment->trials); index++)
            add_block(plan, experiment, demo, index);
    }
}

int plan_make(const struct experiment *experiment, struct plan *plan)
{
    const struct trial_counts *counts = &experiment->trials;
    size_t each = (size_t)counts->warmup + counts->bare + counts->observed;
    size_t room = each * experiment->demo_count + (counts->aa ? counts->bare : 0);
    *plan = (struct plan){.trials = calloc(room ? room : 1, sizeof *plan->trials)};
    unsigned *numbers = calloc(experiment->demo_count ? experiment->demo_count : 1, sizeof *numbers);
    if (!plan->trials || !numbers) {
        free(numbers);
        plan_free(plan);
        return -ENOMEM;
    }
    if (counts->order == ORDER_SEQUENTIAL)
        plan_sequential(plan, experiment);
    else
        plan_interleaved(plan, experiment);
    for (size_t i = 0; i < plan->count; i++)
        plan->trials[i].number = ++numbers[plan->trials[i].demo];
    free(numbers);
    return 0;
}

void plan_free(struct plan *plan)
{
    free(plan->trials);
    *plan = (struct plan){0};
}

void plan_print(FILE *out, const struct experiment *experiment, const struct plan *plan)
{
    fprintf(out, "experiment %s: %zu demos, %zu trials, %s, seed %" PRIu64 "\n", experiment->name,
            experiment->demo_count, plan->count,
            experiment->trials.order == ORDER_SEQUENTIAL ? "sequential" : "interleaved",
            experiment->trials.seed);
    unsigned block = UINT32_MAX;
    for (size_t i = 0; i < plan->count; i++) {
        const struct planned_trial *trial = &plan->trials[i];
        if (trial->block != block)
            fprintf(out, trial->block ? "block %u\n" : "warm-up\n", trial->block);
        block = trial->block;
        fprintf(out, "  %s/trial-%03u-%s\n", experiment->demos[trial->demo].name, trial->number,
                trial_role_name(trial->role));
    }
}

json_t *plan_json(const struct experiment *experiment, const struct plan *plan)
{
    json_t *trials = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const struct planned_trial *trial = &plan->trials[i];
        json_array_append_new(trials,
                              json_pack("{s:s, s:i, s:s, s:i}", "demo", experiment->demos[trial->demo].name,
                                        "trial", (int)trial->number, "role", trial_role_name(trial->role),
                                        "block", (int)trial->block));
    }
    return json_pack("{s:s, s:s, s:I, s:o}", "experiment", experiment->name, "order",
                     experiment->trials.order == ORDER_SEQUENTIAL ? "sequential" : "interleaved", "seed",
                     (json_int_t)experiment->trials.seed, "trials", trials);
}
