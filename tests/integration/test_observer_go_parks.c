/* Where goroutines wait, and coroutines, at level core, against the truth that tests/accuracy/scheduler
 * prints. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "runner/support/fd.h"
#include "tests/integration/observed_go.h"

/* The place of `name` among the stack's functions, innermost first; -1: not there. */
static int frame_of(const struct gobin *binary, const struct event_go_stack *stack, const char *name)
{
    for (int i = 0; i < EVENT_STACK_DEPTH && stack->pcs[i]; i++) {
        /* A return address may stand behind the function's last instruction. */
        const char *function = gobin_function_at(binary, stack->pcs[i] - 1);
        if (function && strcmp(function, name) == 0)
            return i;
    }
    return -1;
}

static size_t powers_of_two_up_to(size_t number)
{
    size_t count = 0;
    for (size_t power = 1; power <= number; power *= 2)
        count++;
    return count;
}

/* What a goroutine did: parks, and the stacks that came with them. */
struct waits {
    uint64_t goid;
    size_t parks, stacks, misplaced;
    bool announced; /* the event before was its stack */
};

static void follow_waits(struct waits *waits, const struct event_header *event)
{
    if (event->goid != waits->goid)
        return;
    waits->misplaced += waits->announced && event->kind != EVENT_GO_PARK;
    waits->announced = event->kind == EVENT_GO_STACK;
    waits->stacks += event->kind == EVENT_GO_STACK;
    waits->parks += event->kind == EVENT_GO_PARK;
}

static void check_stacks(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    struct gobin *binary = NULL;
    struct error error = {0};
    struct waits waits = {0};
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(gobin_open(fd, path, &binary, &error), 0, "%s", error.text);
    go_observe(&run, path, "nested", GO_CORE, false, group);
    const struct event_header *event = NULL;
    while ((event = recording_next(&run.seen, event))) {
        const struct event_go_stack *stack = (const void *)event;
        if (event->kind != EVENT_GO_STACK || frame_of(binary, stack, "main.receive") < 0)
            continue;
        int receive = frame_of(binary, stack, "main.receive");
        cr_expect_eq(frame_of(binary, stack, "main.middle"), receive + 1, "1.%u", minor);
        cr_expect_eq(frame_of(binary, stack, "main.outer"), receive + 2, "1.%u", minor);
        cr_expect_eq(frame_of(binary, stack, "runtime.gopark"), -1, "1.%u", minor);
        cr_expect(!waits.goid || waits.goid == event->goid);
        waits.goid = event->goid;
    }
    cr_assert_neq(waits.goid, 0, "1.%u: no stack of main.receive", minor);
    while ((event = recording_next(&run.seen, event)))
        follow_waits(&waits, event);
    cr_expect_eq(waits.misplaced, 0, "1.%u", minor);
    cr_expect_geq(waits.parks, go_printed(&run, "waits") / 2, "1.%u: %zu", minor, waits.parks);
    cr_expect_eq(waits.stacks, powers_of_two_up_to(waits.parks), "1.%u: %zu stacks at %zu parks", minor,
                 waits.stacks, waits.parks);
    gobin_close(binary);
    go_run_free(&run);
}

Test(observer_go_parks, a_park_whose_number_is_a_power_of_two_has_its_stack)
{
    go_each_version("scheduler", "1", check_stacks);
}

/* Each switch is made by whom the one before went to: nobody else runs meanwhile. */
static void check_coroutines(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t switches = 0, broken = 0, ended = 0, count = 0;
    uint64_t coroutines[8] = {0};
    size_t known = 0;
    uint64_t next = 0;
    if (minor < 23)
        return;
    go_observe(&run, path, "coroutines", GO_CORE, false, group);
    const struct event_header **events = recording_sorted(&run.seen, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_go_coro *coro = (const void *)events[i];
        if (events[i]->kind == EVENT_GO_CORO_SWITCH) {
            broken += switches && coro->header.goid != next;
            next = coro->next;
            switches++;
            if (coro->header.goid != 1 && (known == 0 || coroutines[known - 1] != coro->header.goid) &&
                known < 8)
                coroutines[known++] = coro->header.goid;
        }
        for (size_t k = 0; events[i]->kind == EVENT_GO_EXIT && k < known; k++)
            ended += coroutines[k] == events[i]->goid;
    }
    free(events);
    cr_expect_eq(switches, go_printed(&run, "switches"), "1.%u: %zu", minor, switches);
    cr_expect_eq(broken, 0, "1.%u: %zu", minor, broken);
    cr_expect_eq(known, go_printed(&run, "ended"), "1.%u: %zu", minor, known);
    cr_expect_eq(ended, go_printed(&run, "ended"), "1.%u: %zu", minor, ended);
    go_run_free(&run);
}

Test(observer_go_parks, coroutines_hand_their_thread_to_each_other)
{
    go_each_version("scheduler", "2", check_coroutines);
}
