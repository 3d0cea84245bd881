#include "runner/load/response.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT 1000

struct outcome {
    struct response response;
    size_t consumed;
};

/* Feeds the pieces [0, cut) and [cut, size), or with cut 0 everything byte by byte, and then ends. */
static struct outcome feed(const char *text, size_t size, size_t cut, bool head, bool close)
{
    struct outcome outcome = {0};
    response_start(&outcome.response, head, LIMIT);
    if (cut == 0) {
        for (size_t i = 0; i < size; i++)
            outcome.consumed += response_feed(&outcome.response, text + i, 1);
    } else {
        outcome.consumed = response_feed(&outcome.response, text, cut);
        outcome.consumed += response_feed(&outcome.response, text + cut, size - cut);
    }
    if (close)
        response_close(&outcome.response);
    return outcome;
}

static void assert_same(const struct outcome *a, const struct outcome *b, const char *text, size_t cut)
{
    cr_assert_eq(a->response.progress, b->response.progress, "cut at %zu of %s", cut, text);
    cr_assert_eq(a->response.fault, b->response.fault, "cut at %zu of %s", cut, text);
    cr_assert_eq(a->consumed, b->consumed, "cut at %zu of %s", cut, text);
    cr_assert_eq(a->response.bytes, b->response.bytes);
    cr_assert_eq(a->response.body_bytes, b->response.body_bytes);
    if (a->response.progress == RESPONSE_COMPLETE) {
        cr_assert_eq(a->response.status, b->response.status);
        cr_assert_eq(a->response.keep_alive, b->response.keep_alive);
    }
}

/* The outcome, which is the same however the text is cut. */
static struct outcome parse(const char *text, size_t size, bool head, bool close)
{
    struct outcome whole = feed(text, size, size, head, close);
    for (size_t cut = 0; cut < size; cut++) {
        struct outcome other = feed(text, size, cut, head, close);
        assert_same(&whole, &other, text, cut);
    }
    return whole;
}

struct answer {
    const char *text;
    uint16_t status;
    uint64_t body;
    bool keep_alive, head, close;
    size_t left; /* bytes behind the answer */
};

static const struct answer answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, 5, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!!", 200, 5, .keep_alive = true, .left = 2},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, 0, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh:5\r\n\r\nhello", 200, 5, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nContent-Length: \t 5 \t\r\n\r\nhello", 200, 5, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5, 5,\r\nContent-Length: 05\r\n\r\nhello", 200, 5,
     .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", 200, 2},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, CLOSE\r\n\r\nhi", 200, 2},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: closed, not-close\r\n\r\nhi", 200, 2,
     .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\nConnection: close\r\n\r\nhi", 200, 2},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, 2},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nhi", 200, 2, .keep_alive = true},
    /* no reason, no blank before it, a reason with other bytes */
    {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, 0, .keep_alive = true},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, 0, .keep_alive = true},
    {"HTTP/1.1 404 n\xc3\xb6\t!\r\nContent-Length: 0\r\n\r\n", 404, 0, .keep_alive = true},
    /* a bare LF ends a line of the header; a folded line goes on */
    {"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", 200, 2, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length:\r\n\t2\r\n\r\nhi", 200, 2, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nX:\r\nContent-Length-Not: 9\r\nContent: 8\r\nContent-Length: 2\r\n\r\nhi", 200, 2,
     .keep_alive = true},
    /* no body whatever the fields say (RFC 9112, 6.3) */
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, 0, .keep_alive = true, .head = true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, 0, .keep_alive = true, .head = true},
    {"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", 204, 0, .keep_alive = true},
    {"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n", 304, 0,
     .keep_alive = true},
    {"HTTP/1.1 101 Up\r\nUpgrade: h2c\r\n\r\nPRI", 101, 0, .left = 3},
    /* chunks, with extensions and trailers; the length beside them says nothing */
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, 5,
     .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0a;x=\"y;\";z\r\n0123456789\r\n00 \r\n\r\n..", 200,
     10, .keep_alive = true, .left = 2},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0;last\r\nDigest: 5\r\nContent-Length: "
     "9\r\n"
     "Connection: close\r\n\r\n",
     200, 1, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n",
     200, 1, .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: x;a=\",chunked\", chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n", 200, 1,
     .keep_alive = true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n", 200, 1},
    {"HTTP/1.1 200 OK\r\nContent-Length: no\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n", 200,
     1},
    /* until the connection ends */
    {"HTTP/1.1 200 OK\r\n\r\nall of it", 200, 9, .close = true},
    {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", 200, 0, .close = true},
    {"HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK", 200, 15, .close = true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nzzz", 200, 3, .close = true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nzzz", 200, 3, .close = true},
    /* interim answers */
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, 2,
     .keep_alive = true},
    {"HTTP/1.1 103 Hints\r\nLink: </a>\r\nContent-Length: 7\r\nConnection: close\r\n\r\nHTTP/1.1 100\r\n\r\n"
     "HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nhi",
     201, 2, .keep_alive = true},
};

