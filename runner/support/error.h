/*
 * One sentence for a person, made where the fact is known.
 *
 * A function that can fail takes `struct error *` last, leaves it alone on success, and on failure fills it
 * and returns a negative errno value. The text says what was being done, on what, why it failed and what to
 * do; a caller passes it on as it is and adds context once at most. The class decides the exit code.
 */
#ifndef RUNNER_SUPPORT_ERROR_H
#define RUNNER_SUPPORT_ERROR_H

enum error_class {
    ERROR_INTERNAL = 4, /* a fault of ours, a full disk, an unexpected refusal of the kernel */
    ERROR_HOST = 3,     /* this host cannot run it; `runner check` says why */
    ERROR_USAGE = 2,    /* bad arguments, manifest, bundle or trace */
    ERROR_DEMO = 1,     /* a demo did not build or did not do what the manifest expects */
};

struct error {
    enum error_class class; /* also the exit code of the program */
    int number;             /* positive errno value, 0 when no system call failed */
    char text[2048];        /* without a final newline; empty: no error */
};

/* Fills `error` (which may be NULL) and returns -number, or -EINVAL where number is 0. The text is what the
   format yields; where number is not 0, ": " and strerror(number) are appended. Call it with the errno saved
   by value: error_set(error, ERROR_INTERNAL, errno, "open %s", path). */
int error_set(struct error *error, enum error_class class, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same, followed by ". " and a sentence that tells the mend. */
int error_mend(struct error *error, enum error_class class, int number, const char *mend, const char *format,
               ...) __attribute__((format(printf, 5, 6)));

/* Puts "context: " before an existing text. Returns -number of the error, for `return error_prefix(...)`. */
int error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
