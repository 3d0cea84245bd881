/*
 * The matrix of `make accuracy`: programs that know what they did, and what the bundle must say of them.
 *
 * Theory of operation. tests/accuracy/truth is one Go program with a mode for each row of `programs`; it says
 * on its standard output, as key=value, what an observer must have counted (kernel/ is the same in C). For
 * each Go version, linking and GOMAXPROCS runner observes all modes in one experiment (run.h), and each row
 * of `facts` compares a number of trial.json (facts.h) with what the program said of itself (judge.h).
 * matrix.h keeps the verdicts and prints them.
 *
 * A fact is exact unless its row names a tolerance, with the reason. "less none": what the
 * language's baseline has of the same number is taken away first.
 */
#ifndef TESTS_ACCURACY_CASES_H
#define TESTS_ACCURACY_CASES_H

#include <stdbool.h>
#include <stddef.h>

#define VERSION_C "C" /* stands for programs of C among the versions of Go */

enum language { LANGUAGE_GO, LANGUAGE_C };

struct program {
    const char *mode;
    enum language language;
    bool core;          /* level core is enough; else full */
    int since;          /* Go 1.`since` at least; 0: any */
    const char *linked; /* only in this linking; NULL: in all */
    const char *why;    /* not elsewhere */
    bool baseline;      /* does nothing: what the runtime or C does at every start */
};

struct fact {
    const char *mode; /* NULL: of every Go program that says its key */
    const char *name;
    const char *seen;      /* path in "metrics" of trial.json; several: their sum, joined by " + " */
    const char *key;       /* of the program's output */
    bool less_none;        /* the same number of the mode `none` is taken away */
    double below, above;   /* tolerance, in units of the number */
    double share;          /* or of the truth, where that is more */
    const char *tolerance; /* why there is one */
    int since, until;      /* Go 1.`since` to 1.`until`; 0: no such limit */
    int least_procs;       /* GOMAXPROCS; 0: any */
    int most_procs;
    const char *why; /* the fact is not there in other versions or with another GOMAXPROCS */
};

extern const struct program programs[];
extern const size_t program_count;
extern const struct fact facts[];
extern const size_t fact_count;

/* NULL where the mode runs with Go 1.`minor` (0: C) in that linking; else why it does not, "" where it is of
   another language. */
const char *program_missing(const struct program *program, int minor, const char *linking);
/* NULL where the fact is to be had; else why not. */
const char *fact_missing(const struct fact *fact, int minor, int procs);
/* Whether the fact is one of the program's. */
bool fact_of(const struct fact *fact, const struct program *program);

#endif
