/*
 * Any experiment.json and summary.json, as a stranger's bundle has them, through `runner compare` and all its
 * reports: no crash, and no figure in JSON that is none. The input is experiment.json, a NUL, summary.json.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/compare/compare.h"
#include "runner/compare/gates.h"
#include "runner/report/comparison.h"
#include "runner/report/comparison_formats.h"
#include "runner/report/github.h"
#include "runner/report/junit.h"
#include "runner/report/terminal.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "not so: %s\n", #condition);                                                     \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void write_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void report(const struct comparison *comparison, const json_t *gates, FILE *out)
{
    const struct comparison_view view = {.all = true, .color = true};
    const struct measured *bundles[2];
    struct results results;
    size_t count = compare_bundle_count(comparison);
    json_t *head = compare_head_json(comparison);
    comparison_print_head(head, &view, out);
    for (size_t i = 0; i < compare_demo_count(comparison); i++) {
        json_t *demo = compare_demo_json(comparison, i, true);
        comparison_print_demo(demo, &view, out);
        json_decref(demo);
    }
    comparison_print_gates(gates, true, out);
    comparison_print_foot(head, out);
    comparison_markdown(comparison, true, gates, out);
    comparison_csv(comparison, true, out);
    comparison_benchmarks(comparison, out);
    for (size_t i = 0; i < count; i++)
        bundles[i] = compare_bundle(comparison, i);
    results_make(&results, bundles, count, gates);
    junit_write(&results, bundles, count, out);
    results_sort(&results);
    github_annotate_results(&(struct github){.out = out}, &results, NULL, "m.yaml");
    github_summary(&results, "fuzz", comparison, gates, out);
    results_free(&results);
    json_decref(head);
}

static void compare(const char *folder, size_t count, const struct gate *gates, size_t gate_count)
{
    static const char *const sink = "/dev/null";
    struct error error = {0};
    struct comparison *comparison = compare_create(true);
    FILE *out = fopen(sink, "we");
    REQUIRE(comparison && out);
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = compare_add(comparison, folder, &error);
    if (result == 0)
        result = compare_run(comparison, &error);
    REQUIRE(result == 0 || error.text[0]);
    if (result == 0) {
        json_t *answers = gates_evaluate(comparison, gates, gate_count, NULL);
        REQUIRE(answers);
        report(comparison, answers, out);
        char *text = NULL;
        size_t size = 0;
        FILE *memory = open_memstream(&text, &size);
        REQUIRE(compare_write_json(comparison, true, answers, memory) == 0 && fclose(memory) == 0);
        json_t *parsed = json_loadb(text, size, 0, NULL);
        REQUIRE(parsed);
        json_decref(parsed);
        free(text);
        json_decref(answers);
    }
    fclose(out);
    compare_free(comparison);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const texts[] = {"cpu.time at_most +5%", "goroutines.leaked max 0",
                                        "time.wall max 1s of median", "finding timer-abuse max none",
                                        "memory.peak at_least -10%"};
    enum { GATES = sizeof texts / sizeof *texts };
    struct gate gates[GATES];
    char folder[] = "/dev/shm/fuzz-compare-XXXXXX";
    const uint8_t *end = memchr(data, 0, size);
    size_t first = end ? (size_t)(end - data) : size;
    REQUIRE(mkdtemp(folder));
    for (size_t i = 0; i < GATES; i++)
        REQUIRE(gate_parse(texts[i], &gates[i], NULL) == 0);
    write_file(folder, "experiment.json", data, first);
    if (end)
        write_file(folder, "summary.json", end + 1, size - first - 1);
    for (size_t bundles = 1; bundles <= 2; bundles++)
        compare(folder, bundles, gates, GATES);
    if (end) { /* the table of a run reads the same file */
        json_t *summary = json_loadb((const char *)end + 1, size - first - 1, 0, NULL);
        FILE *out = fopen("/dev/null", "we");
        REQUIRE(out);
        if (summary)
            terminal_print(summary, true, out);
        fclose(out);
        json_decref(summary);
    }
    for (size_t i = 0; i < GATES; i++)
        gate_free(&gates[i]);
    fd_remove_tree(AT_FDCWD, folder);
    return 0;
}
