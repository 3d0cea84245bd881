#include "runner/sandbox/protocol.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runner/support/fd.h"

static const char *const step_names[] = {
    [SANDBOX_STEP_NONE] = "none",
    [SANDBOX_STEP_NAMESPACES] = "namespaces",
    [SANDBOX_STEP_MOUNTS] = "mounts",
    [SANDBOX_STEP_NETWORK] = "network",
    [SANDBOX_STEP_USER] = "user",
    [SANDBOX_STEP_GROUPS] = "groups",
    [SANDBOX_STEP_PRIVILEGES] = "privileges",
    [SANDBOX_STEP_SECCOMP] = "seccomp",
    [SANDBOX_STEP_EXEC] = "exec",
};

const char *sandbox_step_name(enum sandbox_step step)
{
    if ((size_t)step >= sizeof step_names / sizeof step_names[0])
        return "unknown";
    return step_names[step];
}

int failure_set(struct failure *failure, enum sandbox_step step, int number, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->what, sizeof failure->what, format, arguments);
    va_end(arguments);
    failure->step = step;
    failure->number = number;
    return -number;
}

void failure_text(const struct failure *failure, char *text, size_t size)
{
    const char *what = failure->what;
    switch (failure->fault) {
    case EXEC_FAULT_MISSING:
        snprintf(text, size, "the executable %s does not exist in the sandbox", what);
        return;
    case EXEC_FAULT_NOT_EXECUTABLE:
        snprintf(text, size, "%s may not be executed: %s. Is it a program, and its mode 0755?", what,
                 strerror(failure->number));
        return;
    case EXEC_FAULT_WRONG_FORMAT:
        snprintf(text, size, "%s has no format that this machine executes (neither its ELF nor a script)",
                 what);
        return;
    case EXEC_FAULT_NO_MEMORY:
        snprintf(text, size,
                 "there is no room for the arguments and first pages of %s (%s): memory.max is too small to "
                 "start it",
                 what, strerror(failure->number));
        return;
    case EXEC_FAULT_STARVED:
        snprintf(text, size, "step %s of the demo's process: %s: %s: memory.max is too small to start it",
                 sandbox_step_name(failure->step), what, strerror(failure->number));
        return;
    case EXEC_FAULT_NO_LOADER:
        snprintf(
            text, size,
            "%s is there, but its loader %s is not in the sandbox. Link it statically or bind the loader",
            what, failure->loader);
        return;
    case EXEC_FAULT_OTHER:
        break;
    }
    if (failure->number)
        snprintf(text, size, "step %s of the sandbox: %s: %s", sandbox_step_name(failure->step), what,
                 strerror(failure->number));
    else
        snprintf(text, size, "step %s of the sandbox: %s", sandbox_step_name(failure->step), what);
}

int protocol_open(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    int one = 1;
    if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one) == 0)
        return 0;
    int result = -errno;
    close(ends[0]);
    close(ends[1]);
    return result;
}

int protocol_send(int fd, const void *packet, size_t size)
{
    for (;;) {
        ssize_t n = send(fd, packet, size, MSG_NOSIGNAL);
        if (n >= 0)
            return 0;
        if (errno != EINTR)
            return -errno;
    }
}

int protocol_send_descriptor(int fd, const void *packet, size_t size, int passed)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)packet, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof passed);
    memcpy(CMSG_DATA(header), &passed, sizeof passed);
    for (;;) {
        if (sendmsg(fd, &message, MSG_NOSIGNAL) >= 0)
            return 0;
        if (errno != EINTR)
            return -errno;
    }
}

static struct ancillary read_ancillary(struct msghdr *message)
{
    struct ancillary found = {.descriptor = -1};
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET)
            continue;
        if (header->cmsg_type == SCM_RIGHTS) {
            memcpy(&found.descriptor, CMSG_DATA(header), sizeof found.descriptor);
        } else if (header->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
            found.sender = credentials.pid;
        }
    }
    return found;
}

int protocol_receive(int fd, void *packet, size_t size, int flags, struct ancillary *ancillary)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = packet, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n;
    do
        n = recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == ECONNRESET ? 0 : -errno; /* closed with requests unread */
    if (n == 0)
        return 0;
    struct ancillary found = read_ancillary(&message);
    if (ancillary)
        *ancillary = found;
    else
        fd_close(&found.descriptor);
    return (size_t)n == size && !(message.msg_flags & MSG_TRUNC) ? 1 : -EPROTO;
}
