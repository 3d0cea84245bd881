/* `load:` of the manifest. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/experiment.h"
#include "runner/manifest/manifest.h"
#include "runner/manifest/url.h"

#define HEAD  "version: 1\nexperiment: x\n"
#define DEMOS "demos: [{name: a, exec: [x]}]\n"
#define URL   "url: \"http://127.0.0.1:8080/x\""

/* The experiment, or NULL with what is printed about the text in *said. */
static struct experiment *parse(const char *text, char **said)
{
    struct experiment *experiment = NULL;
    struct error error = {0};
    size_t length = 0;
    FILE *out = open_memstream(said, &length);
    if (manifest_parse("m.yaml", text, strlen(text), out, &experiment, &error) < 0)
        experiment = NULL;
    fclose(out);
    return experiment;
}

static struct experiment *taken(const char *text)
{
    char *said = NULL;
    struct experiment *experiment = parse(text, &said);
    cr_assert_not_null(experiment, "%s", said);
    free(said);
    return experiment;
}

Test(manifest_load_section, without_it_there_is_no_load)
{
    struct experiment *experiment = taken(HEAD DEMOS);
    cr_expect_eq((int)experiment->load.kind, (int)LOAD_NONE);
    experiment_free(experiment);
}

Test(manifest_load_section, defaults_are_filled_in)
{
    struct experiment *experiment = taken(HEAD "load: {http: {" URL ", rate: 500/s}}\n" DEMOS);
    const struct load_settings *load = &experiment->load;
    cr_expect_eq((int)load->kind, (int)LOAD_HTTP);
    cr_expect_str_eq(load->http.url.authority, "127.0.0.1:8080");
    cr_expect_str_eq(load->http.url.target, "/x");
    cr_expect_eq(load->http.url.port, 8080);
    cr_expect_str_eq(load->http.method, "GET");
    cr_expect_eq((int)load->http.body, (int)BODY_NONE);
    cr_expect_eq(load->http.step_count, 1);
    cr_expect_eq(load->http.rates[0], 500);
    cr_expect_eq(load->http.connections_start, 16);
    cr_expect_eq(load->http.connections_most, 1024);
    cr_expect_eq(load->http.warmup_ns, 1000000000);
    cr_expect_eq(load->http.duration_ns, 10000000000);
    cr_expect_eq(load->http.status, 0);
    cr_expect_eq((int)load->ready.kind, (int)READY_TCP);
    cr_expect_eq(load->ready.port, 8080);
    cr_expect_eq((int)load->work.kind, (int)WORK_REQUESTS);
    cr_expect_eq(load_planned_ns(load), 11000000000);
    experiment_free(experiment);
}

Test(manifest_load_section, everything_can_be_said)
{
    struct experiment *experiment =
        taken(HEAD "controls: {timeout: 60s}\n"
                   "load:\n"
                   "  http: {" URL ", method: POST, headers: {X-Token: a b}, body: {json: 1KiB},\n"
                   "    steps: [100/s, 200/s, 400/s], arrivals: poisson, connections: {start: 4, most: 8},\n"
                   "    warmup: 0, duration: 2s, timeout: 1s, status: 201}\n"
                   "  ready: {http: /healthz, within: 3s}\n"
                   "  work: {stdout: ops}\n" DEMOS);
    const struct load_http *http = &experiment->load.http;
    cr_expect_eq(http->step_count, 3);
    cr_expect_eq(http->rates[2], 400);
    cr_expect_eq((int)http->arrivals, (int)ARRIVALS_POISSON);
    cr_expect_eq((int)http->body, (int)BODY_JSON);
    cr_expect_eq(http->body_bytes, 1024);
    cr_expect_str_eq(http->headers.items[0].name, "X-Token");
    cr_expect_str_eq(http->headers.items[0].value, "a b");
    cr_expect_eq(http->status, 201);
    cr_expect_eq((int)experiment->load.ready.kind, (int)READY_HTTP);
    cr_expect_str_eq(experiment->load.ready.target, "/healthz");
    cr_expect_eq((int)experiment->load.work.kind, (int)WORK_STDOUT);
    cr_expect_str_eq(experiment->load.work.key, "ops");
    experiment_free(experiment);
}

Test(manifest_load_section, a_command_is_a_load)
{
    struct experiment *experiment = taken(
        HEAD "load: {command: [wrk, -t1, \"{url}\"], url: \"http://127.0.0.1:1/\", ready: {tcp: 1}}\n" DEMOS);
    cr_expect_eq((int)experiment->load.kind, (int)LOAD_COMMAND);
    cr_expect_eq(experiment->load.command.count, 3);
    cr_expect_eq((int)experiment->load.work.kind, (int)WORK_RUN);
    cr_expect_eq(load_planned_ns(&experiment->load), 0);
    experiment_free(experiment);
    experiment = taken(HEAD "load: {command: [ab]}\n" DEMOS);
    cr_expect_eq((int)experiment->load.ready.kind, (int)READY_NONE);
    experiment_free(experiment);
}

