/* A small HTTP server in threads of the test process, for the tests of the load: what it does with a
   connection is a function of the test. */
#ifndef TESTS_UNIT_LOAD_SERVER_H
#define TESTS_UNIT_LOAD_SERVER_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/load/generator.h"

#define SERVER_CONNECTIONS 4096

struct load_server;
/* Serves one connection; it is closed afterwards. */
typedef void serve_function(struct load_server *server, int fd);

struct load_server {
    uint16_t port;
    serve_function *serve;
    int delay_ms; /* for serve_late */
    atomic_uint connections, requests;
    atomic_ulong bytes_read, bytes_written;
    int listener, stop; /* stop: an eventfd, readable when the server is to end */
    pthread_t acceptor;
    pthread_t threads[SERVER_CONNECTIONS];
};

void server_start(struct load_server *server, serve_function *serve);
/* Waits until every connection is served: the other side must have closed them, or serve_* must see the end.
 */
void server_stop(struct load_server *server);

/* For serve functions. Reads one whole request; false: the connection ended. */
bool server_read_request(struct load_server *server, int fd);
bool server_write(struct load_server *server, int fd, const void *data, size_t size);
bool server_say(struct load_server *server, int fd, const char *text);
/* Waits; false: the server is to stop or, with fd >= 0, the other side closed the connection. */
bool server_wait(struct load_server *server, int fd, int milliseconds);

#define GOOD_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
void serve_good(struct load_server *server, int fd);

/* What a load against `server` gave. */
struct load_run {
    json_t *json;
    int result;
    struct error error;
    struct load_message messages[80];
    size_t message_count;
    char *log; /* decompressed, when asked for */
};

/* GET / at 100 a second for 200 ms (20 requests), 2 connections at first, 64 at most, timeout 5 s. */
struct load_http load_against(const struct load_server *server);
/* Runs the load in this process. */
struct load_run run_load(const struct load_http *http, bool with_log);
void load_run_free(struct load_run *run);

/* The integer at a path like "requests.due"; 0: there is none. */
int64_t figure(const struct load_run *run, const char *path);
/* Every due request has ended in one way, and all errors are of these kinds. */
void assert_adds_up(const struct load_run *run);

#endif
