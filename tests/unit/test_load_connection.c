#include "runner/load/connection.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_server.h"

Test(load_connection, idle_ones_are_used_in_turn)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    struct pool pool;
    struct connection *made[3];
    cr_assert_eq(pool_init(&pool, 3), 0);
    for (uint64_t i = 0; i < 3; i++) {
        cr_assert_eq(pool_open(&pool, &http.url, 10 + i, &made[i]), 0);
        cr_assert_eq(made[i]->serial, i + 1);
    }
    cr_assert_eq(pool_open(&pool, &http.url, 99, &made[0]), -EBUSY);
    cr_assert_eq(pool.connecting, 3);
    for (int i = 0; i < 3; i++)
        pool_set_idle(&pool, made[i]);
    cr_assert_eq(pool.connecting, 0);
    for (int i = 0; i < 6; i++) {
        struct connection *first = pool.idle.first;
        cr_assert_eq(first, made[i % 3]);
        pool_set_busy(&pool, first, 20);
        cr_assert_eq(pool.busy, 1);
        pool_set_idle(&pool, first);
    }
    pool_free(&pool);
    server_stop(&server);
}

Test(load_connection, what_waits_stands_in_the_order_of_its_deadline)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    struct pool pool;
    struct connection *made[3];
    cr_assert_eq(pool_init(&pool, 3), 0);
    for (uint64_t i = 0; i < 3; i++)
        cr_assert_eq(pool_open(&pool, &http.url, 10 + i, &made[i]), 0);
    pool_set_idle(&pool, made[0]);
    pool_set_busy(&pool, made[0], 20);
    pool_close(&pool, made[1]);
    cr_assert_eq(pool.deadlines.first, made[2]);
    cr_assert_eq(pool.deadlines.last, made[0]);
    cr_assert_eq(pool.open, 2);
    cr_assert_eq(pool.open_most, 3);
    struct connection *again;
    cr_assert_eq(pool_open(&pool, &http.url, 30, &again), 0);
    cr_assert_eq(again, made[1], "the slot is used again");
    cr_assert_eq(again->serial, 4, "the connection is a new one");
    pool_free(&pool);
    server_stop(&server);
}

Test(load_connection, ipv6_works_where_the_host_has_it)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0)
        cr_skip_test("no IPv6 here");
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    struct load_url url = {.ipv6 = true, .address = {[15] = 1}, .port = ntohs(address.sin6_port)};
    int fd = connection_socket(&url);
    cr_assert_geq(fd, 0);
    int accepted = accept(listener, NULL, NULL);
    cr_assert_geq(accepted, 0);
    close(accepted);
    close(fd);
    close(listener);
}