Test(load_response, answers_of_every_shape_are_understood_however_they_are_cut)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer *answer = &answers[i];
        size_t size = strlen(answer->text);
        struct outcome outcome = parse(answer->text, size, answer->head, answer->close);
        cr_assert_eq(outcome.response.progress, RESPONSE_COMPLETE, "%s of %s",
                     response_fault_name(outcome.response.fault), answer->text);
        cr_assert_eq(outcome.response.status, answer->status, "%s", answer->text);
        cr_assert_eq(outcome.response.body_bytes, answer->body, "%s", answer->text);
        cr_assert_eq(outcome.response.keep_alive, answer->keep_alive, "%s", answer->text);
        cr_assert_eq(outcome.consumed, size - answer->left, "%s", answer->text);
    }
}

Test(load_response, an_answer_that_is_cut_short_is_an_early_close_at_every_place)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answer *answer = &answers[i];
        size_t size = strlen(answer->text) - answer->left;
        for (size_t cut = 0; cut < size && !answer->close; cut++) {
            struct outcome outcome = feed(answer->text, cut, cut, answer->head, true);
            cr_assert_eq(outcome.response.progress, RESPONSE_FAULTY, "cut at %zu: %s", cut, answer->text);
            cr_assert_eq(outcome.response.fault, RESPONSE_EARLY_CLOSE, "cut at %zu: %s", cut, answer->text);
        }
    }
}

struct fault {
    const char *text;
    size_t size; /* 0: of the string */
    enum response_fault fault;
};

#define CHUNKED     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define BYTES(text) text, sizeof(text) - 1

static const struct fault faults[] = {
    {"SSH-2.0-OpenSSH_9.2\r\n", 0, RESPONSE_STATUS_LINE},
    {"\r\nHTTP/1.1 200 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {"HTTP/1.1 20 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {"HTTP/1.1 2000 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {"HTTP/1.1 099 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {"HTTP/1.1  200 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {"http/1.1 200 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {"HTTP/3.0 200 OK\r\n", 0, RESPONSE_STATUS_LINE},
    {BYTES("HTTP/1.1 200 O\0K\r\n"), RESPONSE_STATUS_LINE},
    {BYTES("\x16\x03\x01\x02"), RESPONSE_STATUS_LINE},
    {BYTES("\0\0\0\0"), RESPONSE_STATUS_LINE},
    {"PRI * HTTP/1", 0, RESPONSE_STATUS_LINE},
    {"HTTP/2.0 200 OK\r\n", 0, RESPONSE_HTTP2},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, RESPONSE_HTTP2},
    {BYTES("\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80"), RESPONSE_HTTP2},
    {"HTTP/1.1 200 OK\rX: y\r\n", 0, RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\n X: y\r\n", 0, RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\nX : y\r\n", 0, RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\n: y\r\n", 0, RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\nno colon\r\n", 0, RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\nX: y\rz\r\n", 0, RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\nX: y\r\n\rz", 0, RESPONSE_FIELD_LINE},
    {BYTES("HTTP/1.1 200 OK\r\nX: \0\r\n"), RESPONSE_FIELD_LINE},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1;x\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: ,\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n", 0, RESPONSE_CONTENT_LENGTH},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 0, RESPONSE_TRANSFER_CODING},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip, chunked\r\n\r\n", 0, RESPONSE_TRANSFER_CODING},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", 0, RESPONSE_TRANSFER_CODING},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: x;a=\"chunked\r\n\r\n", 0, RESPONSE_TRANSFER_CODING},
    {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 0,
     RESPONSE_TRANSFER_CODING},
    {CHUNKED "\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED ";x\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "5\nhello\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "5\rhello\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "5;x\nhello\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "0x5\r\nhello\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "5\r\nhello!\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "5\r\nhello\n", 0, RESPONSE_CHUNK},
    {CHUNKED "5\r\nhello\r!", 0, RESPONSE_CHUNK},
    {CHUNKED "10000000000000000\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "fffffffffffffffff\r\n", 0, RESPONSE_CHUNK},
    {CHUNKED "0\r\nno trailer\r\n", 0, RESPONSE_FIELD_LINE},
    {CHUNKED "3e9\r\n", 0, RESPONSE_BODY_TOO_LONG},
    {CHUNKED "ffffffffffffffff\r\n", 0, RESPONSE_BODY_TOO_LONG},
    {CHUNKED "1\r\nA\r\n3e8\r\n", 0, RESPONSE_BODY_TOO_LONG},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", 0, RESPONSE_BODY_TOO_LONG},
    {"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", 0, RESPONSE_BODY_TOO_LONG},
};

Test(load_response, what_is_no_answer_is_named_however_it_is_cut)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault *fault = &faults[i];
        struct outcome outcome =
            parse(fault->text, fault->size ? fault->size : strlen(fault->text), false, false);
        cr_assert_eq(outcome.response.progress, RESPONSE_FAULTY, "%zu: %s", i, fault->text);
        cr_assert_eq(outcome.response.fault, fault->fault, "%zu: %s is %s", i, fault->text,
                     response_fault_name(outcome.response.fault));
    }
}

