/* The demos count what they do and print it; the probes must come to the same figures. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define MAIN_GOROUTINE 1

static const struct {
    const char *demo;   /* program in build/demos */
    const char *size;   /* argument that makes it quick, also in a slow virtual machine */
    const char *key;    /* of the JSON line that it prints */
    const char *metric; /* of the observed trial */
    double constant;    /* metric - key */
} truths[] = {
    {"goroutine-leak-leak", "-questions=3000", "created", "goroutines.created", MAIN_GOROUTINE},
    {"goroutine-leak-leak", "-questions=3000", "leaked", "goroutines.leaked", 0},
    {"goroutine-leak-fixed", "-questions=3000", "created", "goroutines.created", MAIN_GOROUTINE},
    {"goroutine-leak-fixed", "-questions=3000", "leaked", "goroutines.leaked", 0},
    {"worker-pool-pool", "-requests=5000", "goroutines_created", "goroutines.created", MAIN_GOROUTINE},
    {"worker-pool-per-request", "-requests=5000", "goroutines_created", "goroutines.created", MAIN_GOROUTINE},
    {"loop-variable-captured", "-rounds=100", "goroutines_created", "goroutines.created", MAIN_GOROUTINE},
    {"ping-pong", "-turns=5000", "goroutines_created", "goroutines.created", MAIN_GOROUTINE},
    {"timer-abuse-abuse", "-messages=5000", "timers_created", "timers.made", 0},
    {"timer-abuse-abuse", "-messages=5000", "timers_stopped", "timers.stopped", 0},
    {"timer-abuse-fixed", "-messages=5000", "timers_created", "timers.made", 0},
    {"timer-abuse-fixed", "-messages=5000", "timers_reset", "timers.reset", 0},
    {"timer-abuse-fixed", "-messages=5000", "timers_stopped", "timers.stopped", 0},
    {"sync-pool-without", "-requests=5000", "gc_cycles", "gc.count", 0},
};
#define TRUTHS (sizeof truths / sizeof *truths)

static void write_manifest(struct lab *lab)
{
    char text[4096] = "version: 1\nexperiment: truths\ncontrols: {gomaxprocs: 2, timeout: 200s}\n"
                      "trials: {warmup: 0, bare: 0, observed: 1}\n"
                      "probes: {go: full, ring: 64MiB}\ndemos:\n";
    for (size_t i = 0; i < TRUTHS; i++)
        if (i == 0 || strcmp(truths[i].demo, truths[i - 1].demo) != 0)
            snprintf(text + strlen(text), sizeof text - strlen(text),
                     "  - {name: %s, exec: [\"@BIN@/demos/%s\", \"%s\"]}\n", truths[i].demo, truths[i].demo,
                     truths[i].size);
    lab_write_manifest(lab, text);
}

Test(demos, what_they_print_is_what_the_probes_count)
{
    struct lab lab;
    lab_open(&lab);
    write_manifest(&lab);
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"m.yaml", NULL}));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    for (size_t i = 0; i < TRUTHS; i++) {
        json_t *trial = lab_trial(&lab, truths[i].demo, "observed", 0);
        json_t *printed = lab_printed(&lab, truths[i].demo);
        const json_t *said = json_object_get(printed, truths[i].key);
        cr_expect(json_is_number(said), "%s prints no %s", truths[i].demo, truths[i].key);
        double truth = json_number_value(said) + truths[i].constant;
        double seen = lab_metric(trial, truths[i].metric);
        cr_expect_eq(seen, truth, "%s: %s is %f, the demo says %f", truths[i].demo, truths[i].metric, seen,
                     truth);
        json_decref(printed);
        json_decref(trial);
    }
    lab_close(&lab);
}
