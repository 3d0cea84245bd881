/*
 * The manifest's keys: one row each, in the order in which they are explained.
 *
 * The walker parses by these rows, the defaults come from them, `runner help manifest` and the JSON Schema
 * are printed from them. A new key is a new row; only a new kind of value needs code (values.c).
 */
#ifndef RUNNER_MANIFEST_FIELDS_H
#define RUNNER_MANIFEST_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mapping of the manifest. The keys of a section go to one struct: experiment, demo below `demos`, or gate
   below `gates`. */
enum section {
    SECTION_ROOT,
    SECTION_CONTROLS,
    SECTION_CGROUP,
    SECTION_STOP,
    SECTION_LOAD,
    SECTION_HTTP,
    SECTION_BODY,
    SECTION_CONNECTIONS,
    SECTION_READY,
    SECTION_TRIALS,
    SECTION_PROBES,
    SECTION_SANDBOX,
    SECTION_FILESYSTEM,
    SECTION_DEMO,
    SECTION_BUILD,
    SECTION_EXPECT,
    SECTION_STDOUT,
    SECTION_GATE,
    SECTION_COUNT,
};

/* The name in messages: "controls.cgroup"; "" for the root. */
const char *section_name(enum section section);

enum field_kind {
    FIELD_SECTION,  /* a mapping with the keys of .child */
    FIELD_DEMOS,    /* a list of mappings with the keys of .child */
    FIELD_GATES,    /* the same */
    FIELD_NUMBER,   /* a whole number of .width bytes, or one of .words */
    FIELD_SIZE,     /* bytes, or one of .words */
    FIELD_DURATION, /* nanoseconds */
    FIELD_RATE,     /* so many a second */
    FIELD_RATES,    /* struct load_http: its rates, a list */
    FIELD_HERTZ,    /* so many a second, in Hz, or one of .words */
    FIELD_SWITCH,   /* bool: on, off */
    FIELD_CHOICE,   /* an enum: one of .words */
    FIELD_CHOICES,  /* unsigned: a list of .words, their values or-ed */
    FIELD_CPUS,     /* struct cgroup_limits: its quota and period */
    FIELD_SIGNAL,   /* int: a signal by its name */
    FIELD_TEXT,     /* char *, after .rule */
    FIELD_TEXTS,    /* struct string_list, each after .rule */
    FIELD_COMMAND,  /* struct string_list: argv; the first resolved where it has a slash */
    FIELD_ENV,      /* struct env_list */
    FIELD_HEADERS,  /* struct env_list: header fields of a request */
    FIELD_URL,      /* struct load_url */
    FIELD_WORK,     /* struct load_work_unit: one of .words, or {stdout: KEY} */
    FIELD_PATH,     /* char *, absolute; one of .words: NULL */
    FIELD_PATHS,    /* struct string_list of absolute paths */
    FIELD_BOUND,    /* char *: a number in the unit of a sibling, or one of .words; as written */
    FIELD_CHANGE,   /* char *: "+5%"; as written */
    FIELD_EXIT,     /* struct expectation: a verdict's name, or {code: N} */
    FIELD_KIND_COUNT,
};

/* What a text must look like: an extended regular expression that is valid in POSIX and in JSON Schema. */
struct text_rule {
    const char *pattern; /* NULL: any text without NUL */
    const char *says;    /* the same for people: "lower-case letters, digits and '-', ..." */
    size_t longest;      /* bytes */
    bool printable;      /* no control characters but line ends and tabs: people will be shown it */
};

struct word {
    const char *name; /* NULL ends a list */
    uint64_t value;
};

enum path_is { PATH_ANY, PATH_FILE, PATH_FOLDER, PATH_BOUND /* inside the sandbox at the same place */ };

struct field {
    enum section section;
    const char *key;
    enum field_kind kind;
    enum section child;
    size_t offset;        /* in struct experiment, or struct demo for the sections below `demos` */
    size_t width;         /* bytes there; 0: nothing is stored */
    const char *fallback; /* the default as it would stand in the manifest; NULL: none */
    uint64_t unset;       /* for numbers without a default */
    uint64_t least, most; /* of a number, or of the entries of a list; `most` 0: no range */
    const struct word *words;
    const struct text_rule *rule;
    enum path_is path_is;
    bool required;
    const char *meaning;
};

extern const struct field fields[];
extern const size_t field_count;

/* The row of a key, NULL where the section has no such key. */
const struct field *field_find(enum section section, const char *key, size_t length);

/* Signals that a stop policy may send. */
extern const struct word field_signals[];

#endif
