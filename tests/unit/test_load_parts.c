/* The small parts around the generator: a text in a stream, CPUs, words of a command, listening sockets,
 * work. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/load/command.h"
#include "runner/load/cpus.h"
#include "runner/load/listening.h"
#include "runner/load/watch.h"
#include "runner/support/fd.h"
#include "runner/trial/work.h"

Test(load_watch, finds_a_text_however_it_is_cut)
{
    static const char stream[] = "aaabaaab aabaaac";
    for (size_t cut = 0; cut <= strlen(stream); cut++) {
        struct watch watch;
        cr_assert_eq(watch_open(&watch, "aabaaac"), 0);
        watch_bytes(&watch, stream, cut);
        cr_expect_eq(watch.found, cut == strlen(stream));
        watch_bytes(&watch, stream + cut, strlen(stream) - cut);
        cr_expect(watch.found, "cut at %zu", cut);
        watch_close(&watch);
    }
}

Test(load_watch, does_not_find_what_is_not_there)
{
    struct watch watch;
    cr_assert_eq(watch_open(&watch, "ready"), 0);
    watch_bytes(&watch, "rea rread\0y reay", 16);
    cr_expect_not(watch.found);
    watch_close(&watch);
    cr_assert_eq(watch_open(&watch, NULL), 0);
    watch_bytes(&watch, "x", 1);
    cr_expect_not(watch.found);
    watch_close(&watch);
}

static unsigned avoid(const char *list, unsigned cpus, unsigned long *left)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        CPU_SET(cpu, &set);
    unsigned count = cpus_avoid(list, &set);
    *left = 0;
    for (unsigned cpu = 0; cpu < 64; cpu++)
        if (CPU_ISSET(cpu, &set))
            *left |= 1ul << cpu;
    return count;
}

Test(load_cpus, are_those_that_the_demo_is_not_bound_to)
{
    unsigned long left;
    cr_expect_eq(avoid("0", 2, &left), 1);
    cr_expect_eq(left, 2);
    cr_expect_eq(avoid("1-2,5", 8, &left), 5);
    cr_expect_eq(left, 0xd9);
    cr_expect_eq(avoid("0-1", 2, &left), 0, "none is left: all stay");
    cr_expect_eq(left, 3);
    cr_expect_eq(avoid(NULL, 2, &left), 0);
    cr_expect_eq(left, 3);
    cr_expect_eq(avoid("x", 2, &left), 0);
    cr_expect_eq(left, 3);
}

Test(load_command, fills_in_the_url_wherever_it_stands)
{
    static const struct {
        const char *word, *url, *filled;
    } rows[] = {{"{url}", "http://x", "http://x"},
                {"-u={url}#{url}", "y", "-u=y#y"},
                {"none", "y", "none"},
                {"{url", "y", "{url"},
                {"{url}", NULL, "{url}"},
                {"", "y", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *filled = command_word(rows[i].word, rows[i].url);
        cr_expect_str_eq(filled, rows[i].filled);
        free(filled);
    }
}

/* A listening socket; its port. */
static int listen_on(int family, uint16_t *port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&four : (struct sockaddr *)&six;
    socklen_t size = family == AF_INET ? sizeof four : sizeof six;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, address, size) < 0 || listen(fd, 1) < 0 || getsockname(fd, address, &size) < 0)
        cr_skip("no socket of family %d here", family);
    *port = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
    return fd;
}

static void check_listening(bool by_tables)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 2; i++) {
        struct listening listening;
        struct error error = {0};
        uint16_t port;
        AUTO_FD fd = listen_on(families[i], &port);
        cr_assert_eq(listening_open(&listening, -1, getpid(), &error), 0, "%s", error.text);
        if (by_tables)
            fd_close(&listening.netlink);
        cr_expect_eq(listening_find(&listening, port), 1, "family %d", families[i]);
        fd_close(&fd);
        cr_expect_eq(listening_find(&listening, port), 0, "family %d", families[i]);
        listening_close(&listening);
    }
}

Test(load_listening, is_seen_by_socket_diagnostics)
{
    check_listening(false);
}

Test(load_listening, is_seen_in_the_tables_of_proc)
{
    check_listening(true);
}

Test(work, is_the_number_of_the_last_json_line_that_has_it)
{
    cr_expect_eq(work_number("{\"ops\": 3}\nhello\n{\"other\": 1}\n{\"ops\": 4.5, \"x\": 1}\n", "ops"), 4.5);
    cr_expect_eq(work_number("{\"ops\": 7}", "ops"), 7);
    cr_expect(isnan(work_number("ops: 3\n{\"ops\": \"3\"}\n{broken\n[3]\n", "ops")));
    cr_expect(isnan(work_number("", "ops")));
}
