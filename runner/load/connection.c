#include "runner/load/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runner/support/fd.h"

static void list_add(struct connection_list *list, struct connection *connection)
{
    connection->after = NULL;
    connection->before = list->last;
    if (list->last)
        list->last->after = connection;
    else
        list->first = connection;
    list->last = connection;
}

static void list_remove(struct connection_list *list, struct connection *connection)
{
    if (connection->before)
        connection->before->after = connection->after;
    else
        list->first = connection->after;
    if (connection->after)
        connection->after->before = connection->before;
    else
        list->last = connection->before;
}

static struct connection_list *list_of(struct pool *pool, enum connection_state state)
{
    if (state == CONNECTION_FREE)
        return &pool->free;
    return state == CONNECTION_IDLE ? &pool->idle : &pool->deadlines;
}

static void move(struct pool *pool, struct connection *connection, enum connection_state state)
{
    list_remove(list_of(pool, connection->state), connection);
    pool->connecting -= connection->state == CONNECTION_CONNECTING;
    pool->busy -= connection->state == CONNECTION_BUSY;
    connection->state = state;
    pool->connecting += state == CONNECTION_CONNECTING;
    pool->busy += state == CONNECTION_BUSY;
    list_add(list_of(pool, state), connection);
}

int pool_init(struct pool *pool, uint32_t most)
{
    *pool = (struct pool){.most = most};
    pool->slots = calloc(most ? most : 1, sizeof *pool->slots);
    return pool->slots ? 0 : -ENOMEM;
}

void pool_free(struct pool *pool)
{
    for (uint32_t i = 0; pool->slots && i < pool->fresh; i++)
        if (pool->slots[i].state != CONNECTION_FREE)
            fd_close(&pool->slots[i].fd);
    free(pool->slots);
    *pool = (struct pool){0};
}

int connection_socket(const struct load_url *url)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.any.sa_family = url->ipv6 ? AF_INET6 : AF_INET};
    socklen_t length = url->ipv6 ? sizeof address.v6 : sizeof address.v4;
    if (url->ipv6) {
        address.v6.sin6_port = htons(url->port);
        memcpy(&address.v6.sin6_addr, url->address, sizeof address.v6.sin6_addr);
    } else {
        address.v4.sin_port = htons(url->port);
        memcpy(&address.v4.sin_addr, url->address, sizeof address.v4.sin_addr);
    }
    AUTO_FD fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, &address.any, length) < 0 && errno != EINPROGRESS)
        return -errno;
    return fd_take(&fd);
}

static struct connection *take_slot(struct pool *pool)
{
    struct connection *slot = pool->free.first;
    if (slot)
        return slot;
    slot = &pool->slots[pool->fresh++];
    slot->fd = -1;
    list_add(&pool->free, slot);
    return slot;
}

int pool_open(struct pool *pool, const struct load_url *url, uint64_t deadline_ns, struct connection **made)
{
    if (pool->open >= pool->most)
        return -EBUSY;
    int fd = connection_socket(url);
    if (fd < 0)
        return fd;
    struct connection *connection = take_slot(pool);
    move(pool, connection, CONNECTION_CONNECTING);
    connection->fd = fd;
    connection->serial = ++pool->opened;
    connection->deadline_ns = deadline_ns;
    connection->wants_write = connection->write_ended = false;
    pool->open++;
    if (pool->open > pool->open_most)
        pool->open_most = pool->open;
    *made = connection;
    return 0;
}

void pool_close(struct pool *pool, struct connection *connection)
{
    fd_close(&connection->fd);
    move(pool, connection, CONNECTION_FREE);
    pool->open--;
}

void pool_set_idle(struct pool *pool, struct connection *connection)
{
    move(pool, connection, CONNECTION_IDLE);
}

void pool_set_busy(struct pool *pool, struct connection *connection, uint64_t deadline_ns)
{
    connection->deadline_ns = deadline_ns;
    move(pool, connection, CONNECTION_BUSY);
}
