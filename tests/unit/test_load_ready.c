#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_server.h"
#include "runner/support/fd.h"

#define SOON (clock_monotonic_ns() + 200000000)
#define LATE (clock_monotonic_ns() + UINT64_C(60000000000))

Test(load_ready, a_server_that_answers_is_ready_at_once)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    struct error error = {0};
    cr_assert_eq(generator_wait_ready(&http, "/ready", LATE, -1, &error), 0, "%s", error.text);
    server_stop(&server);
    cr_assert_eq(server.requests, 1);
}

static void serve_after_three(struct load_server *server, int fd)
{
    if (server_read_request(server, fd))
        server_say(server, fd,
                   server->requests <= 3 ? "HTTP/1.1 503 Wait\r\nContent-Length: 0\r\n\r\n"
                                         : "HTTP/1.1 404 Not\r\nContent-Length: 0\r\n\r\n");
}

Test(load_ready, it_asks_again_until_the_status_is_below_500)
{
    struct load_server server = {0};
    server_start(&server, serve_after_three);
    struct load_http http = load_against(&server);
    struct error error = {0};
    cr_assert_eq(generator_wait_ready(&http, "/", LATE, -1, &error), 0, "%s", error.text);
    server_stop(&server);
    cr_assert_eq(server.requests, 4);
}

static void serve_garbage(struct load_server *server, int fd)
{
    if (server_read_request(server, fd))
        server_say(server, fd, "220 hello\r\n");
}

static void serve_nothing(struct load_server *server, int fd)
{
    if (server_read_request(server, fd))
        server_wait(server, fd, -1);
}

static void serve_unwell(struct load_server *server, int fd)
{
    if (server_read_request(server, fd))
        server_say(server, fd, "HTTP/1.1 503 Wait\r\nContent-Length: 0\r\n\r\n");
}

Test(load_ready, when_the_time_is_over_it_says_how_the_last_try_ended)
{
    static const struct {
        serve_function *serve;
        const char *says;
    } rows[] = {{serve_garbage, "status_line"},
                {serve_nothing, "no answer"},
                {serve_unwell, "503"},
                {NULL, "refused"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct load_server server = {0};
        server_start(&server, rows[i].serve ? rows[i].serve : serve_good);
        if (!rows[i].serve)
            server_stop(&server);
        struct load_http http = load_against(&server);
        struct error error = {0};
        bool told = false;
        for (uint64_t wait = 200000000; !told && wait < 8000000000;
             wait *= 2) { /* a busy server answers later */
            uint64_t until = clock_monotonic_ns() + wait;
            cr_assert_eq(generator_wait_ready(&http, "/x", until, -1, &error), -ETIMEDOUT);
            cr_assert_geq(clock_monotonic_ns(), until);
            told = strstr(error.text, rows[i].says) != NULL;
        }
        cr_assert(told, "%s", error.text);
        if (rows[i].serve)
            server_stop(&server);
    }
}

Test(load_ready, it_ends_with_the_control_socket)
{
    struct load_server server = {0};
    server_start(&server, serve_nothing);
    struct load_http http = load_against(&server);
    int control[2];
    struct error error = {0};
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    shutdown(control[0], SHUT_WR);
    cr_assert_eq(generator_wait_ready(&http, "/", LATE, control[1], &error), -ECANCELED);
    server_stop(&server);
    close(control[0]);
    close(control[1]);
}
