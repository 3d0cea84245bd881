#include "runner/load/request.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct load_http plain(const char *method, enum load_body body)
{
    return (struct load_http){
        .url = {.authority = (char *)"127.0.0.1:8080", .target = (char *)"/a?b=1"},
        .method = (char *)method,
        .body = body,
    };
}

static void assert_made(const struct load_http *http, const char *wanted)
{
    struct http_request request;
    struct error error = {0};
    cr_assert_eq(request_make(http, &request, &error), 0, "%s", error.text);
    cr_assert_eq(request.size, strlen(wanted), "%s", request.bytes);
    cr_assert_arr_eq(request.bytes, wanted, request.size, "%s", request.bytes);
    cr_assert_eq((size_t)(strstr(request.bytes, "\r\n\r\n") + 4 - request.bytes), request.header_size);
    request_free(&request);
    cr_assert_null(request.bytes);
}

static void assert_refused(const struct load_http *http, const char *says)
{
    struct http_request request;
    struct error error = {0};
    cr_assert_lt(request_make(http, &request, &error), 0);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
    cr_assert_null(request.bytes);
}

Test(load_request, a_get_has_a_host_and_no_length)
{
    struct load_http http = plain("GET", BODY_NONE);
    assert_made(&http, "GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: runner/" RUNNER_VERSION
                       "\r\n\r\n");
}

Test(load_request, a_method_with_a_body_by_nature_tells_that_there_is_none)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH"};
    for (size_t i = 0; i < 3; i++) {
        struct load_http http = plain(methods[i], BODY_NONE);
        char wanted[256];
        snprintf(wanted, sizeof wanted,
                 "%s /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: runner/" RUNNER_VERSION
                 "\r\nContent-Length: 0\r\n\r\n",
                 methods[i]);
        assert_made(&http, wanted);
    }
}

Test(load_request, headers_of_the_manifest_replace_ours)
{
    struct env_entry headers[] = {{(char *)"host", (char *)"example.org"},
                                  {(char *)"X-Two", (char *)"a, b"},
                                  {(char *)"USER-AGENT", (char *)"other"},
                                  {(char *)"content-type", (char *)"text/x"}};
    struct load_http http = plain("POST", BODY_TEXT);
    http.body_text = (char *)"hello";
    http.headers = (struct env_list){headers, 4};
    assert_made(&http, "POST /a?b=1 HTTP/1.1\r\nhost: example.org\r\nX-Two: a, b\r\nUSER-AGENT: other\r\n"
                       "content-type: text/x\r\nContent-Length: 5\r\n\r\nhello");
}

Test(load_request, headers_that_are_none_or_change_the_framing_are_refused)
{
    static const struct {
        const char *name, *value, *says;
    } rows[] = {
        {"Content-Length", "5", "Content-Length"},
        {"transfer-encoding", "chunked", "transfer-encoding"},
        {"A B", "x", "A B"},
        {"", "x", "header"},
        {"X", "a\r\nY: b", "X"},
        {"X", "\x7f", "X"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct env_entry header = {(char *)rows[i].name, (char *)rows[i].value};
        struct load_http http = plain("POST", BODY_NONE);
        http.headers = (struct env_list){&header, 1};
        assert_refused(&http, rows[i].says);
    }
}

Test(load_request, a_json_body_is_an_object_of_exactly_its_length)
{
    for (size_t size = 2; size < 3000; size++) {
        char *text = malloc(size);
        request_fill_json(text, size);
        json_error_t error;
        json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        cr_assert_not_null(json, "%zu bytes: %s in %.*s", size, error.text, (int)size, text);
        cr_assert(json_is_object(json));
        cr_assert_eq((size_t)error.position, size, "nothing is behind it");
        json_decref(json);
        free(text);
    }
}

Test(load_request, a_json_body_stands_in_the_request)
{
    struct load_http http = plain("POST", BODY_JSON);
    http.body_bytes = 1024;
    struct http_request request;
    cr_assert_eq(request_make(&http, &request, NULL), 0);
    cr_assert_eq(request.size - request.header_size, 1024);
    cr_assert_not_null(
        strstr(request.bytes, "\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n{"));
    char again[1024];
    request_fill_json(again, sizeof again);
    cr_assert_arr_eq(request.bytes + request.header_size, again, sizeof again);
    request_free(&request);
    http.body_bytes = 1;
    assert_refused(&http, "at least 2 bytes");
    http.body_bytes = REQUEST_BODY_MAX + 1;
    assert_refused(&http, "64 MiB");
}

Test(load_request, a_file_is_sent_as_it_is)
{
    char path[] = "/tmp/runner-load-XXXXXX";
    int file = mkstemp(path);
    cr_assert_eq(write(file, "a\0b\r\n", 5), 5);
    struct load_http http = plain("PUT", BODY_FILE);
    http.body_file = path;
    struct http_request request;
    cr_assert_eq(request_make(&http, &request, NULL), 0);
    cr_assert_arr_eq(request.bytes + request.header_size, "a\0b\r\n", 5);
    cr_assert_eq(request.size - request.header_size, 5);
    request_free(&request);
    cr_assert_eq(ftruncate(file, REQUEST_BODY_MAX + 1), 0);
    assert_refused(&http, path);
    unlink(path);
    assert_refused(&http, path);
    close(file);
}

Test(load_request, a_question_for_readiness_is_a_get_without_a_body)
{
    struct load_http http = plain("POST", BODY_JSON);
    struct http_request request;
    cr_assert_eq(request_make_get(&http, "/ready", &request, NULL), 0);
    cr_assert_str_eq(request.bytes,
                     "GET /ready HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: runner/" RUNNER_VERSION
                     "\r\n\r\n");
    request_free(&request);
}
