/*
 * What runner, init and the demo's process say to each other over the one socket pair: fixed-size packets,
 * both ends are the same program. Also the shape in which a failed step is noted, because it is noted in
 * processes that must not allocate (they were made by a bare clone, perhaps of a program with threads).
 */
#ifndef RUNNER_SANDBOX_PROTOCOL_H
#define RUNNER_SANDBOX_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/sandbox/sandbox.h"

/* What uname(2) says inside. */
#define SANDBOX_HOST_NAME "runner"

/* Why execve refused, as far as it can be found out. */
enum exec_fault {
    EXEC_FAULT_OTHER,
    EXEC_FAULT_MISSING,
    EXEC_FAULT_NOT_EXECUTABLE,
    EXEC_FAULT_WRONG_FORMAT,
    EXEC_FAULT_NO_MEMORY,
    EXEC_FAULT_STARVED,   /* a step of the demo's own process, before its program, was refused memory */
    EXEC_FAULT_NO_LOADER, /* `loader` names the ELF loader or the script's interpreter that is not there */
};

struct failure {
    enum sandbox_step step; /* SANDBOX_STEP_NONE: nothing has failed */
    int number;
    enum exec_fault fault;
    char what[256];
    char loader[192];
};

/* Notes a failure; returns -number. Does not allocate. */
int failure_set(struct failure *failure, enum sandbox_step step, int number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The sentence for a person. */
void failure_text(const struct failure *failure, char *text, size_t size);

enum record_kind { RECORD_BARRIER, RECORD_STARTED, RECORD_FAILED, RECORD_ENDED };
struct record {
    enum record_kind kind;
    int wait_status;
    uint32_t orphans_reaped, left_behind;
    uint64_t end_ns;
    struct failure failure;
};

enum request_kind { REQUEST_NETWORK /* with a descriptor */, REQUEST_RELEASE, REQUEST_SIGNAL };
struct request {
    enum request_kind kind;
    int signal;
    uint64_t ignored; /* RELEASE: bit n - 1 for each signal n that runner ignores and the demo should not */
};

/* ends[0] is runner's (receives the credentials of senders), ends[1] init's. Both O_CLOEXEC. */
int protocol_open(int ends[2]);
/* 0 or a negative errno; never SIGPIPE. */
int protocol_send(int fd, const void *packet, size_t size);
/* With a copy of the descriptor `passed`. */
int protocol_send_descriptor(int fd, const void *packet, size_t size, int passed);
/* What came with a packet besides it. */
struct ancillary {
    pid_t sender;   /* in our PID namespace; 0 where the socket does not ask for it */
    int descriptor; /* the receiver's; -1 */
};
/* 1: a packet of `size` bytes; 0: the far end is closed; negative errno (-EAGAIN with MSG_DONTWAIT; -EPROTO
   for a packet of another size). `ancillary` may be NULL where no descriptor is expected. */
int protocol_receive(int fd, void *packet, size_t size, int flags, struct ancillary *ancillary);

#endif
