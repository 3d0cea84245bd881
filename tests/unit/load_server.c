#include "load_server.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include "runner/support/fd.h"

/* --- the server ------------------------------------------------------------------------------- */

struct serving {
    struct load_server *server;
    int fd;
};

static void *serve_one(void *argument)
{
    struct serving *serving = argument;
    serving->server->serve(serving->server, serving->fd);
    close(serving->fd);
    free(serving);
    return NULL;
}

static void *accept_all(void *argument)
{
    struct load_server *server = argument;
    for (;;) {
        struct pollfd watched[] = {{.fd = server->stop, .events = POLLIN},
                                   {.fd = server->listener, .events = POLLIN}};
        poll(watched, 2, -1);
        if (watched[0].revents)
            return NULL;
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        struct serving *serving = malloc(sizeof *serving);
        *serving = (struct serving){server, fd};
        cr_assert_lt(server->connections, SERVER_CONNECTIONS);
        cr_assert_eq(pthread_create(&server->threads[server->connections], NULL, serve_one, serving), 0);
        server->connections++;
    }
}

void server_start(struct load_server *server, serve_function *serve)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->serve = serve;
    server->stop = eventfd(0, EFD_CLOEXEC);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    cr_assert_eq(bind(server->listener, (struct sockaddr *)&address, length), 0);
    cr_assert_eq(listen(server->listener, 1024), 0);
    cr_assert_eq(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    cr_assert_eq(pthread_create(&server->acceptor, NULL, accept_all, server), 0);
}

void server_stop(struct load_server *server)
{
    cr_assert_eq(eventfd_write(server->stop, 1), 0);
    pthread_join(server->acceptor, NULL);
    for (unsigned i = 0; i < server->connections; i++)
        pthread_join(server->threads[i], NULL);
    close(server->listener);
    close(server->stop);
}

bool server_wait(struct load_server *server, int fd, int milliseconds)
{
    struct pollfd watched[] = {{.fd = server->stop, .events = POLLIN}, {.fd = fd, .events = POLLRDHUP}};
    return poll(watched, 2, milliseconds) == 0;
}

bool server_read_request(struct load_server *server, int fd)
{
    char text[65536];
    size_t used = 0;
    const char *end = NULL;
    while (!end && used < sizeof text - 1) {
        ssize_t size = read(fd, text + used, sizeof text - 1 - used);
        if (size <= 0)
            return false;
        server->bytes_read += (unsigned long)size;
        used += (size_t)size;
        text[used] = 0;
        end = strstr(text, "\r\n\r\n");
    }
    const char *field = strcasestr(text, "\r\nContent-Length:");
    uint64_t wanted = field && field < end ? strtoull(field + strlen("\r\nContent-Length:"), NULL, 10) : 0;
    uint64_t got = used - (size_t)(end + 4 - text);
    while (got < wanted) {
        ssize_t size = read(fd, text, sizeof text);
        if (size <= 0)
            return false;
        server->bytes_read += (unsigned long)size;
        got += (uint64_t)size;
    }
    cr_assert_eq(got, wanted, "nothing is sent behind a request");
    server->requests++;
    return true;
}

bool server_write(struct load_server *server, int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        server->bytes_written += (unsigned long)sent;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool server_say(struct load_server *server, int fd, const char *text)
{
    return server_write(server, fd, text, strlen(text));
}

void serve_good(struct load_server *server, int fd)
{
    while (server_read_request(server, fd) && server_say(server, fd, GOOD_ANSWER))
        ;
}

/* --- the load --------------------------------------------------------------------------------- */

struct load_http load_against(const struct load_server *server)
{
    static char url[64], authority[32];
    snprintf(authority, sizeof authority, "127.0.0.1:%u", server->port);
    snprintf(url, sizeof url, "http://%s/", authority);
    return (struct load_http){
        .url = {.text = url,
                .authority = authority,
                .target = (char *)"/",
                .address = {127, 0, 0, 1},
                .port = server->port},
        .method = (char *)"GET",
        .rates = {100},
        .step_count = 1,
        .connections_start = 2,
        .connections_most = 64,
        .duration_ns = 200000000,
        .timeout_ns = UINT64_C(5000000000),
    };
}

static char *read_back(int fd, size_t *size)
{
    off_t length = lseek(fd, 0, SEEK_END);
    char *text = malloc((size_t)length + 1);
    cr_assert_eq(pread(fd, text, (size_t)length, 0), length);
    text[length] = 0;
    *size = (size_t)length;
    return text;
}

static char *decompress(int fd)
{
    size_t size;
    AUTO_FREE char *packed = read_back(fd, &size);
    size_t room = 64 << 20;
    char *text = malloc(room);
    ZSTD_DCtx *stream = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed, size, 0};
    ZSTD_outBuffer out = {text, room - 1, 0};
    cr_assert_eq(ZSTD_decompressStream(stream, &out, &in), 0, "the stream is complete");
    ZSTD_freeDCtx(stream);
    text[out.pos] = 0;
    return text;
}

struct load_run run_load(const struct load_http *http, bool with_log)
{
    struct load_run run = {0};
    int control[2];
    AUTO_FD result_fd = memfd_create("result", MFD_CLOEXEC);
    AUTO_FD log_fd = with_log ? memfd_create("log", MFD_CLOEXEC) : -1;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    const struct generator_spec spec = {
        .http = http, .seed = 1, .control_fd = control[1], .log_fd = log_fd, .result_fd = result_fd};
    run.result = generator_run(&spec, &run.error);
    close(control[1]);
    while (run.message_count < 80 && recv(control[0], &run.messages[run.message_count], sizeof *run.messages,
                                          0) == (ssize_t)sizeof *run.messages)
        run.message_count++;
    close(control[0]);
    if (run.result == 0) {
        size_t size;
        AUTO_FREE char *text = read_back(result_fd, &size);
        run.json = json_loadb(text, size, 0, NULL);
        cr_assert_not_null(run.json, "%s", text);
        if (with_log)
            run.log = decompress(log_fd);
    }
    return run;
}

void load_run_free(struct load_run *run)
{
    json_decref(run->json);
    free(run->log);
    *run = (struct load_run){0};
}

int64_t figure(const struct load_run *run, const char *path)
{
    char name[64];
    const json_t *at = run->json;
    while (at && *path) {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        at = json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10)) : json_object_get(at, name);
        path += length + (path[length] == '.');
    }
    return json_integer_value(at);
}

void assert_adds_up(const struct load_run *run)
{
    const char *kind;
    json_t *count;
    int64_t ended = figure(run, "requests.ok");
    cr_assert_eq(run->result, 0, "%s", run->error.text);
    json_object_foreach (json_object_get(run->json, "errors"), kind, count) {
        cr_assert_gt(json_integer_value(count), 0);
        if (strcmp(kind, "unasked_bytes") != 0)
            ended += json_integer_value(count);
    }
    cr_assert_eq(ended, figure(run, "requests.due"));
    cr_assert_eq(figure(run, "send_lag.n"), figure(run, "requests.due"));
    cr_assert_eq(figure(run, "latency_due.n"), figure(run, "requests.ok"));
    cr_assert_eq(figure(run, "latency_sent.n"), figure(run, "requests.ok"));
    cr_assert_eq(run->messages[run->message_count - 1].at, LOAD_AT_DONE);
}
