/*
 * The manifest's `load:` as plain data: the traffic that every demo gets, how its readiness is seen, and what
 * its unit of work is. Owned by struct experiment.
 */
#ifndef RUNNER_MANIFEST_LOAD_H
#define RUNNER_MANIFEST_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/manifest/lists.h"

#define LOAD_STEPS_MAX 64

enum load_kind { LOAD_NONE, LOAD_HTTP, LOAD_COMMAND };
enum load_arrivals { ARRIVALS_CONSTANT, ARRIVALS_POISSON };
enum load_body { BODY_NONE, BODY_JSON, BODY_FILE, BODY_TEXT };
enum load_ready { READY_NONE, READY_TCP, READY_HTTP, READY_STDOUT };
enum load_work { WORK_DEFAULT, WORK_REQUESTS, WORK_RUN, WORK_STDOUT }; /* never DEFAULT after loading */

/* http://HOST[:PORT][/TARGET]: HOST is an IPv4 address, an IPv6 address in brackets, or localhost
   (127.0.0.1): nothing is looked up. */
struct load_url {
    char *text;      /* as written */
    char *authority; /* for the Host header: "127.0.0.1:8080" */
    char *target;    /* "/encode?x=1"; "/" where the URL has none */
    bool ipv6;
    uint8_t address[16]; /* network order; the first 4 bytes for IPv4 */
    uint16_t port;       /* host order; 80 where the URL has none */
};

struct load_http {
    struct load_url url;
    char *method; /* "GET" ... */
    struct env_list headers;
    enum load_body body;
    char *body_text;                /* BODY_TEXT */
    char *body_file;                /* BODY_FILE: the absolute path */
    uint64_t body_bytes;            /* BODY_JSON: the exact length of a JSON object that is made up */
    uint64_t rates[LOAD_STEPS_MAX]; /* requests a second, one a step, in sequence; without steps: one */
    size_t step_count;
    enum load_arrivals arrivals;
    uint32_t connections_start, connections_most;
    uint64_t warmup_ns;   /* at the first step's rate; not measured */
    uint64_t duration_ns; /* of each step */
    uint64_t timeout_ns;  /* an answer that takes longer counts as an error, from when the request was sent */
    uint32_t status;      /* expected; 0: any of 200 to 299 */
};

struct load_settings {
    enum load_kind kind;
    struct load_http http;
    struct string_list command; /* argv; `{url}` in a word is filled in */
    char *command_url;          /* what `{url}` stands for; NULL: nothing */
    struct load_ready_policy {
        enum load_ready kind;
        uint32_t port;       /* READY_TCP */
        char *target, *text; /* READY_HTTP; READY_STDOUT: what must be printed */
        uint64_t within_ns;
    } ready;
    struct load_work_unit {
        enum load_work kind;
        char *key; /* WORK_STDOUT: of a number in a JSON line that the demo prints */
    } work;
};

/* How long warm-up and measured steps take by their clock; 0 where a command decides. */
uint64_t load_planned_ns(const struct load_settings *load);

#endif
