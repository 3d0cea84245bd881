#include "runner/load/request.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runner/support/fd.h"

/* What decides where a message ends is ours to say: RFC 9112, 6. */
static const char *const framing_fields[] = {"Content-Length", "Transfer-Encoding"};

void request_fill_json(char *into, size_t size)
{
    static const char open[] = "{\"items\":[";
    static const char close[] = "],\"filling\":\"";
    enum { OPEN = sizeof open - 1, CLOSE = sizeof close - 1, END = 2 };
    memset(into, ' ', size);
    into[0] = '{';
    into[size - 1] = '}';
    if (size < OPEN + CLOSE + END)
        return; /* an object without members, blanks inside */
    memcpy(into, open, OPEN);
    size_t used = OPEN;
    for (unsigned i = 0;; i++) {
        char item[96];
        int length = snprintf(item, sizeof item,
                              "%s{\"id\":%u,\"name\":\"item-%u\",\"price\":%u.25,\"tags\":[\"a\",\"b\"]}",
                              i ? "," : "", i, i, i % 100);
        /* Half of a large body is one text: both short and long values are to be parsed. */
        if (used + (size_t)length + CLOSE + END > size || used > size / 2)
            break;
        memcpy(into + used, item, (size_t)length);
        used += (size_t)length;
    }
    memcpy(into + used, close, CLOSE);
    used += CLOSE;
    memset(into + used, 'x', size - END - used);
    into[size - END] = '"';
}

/* --- headers ---------------------------------------------------------------------------------- */

static bool is_field(const struct env_entry *header)
{
    size_t length = strlen(header->name);
    if (length == 0 || strspn(header->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                            "!#$%&'*+-.^_`|~") != length)
        return false;
    for (const unsigned char *at = (const unsigned char *)header->value; *at; at++)
        if ((*at < ' ' && *at != '\t') || *at == 0x7f)
            return false;
    return true;
}

static int check_headers(const struct load_http *http, struct error *error)
{
    for (size_t i = 0; i < http->headers.count; i++) {
        const struct env_entry *header = &http->headers.items[i];
        if (!is_field(header))
            return error_set(error, ERROR_USAGE, 0, "load: the header \"%s\" is not one of HTTP/1.1",
                             header->name);
        for (size_t k = 0; k < sizeof framing_fields / sizeof *framing_fields; k++)
            if (strcasecmp(header->name, framing_fields[k]) == 0)
                return error_mend(error, ERROR_USAGE, 0, "Leave it out: it follows from `body:`",
                                  "load: the header %s cannot be given", header->name);
    }
    return 0;
}

static bool names(const struct load_http *http, const char *field)
{
    for (size_t i = 0; i < http->headers.count; i++)
        if (strcasecmp(http->headers.items[i].name, field) == 0)
            return true;
    return false;
}

static void put_default(FILE *out, const struct load_http *http, const char *field, const char *value)
{
    if (!names(http, field))
        fprintf(out, "%s: %s\r\n", field, value);
}

static void put_headers(FILE *out, const struct load_http *http, const char *method, const char *target)
{
    fprintf(out, "%s %s HTTP/1.1\r\n", method, target);
    put_default(out, http, "Host", http->url.authority);
    put_default(out, http, "User-Agent", "runner/" RUNNER_VERSION);
    for (size_t i = 0; i < http->headers.count; i++)
        fprintf(out, "%s: %s\r\n", http->headers.items[i].name, http->headers.items[i].value);
}

static bool has_body_by_nature(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
}

/* --- the body --------------------------------------------------------------------------------- */

static int make_body(const struct load_http *http, char **body, size_t *size, struct error *error)
{
    if (http->body == BODY_FILE) {
        int result = fd_read_file(AT_FDCWD, http->body_file, REQUEST_BODY_MAX, body, size);
        if (result < 0)
            return error_set(error, ERROR_USAGE, -result, "load: read the body of at most %u MiB from %s",
                             REQUEST_BODY_MAX >> 20, http->body_file);
        return 0;
    }
    *size = http->body == BODY_TEXT ? strlen(http->body_text) : (size_t)http->body_bytes;
    if (http->body == BODY_JSON && http->body_bytes < 2)
        return error_set(error, ERROR_USAGE, 0, "load: a JSON object has at least 2 bytes, not %" PRIu64,
                         http->body_bytes);
    if (*size > REQUEST_BODY_MAX)
        return error_set(error, ERROR_USAGE, 0, "load: a body of %zu bytes; %u MiB at most", *size,
                         REQUEST_BODY_MAX >> 20);
    *body = malloc(*size + 1);
    if (!*body)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "load: make the body");
    if (http->body == BODY_JSON)
        request_fill_json(*body, *size);
    else
        memcpy(*body, http->body_text, *size);
    return 0;
}

static int finish(FILE *out, const char *body, size_t body_size, struct http_request *request,
                  struct error *error)
{
    fputs("\r\n", out);
    if (body_size)
        fwrite(body, 1, body_size, out);
    int bad = ferror(out);
    if (fclose(out) != 0 || bad) {
        request_free(request);
        return error_set(error, ERROR_INTERNAL, ENOMEM, "load: make the request");
    }
    request->header_size = request->size - body_size;
    return 0;
}

static FILE *begin(struct http_request *request)
{
    *request = (struct http_request){0};
    return open_memstream(&request->bytes, &request->size);
}

int request_make(const struct load_http *http, struct http_request *request, struct error *error)
{
    static const char *const types[] = {[BODY_JSON] = "application/json",
                                        [BODY_FILE] = "application/octet-stream",
                                        [BODY_TEXT] = "text/plain; charset=utf-8"};
    AUTO_FREE char *body = NULL;
    size_t body_size = 0;
    *request = (struct http_request){0};
    int result = check_headers(http, error);
    if (result == 0 && http->body != BODY_NONE)
        result = make_body(http, &body, &body_size, error);
    if (result < 0)
        return result;
    FILE *out = begin(request);
    if (!out)
        return error_set(error, ERROR_INTERNAL, errno, "load: make the request");
    put_headers(out, http, http->method, http->url.target);
    if (http->body != BODY_NONE)
        put_default(out, http, "Content-Type", types[http->body]);
    if (http->body != BODY_NONE || has_body_by_nature(http->method))
        fprintf(out, "Content-Length: %zu\r\n", body_size);
    request->head = strcmp(http->method, "HEAD") == 0;
    return finish(out, body, body_size, request, error);
}

int request_make_get(const struct load_http *http, const char *target, struct http_request *request,
                     struct error *error)
{
    int result = check_headers(http, error);
    *request = (struct http_request){0};
    if (result < 0)
        return result;
    FILE *out = begin(request);
    if (!out)
        return error_set(error, ERROR_INTERNAL, errno, "load: make the request");
    put_headers(out, http, "GET", target);
    return finish(out, NULL, 0, request, error);
}

void request_free(struct http_request *request)
{
    free(request->bytes);
    *request = (struct http_request){0};
}