static enum response_fault fault_of_repeated(const char *begin, const char *part, size_t times,
                                             const char *end)
{
    struct response response;
    response_start(&response, false, LIMIT);
    response_feed(&response, begin, strlen(begin));
    for (size_t i = 0; i < times; i++)
        response_feed(&response, part, strlen(part));
    response_feed(&response, end, strlen(end));
    return response.progress == RESPONSE_READING ? RESPONSE_FAULTS : response.fault;
}

Test(load_response, the_header_block_may_be_64_kib_and_no_byte_more)
{
    static const char line[] = "HTTP/1.1 204 No\r\n";
    size_t fill = RESPONSE_HEADER_MAX - (sizeof line - 1) - strlen("X: \r\n\r\n");
    cr_assert_eq(fault_of_repeated("HTTP/1.1 204 No\r\nX: ", "y", fill, "\r\n\r\n"), RESPONSE_FINE);
    cr_assert_eq(fault_of_repeated("HTTP/1.1 204 No\r\nX: ", "y", fill + 1, "\r\n\r\n"),
                 RESPONSE_HEADER_TOO_LONG);
    cr_assert_eq(fault_of_repeated("HTTP/1.1 200 ", "y", RESPONSE_HEADER_MAX, ""), RESPONSE_HEADER_TOO_LONG);
    cr_assert_eq(fault_of_repeated("HTTP/1.1 200 OK\r\n", "X: y\r\n", 12000, ""), RESPONSE_HEADER_TOO_LONG);
    cr_assert_eq(fault_of_repeated(CHUNKED "0\r\n", "X: y\r\n", 12000, ""), RESPONSE_HEADER_TOO_LONG,
                 "trailers");
}

Test(load_response, a_chunks_line_is_bounded)
{
    cr_assert_eq(fault_of_repeated(CHUNKED "1;", "x", RESPONSE_CHUNK_LINE_MAX, "\r\n"), RESPONSE_CHUNK);
    cr_assert_eq(fault_of_repeated(CHUNKED, "0", RESPONSE_CHUNK_LINE_MAX + 1, "\r\n\r\n"), RESPONSE_CHUNK);
    cr_assert_eq(fault_of_repeated(CHUNKED, "0", RESPONSE_CHUNK_LINE_MAX, "\r\n\r\n"), RESPONSE_FINE);
}

Test(load_response, the_body_may_reach_its_limit_and_no_byte_more)
{
    static const char until_close[] = "HTTP/1.1 200 OK\r\n\r\n";
    cr_assert_eq(fault_of_repeated(until_close, "x", LIMIT, ""), RESPONSE_FAULTS, "it may go on");
    cr_assert_eq(fault_of_repeated(until_close, "x", LIMIT + 1, ""), RESPONSE_BODY_TOO_LONG);
    cr_assert_eq(fault_of_repeated(CHUNKED, "1\r\nx\r\n", LIMIT, "0\r\n\r\n"), RESPONSE_FINE);
    cr_assert_eq(fault_of_repeated(CHUNKED, "1\r\nx\r\n", LIMIT + 1, "0\r\n\r\n"), RESPONSE_BODY_TOO_LONG);
    cr_assert_eq(fault_of_repeated("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "x", LIMIT, ""),
                 RESPONSE_FINE);
}

Test(load_response, interim_answers_are_bounded)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    static const char final[] = "HTTP/1.1 204 No\r\n\r\n";
    cr_assert_eq(fault_of_repeated("", interim, RESPONSE_INTERIM_MAX, final), RESPONSE_FINE);
    cr_assert_eq(fault_of_repeated("", interim, RESPONSE_INTERIM_MAX + 1, final), RESPONSE_INTERIM);
}

Test(load_response, every_fault_has_a_name)
{
    for (int i = 0; i < RESPONSE_FAULTS; i++) {
        const char *name = response_fault_name((enum response_fault)i);
        cr_assert_not_null(name);
        cr_assert_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"), strlen(name));
    }
}
