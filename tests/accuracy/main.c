/*
 * make accuracy: what the bundles of runner say of programs with a known truth, for each Go version, linking
 * and GOMAXPROCS. See cases.h. Ends with 1 where a number is not the truth.
 *
 *     accuracy-matrix [--versions "1.19 1.23"] [--linkings "plain pie"] [--procs "1 2"] [--programs "spawn
 * echo"]
 *                     [--tap FILE] [--keep]
 *
 * scripts/build-accuracy has built the programs. --keep leaves the bundles of what missed.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/accuracy/facts.h"
#include "tests/accuracy/matrix.h"
#include "tests/accuracy/run.h"

#define PROGRAMS_MAX 64

struct options {
    const char *build; /* folder with runner and the programs */
    struct axis versions, linkings, procs, programs;
    const char *tap;
    bool keep;
};

/* Too many words fail where their number is looked at: none is left out in silence. */
static void split(struct axis *axis, char *words)
{
    char *rest = NULL;
    axis->count = 0;
    for (char *word = strtok_r(words, " ,", &rest); word; word = strtok_r(NULL, " ,", &rest)) {
        if (axis->count < AXIS_MAX)
            axis->values[axis->count] = word;
        axis->count++;
    }
}

static bool has(const struct axis *axis, const char *value)
{
    for (size_t i = 0; i < axis->count; i++)
        if (strcmp(axis->values[i], value) == 0)
            return true;
    return false;
}

static int parse(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {{"versions", required_argument, NULL, 'v'},
                                          {"linkings", required_argument, NULL, 'l'},
                                          {"procs", required_argument, NULL, 'p'},
                                          {"programs", required_argument, NULL, 'm'},
                                          {"tap", required_argument, NULL, 't'},
                                          {"keep", no_argument, NULL, 'k'},
                                          {0}};
    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (letter) {
        case 'v':
            split(&options->versions, optarg);
            break;
        case 'l':
            split(&options->linkings, optarg);
            break;
        case 'p':
            split(&options->procs, optarg);
            break;
        case 'm':
            split(&options->programs, optarg);
            break;
        case 't':
            options->tap = optarg;
            break;
        case 'k':
            options->keep = true;
            break;
        default:
            return -1;
        }
    }
    bool fit = options->versions.count <= AXIS_MAX && options->linkings.count <= AXIS_MAX &&
               options->procs.count <= AXIS_MAX && options->programs.count <= AXIS_MAX;
    return optind == argc && fit ? 0 : -1;
}

/* A mode that nobody knows is a mistake and no empty matrix. */
static int choose(const struct options *options, bool *chosen)
{
    size_t count = 0;
    for (size_t i = 0; i < program_count; i++) {
        chosen[i] = options->programs.count == 0 || has(&options->programs, programs[i].mode);
        count += chosen[i];
    }
    return count == 0 || (options->programs.count && count != options->programs.count) ? -1 : 0;
}

static struct cell judge_fact(const struct fact *fact, const struct outcome *outcome,
                              const struct outcome *none)
{
    struct cell cell = {0};
    if (outcome->fault[0] || (fact->less_none && none->fault[0])) {
        cell.verdict = VERDICT_UNKNOWN;
        snprintf(cell.note, sizeof cell.note, "%s", outcome->fault[0] ? outcome->fault : none->fault);
        return cell;
    }
    struct seen seen = facts_seen(outcome->trial, fact->seen);
    if (fact->less_none) {
        struct seen less = facts_seen(none->trial, fact->seen);
        seen.value -= less.value;
        seen.lost += less.lost;
    }
    cell.seen = seen.value;
    cell.truth = facts_said(outcome->said, fact->key);
    cell.verdict = judge(fact, seen, cell.truth);
    if (cell.verdict == VERDICT_UNKNOWN)
        snprintf(cell.note, sizeof cell.note, "%s",
                 isnan(cell.truth) ? "the program says nothing" : "no such number");
    return cell;
}

struct place {
    size_t version, linking, procs;
};

/* The programs of an experiment: those of the level, and the language's baseline, which level full brings.
   Returns how many there are, `baseline` aside. */
static size_t pick(const struct combination *combination, bool core, const bool *chosen, bool *wanted,
                   size_t *baseline)
{
    size_t count = 0;
    for (size_t i = 0; i < program_count; i++) {
        bool runs = programs[i].core == core &&
                    !program_missing(&programs[i], combination->minor, combination->linking);
        wanted[i] = runs && (chosen[i] || programs[i].baseline);
        count += runs && chosen[i];
        if (runs && programs[i].baseline)
            *baseline = i;
    }
    return count;
}

static size_t judge_program(const struct matrix *matrix, struct place place,
                            const struct combination *combination, const struct program *program,
                            const struct outcome *outcome, const struct outcome *none)
{
    size_t misses = 0;
    for (size_t row = 0; row < matrix->row_count; row++) {
        const struct fact *fact = matrix->rows[row].fact;
        struct cell *cell = matrix_cell(matrix, row, place.version, place.linking, place.procs);
        if (matrix->rows[row].program != program ||
            fact_missing(fact, combination->minor, combination->procs))
            continue;
        *cell = judge_fact(fact, outcome, none);
        if (!verdict_is_miss(cell->verdict))
            continue;
        misses++; /* told at once: the whole matrix takes minutes */
        fprintf(stderr, "  miss: %s: %s: %.0f, in truth %.0f %s\n", program->mode, fact->name, cell->seen,
                cell->truth, cell->note);
    }
    return misses;
}