Test(manifest_load_section, what_does_not_fit_together_is_refused)
{
    static const struct {
        const char *load, *says;
    } rows[] = {
        {"load: {}", "load has neither http nor command"},
        {"load: {ready: {tcp: 1}}", "load has neither http nor command"},
        {"load: {http: {" URL ", rate: 1/s}, command: [x]}", "load: either http or command, not both"},
        {"load: {http: {rate: 1/s}}", "missing key 'url' in load.http"},
        {"load: {http: {" URL "}}", "load.http has neither rate nor steps"},
        {"load: {http: {" URL ", rate: 1/s, steps: [1/s]}}", "load.http: either rate or steps, not both"},
        {"load: {http: {" URL ", rate: 500}}", "load.http.rate: '500' has no unit; use one of /s"},
        {"load: {http: {" URL ", rate: 500/m}}", "has an unknown unit"},
        {"load: {http: {" URL ", rate: 0.5/s}}", "is not a whole number of the smallest unit"},
        {"load: {http: {" URL ", rate: 0/s}}", "out of range; it is 1/s to 1000000/s"},
        {"load: {http: {" URL ", steps: []}}", "load.http.steps: 0 entries; it takes 1 to 64"},
        {"load: {http: {" URL ", steps: [fast]}}", "load.http.steps[]: expected a rate such as 500/s"},
        {"load: {http: {" URL ", rate: 1/s, body: {}}}", "one of json, file and text is missing"},
        {"load: {http: {" URL ", rate: 1/s, body: {json: 2B, text: x}}}", "either json or text, not both"},
        {"load: {http: {" URL ", rate: 1/s, body: {json: 1B}}}", "out of range; it is 2B to 64MiB"},
        {"load: {http: {" URL ", rate: 1/s, method: get}}", "is not a method such as GET or POST"},
        {"load: {http: {" URL ", rate: 1/s, headers: {\"a b\": x}}}", "'a b' is not the name of a header"},
        {"load: {http: {" URL ", rate: 1/s, headers: {content-length: 1}}}", "is set by the load itself"},
        {"load: {http: {" URL ", rate: 1/s, headers: {A: \"x\\r\\nB: y\"}}}", "is not the value of a header"},
        {"load: {http: {" URL ", rate: 1/s, connections: {start: 9, most: 8}}}", "start is above most (8)"},
        {"load: {http: {url: \"https://127.0.0.1/\", rate: 1/s}}", "wants TLS"},
        {"load: {http: {url: \"http://10.0.0.1/\", rate: 1/s}}", "nothing but its loopback"},
        {"load: {http: {" URL ", rate: 1/s}, url: \"http://x\"}", "load.url is for load.command"},
        {"load: {command: [x], url: \"http://x\"}", "no word of load.command holds {url}"},
        {"load: {command: [x, \"{url}\"]}", "load.command holds {url}, and load.url is missing"},
        {"load: {command: [x], ready: {http: /}}", "load.ready.http asks the URL of load.http"},
        {"load: {command: [x], ready: {stdout: \"\"}}", "load.ready.stdout: the text is empty"},
        {"load: {command: [x], work: requests}", "requests are counted by load.http alone"},
        {"load: {command: [x], work: {x: y}}", "load.work: expected requests, run, or {stdout: KEY}"},
        {"load: {http: {" URL ", rate: 1/s}, ready: {tcp: 1, http: /}}", "either tcp or http, not both"},
        {"load: {http: {" URL ", rate: 1/s, duration: 20m}}",
         "controls.timeout of 30s ends the trial before"},
        {"controls: {stop: {after: 1s}}\nload: {http: {" URL ", rate: 1/s}}",
         "with load the demo is stopped when the load is over"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];
        char *said = NULL;
        snprintf(text, sizeof text, HEAD "%s\n" DEMOS, rows[i].load);
        cr_assert_null(parse(text, &said), "taken: %s", rows[i].load);
        cr_expect(strstr(said, rows[i].says), "%s\ngives\n%s", rows[i].load, said);
        free(said);
    }
}

Test(manifest_load_section, urls_are_taken_apart)
{
    static const struct {
        const char *text, *authority, *target;
        uint16_t port;
        bool ipv6;
    } rows[] = {
        {"http://127.0.0.1", "127.0.0.1", "/", 80, false},
        {"http://127.0.0.1:8080/a/b?c=d", "127.0.0.1:8080", "/a/b?c=d", 8080, false},
        {"http://localhost:1#part", "localhost:1", "/", 1, false},
        {"http://127.0.0.1?q", "127.0.0.1", "/?q", 80, false},
        {"http://[::1]:65535/", "[::1]:65535", "/", 65535, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct load_url url;
        const char *wrong = url_parse(rows[i].text, &url);
        cr_assert_null(wrong, "%s %s", rows[i].text, wrong);
        cr_expect_str_eq(url.authority, rows[i].authority);
        cr_expect_str_eq(url.target, rows[i].target);
        cr_expect_eq(url.port, rows[i].port);
        cr_expect_eq(url.ipv6, rows[i].ipv6);
        char shown[INET6_ADDRSTRLEN];
        inet_ntop(url.ipv6 ? AF_INET6 : AF_INET, url.address, shown, sizeof shown);
        cr_expect_str_eq(shown, url.ipv6 ? "::1" : "127.0.0.1");
        free(url.text);
        free(url.authority);
        free(url.target);
    }
    static const char *const bad[] = {"",
                                      "http://",
                                      "http:///x",
                                      "ftp://127.0.0.1",
                                      "http://example.org/",
                                      "http://127.0.0.1:0/",
                                      "http://127.0.0.1:65536/",
                                      "http://127.0.0.1:x/",
                                      "http://127.0.0.1:80x/",
                                      "http://127.0.0.1/a b",
                                      "http://[::1/",
                                      "http://user@127.0.0.1/",
                                      "http://127.0.0.1/\xc3\xa4",
                                      "http://1.2.3/"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct load_url url;
        cr_expect_not_null(url_parse(bad[i], &url), "%s", bad[i]);
    }
}
