#include "runner/load/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/support/netns.h"

int listening_open(struct listening *listening, int network, pid_t process, struct error *error)
{
    *listening = (struct listening){.netlink = -1, .process = process};
    int home;
    int result = netns_enter(network, &home);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "enter the demo's network namespace");
    listening->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    result = netns_leave(&home);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "return to the host's network namespace");
    return 0;
}

static int ask(int netlink, sa_family_t family, uint16_t port)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message = {
        .header = {.nlmsg_len = sizeof message,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = (uint8_t)family,
                    .sdiag_protocol = IPPROTO_TCP,
                    .idiag_states = 1u << TCP_LISTEN,
                    .id.idiag_sport = htons(port)},
    };
    return send(netlink, &message, sizeof message, 0) < 0 ? -errno : 0;
}

/* Reads the answer to its end. */
static int take_answer(int netlink, uint16_t port)
{
    _Alignas(struct nlmsghdr) char buffer[16384];
    int found = 0;
    for (;;) {
        ssize_t size = recv(netlink, buffer, sizeof buffer, 0);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        int rest = (int)size;
        for (struct nlmsghdr *header = (struct nlmsghdr *)buffer; NLMSG_OK(header, (unsigned)rest);
             header = NLMSG_NEXT(header, rest)) {
            if (header->nlmsg_type == NLMSG_DONE)
                return found;
            if (header->nlmsg_type == NLMSG_ERROR)
                return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
            const struct inet_diag_msg *socket = NLMSG_DATA(header);
            if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY && socket->id.idiag_sport == htons(port))
                found = 1;
        }
    }
}

static int find_by_diagnostics(int netlink, uint16_t port)
{
    static const sa_family_t families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 2; i++) {
        int result = ask(netlink, families[i], port);
        if (result == 0)
            result = take_answer(netlink, port);
        if (result != 0)
            return result;
    }
    return 0;
}

/* "  0: 0100007F:1F90 00000000:0000 0A ...": the fourth word is the state, TCP_LISTEN is 10. */
static int find_in_table(pid_t process, const char *table, uint16_t port)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)process, table);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : -errno;
    char line[512];
    int found = 0;
    while (!found && fgets(line, sizeof line, file)) {
        unsigned local = 0;
        unsigned state = 0;
        if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &local, &state) == 2)
            found = local == port && state == TCP_LISTEN;
    }
    fclose(file);
    return found;
}

int listening_find(struct listening *listening, uint16_t port)
{
    if (listening->netlink >= 0) {
        int result = find_by_diagnostics(listening->netlink, port);
        if (result >= 0)
            return result;
        fd_close(&listening->netlink); /* no inet_diag in this kernel: the tables, from now on */
    }
    int result = find_in_table(listening->process, "tcp", port);
    return result ? result : find_in_table(listening->process, "tcp6", port);
}

void listening_close(struct listening *listening)
{
    fd_close(&listening->netlink);
}