/* One experiment: the programs of one level. Returns how many facts missed. */
static size_t judge_level(const struct options *options, const struct matrix *matrix, struct place place,
                          const struct combination *combination, bool core, const bool *chosen)
{
    struct run run;
    struct outcome none = {0};
    bool wanted[PROGRAMS_MAX] = {0};
    size_t misses = 0, baseline = program_count;
    if (!pick(combination, core, chosen, wanted, &baseline))
        return 0;
    run_open(&run, options->build, combination, core, wanted);
    if (baseline < program_count)
        run_outcome(&run, &programs[baseline], &none);
    for (size_t i = 0; i < program_count; i++) {
        struct outcome outcome;
        if (!wanted[i] || !chosen[i])
            continue;
        run_outcome(&run, &programs[i], &outcome);
        misses += judge_program(matrix, place, combination, &programs[i], &outcome, &none);
        outcome_close(&outcome);
    }
    outcome_close(&none);
    if (misses && run.fault[0])
        fprintf(stderr, "%s\n", run.fault);
    if (misses && options->keep)
        fprintf(stderr, "kept: %s\n", run.bundle);
    run_close(&run, misses && options->keep);
    return misses;
}

/* Says why nothing is in a cell. */
static void note_missing(const struct matrix *matrix, struct place place,
                         const struct combination *combination, const char *why)
{
    for (size_t row = 0; row < matrix->row_count; row++) {
        struct cell *cell = matrix_cell(matrix, row, place.version, place.linking, place.procs);
        const char *missing = why;
        if (!missing)
            missing = program_missing(matrix->rows[row].program, combination->minor, combination->linking);
        if (!missing)
            missing = fact_missing(matrix->rows[row].fact, combination->minor, combination->procs);
        if (cell->verdict == VERDICT_NONE)
            snprintf(cell->note, sizeof cell->note, "%s", missing ? missing : "not run");
    }
}

static void judge_combination(const struct options *options, const struct matrix *matrix, struct place place,
                              const bool *chosen)
{
    struct combination combination = {.procs = atoi(options->procs.values[place.procs])};
    const char *version = options->versions.values[place.version];
    char path[512];
    const char *why = NULL;
    snprintf(combination.version, sizeof combination.version, "%s", version);
    snprintf(combination.linking, sizeof combination.linking, "%s", options->linkings.values[place.linking]);
    combination.minor = strcmp(version, VERSION_C) != 0 ? atoi(version + strlen("1.")) : 0;
    if (!combination.minor && (place.linking || place.procs))
        why = ""; /* C has neither */
    else if (!run_find_program(options->build, &combination, path, sizeof path))
        why = "not built";
    if (!why) {
        size_t misses = judge_level(options, matrix, place, &combination, true, chosen);
        misses += judge_level(options, matrix, place, &combination, false, chosen);
        fprintf(stderr, "%s %s GOMAXPROCS=%d: %zu misses\n", version, combination.linking, combination.procs,
                misses);
    }
    note_missing(matrix, place, &combination, why);
}

static int print_results(const struct options *options, const struct matrix *matrix)
{
    size_t tested = 0, failed;
    FILE *tap = options->tap ? fopen(options->tap, "we") : NULL;
    matrix_print(matrix, stdout);
    failed = matrix_tap(matrix, tap, &tested);
    if (options->tap && (!tap || fclose(tap) != 0)) {
        perror(options->tap);
        return 4;
    }
    size_t misses = matrix_count(matrix, VERDICT_MISS) + matrix_count(matrix, VERDICT_UNKNOWN);
    printf("\n%zu misses, %zu numbers that lost events make uncertain, %zu right\n", misses,
           matrix_count(matrix, VERDICT_LOSSY), matrix_count(matrix, VERDICT_OK));
    printf("[====] Synthesis: Tested: %zu | Passing: %zu | Failing: %zu | Crashing: 0\n", tested,
           tested - failed, failed);
    return misses || !tested;
}

int main(int argc, char **argv)
{
    struct options options = {.versions = {{"1.23"}, 1}, .linkings = {{"plain"}, 1}, .procs = {{"2"}, 1}};
    struct matrix matrix;
    bool chosen[PROGRAMS_MAX];
    options.build = getenv("RUNNER_TEST_BIN");
    if (!options.build || program_count > PROGRAMS_MAX || parse(&options, argc, argv) < 0 ||
        choose(&options, chosen) < 0) {
        fprintf(stderr, "accuracy-matrix: use `make accuracy VERSIONS=\"1.23\" LINKINGS=plain PROCS=\"1 2\" "
                        "PROGRAMS=\"spawn echo\"`; programs are the rows of tests/accuracy/cases.c\n");
        return 2;
    }
    if (matrix_open(&matrix, chosen, &options.versions, &options.linkings, &options.procs) < 0) {
        perror("accuracy-matrix");
        return 4;
    }
    for (size_t v = 0; v < options.versions.count; v++)
        for (size_t l = 0; l < options.linkings.count; l++)
            for (size_t p = 0; p < options.procs.count; p++)
                judge_combination(&options, &matrix, (struct place){v, l, p}, chosen);
    int code = print_results(&options, &matrix);
    matrix_close(&matrix);
    return code;
}
