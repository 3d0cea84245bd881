#include "runner/sandbox/protocol.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"

Test(sandbox_protocol, carries_records_with_the_pid_of_their_sender)
{
    int ends[2];
    cr_assert_eq(protocol_open(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        const struct record record = {.kind = RECORD_ENDED, .wait_status = 256, .left_behind = 7};
        _exit(protocol_send(ends[1], &record, sizeof record) ? 1 : 0);
    }
    struct record record;
    struct ancillary came;
    cr_assert_eq(protocol_receive(ends[0], &record, sizeof record, 0, &came), 1);
    cr_assert_eq((int)record.kind, (int)RECORD_ENDED);
    cr_assert_eq(record.wait_status, 256);
    cr_assert_eq(record.left_behind, 7);
    cr_assert_eq(came.sender, child);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
}

Test(sandbox_protocol, tells_nothing_new_from_a_closed_end_and_from_a_strange_packet)
{
    int ends[2];
    struct request request = {.kind = REQUEST_SIGNAL};
    cr_assert_eq(protocol_open(ends), 0);
    cr_assert_eq(protocol_receive(ends[1], &request, sizeof request, MSG_DONTWAIT, NULL), -EAGAIN);
    cr_assert_eq(protocol_send(ends[0], "x", 1), 0);
    cr_assert_eq(protocol_receive(ends[1], &request, sizeof request, MSG_DONTWAIT, NULL), -EPROTO);
    close(ends[0]);
    cr_assert_eq(protocol_receive(ends[1], &request, sizeof request, MSG_DONTWAIT, NULL), 0);
    cr_assert_eq(protocol_send(ends[1], "x", 1), -EPIPE);
    close(ends[1]);
}

Test(sandbox_protocol, passes_a_descriptor)
{
    int ends[2];
    int pipe_ends[2];
    cr_assert_eq(protocol_open(ends), 0);
    cr_assert_eq(pipe(pipe_ends), 0);
    struct request request = {.kind = REQUEST_NETWORK};
    cr_assert_eq(protocol_send_descriptor(ends[0], &request, sizeof request, pipe_ends[1]), 0);
    struct ancillary came;
    cr_assert_eq(protocol_receive(ends[1], &request, sizeof request, 0, &came), 1);
    AUTO_FD passed = came.descriptor;
    char text[4] = "";
    cr_assert_eq(write(passed, "abc", 3), 3);
    cr_assert_eq(read(pipe_ends[0], text, 3), 3);
    cr_assert_str_eq(text, "abc");
}

Test(sandbox_protocol, says_failures_in_a_sentence)
{
    struct failure failure = {0};
    char text[512];
    cr_assert_eq(failure_set(&failure, SANDBOX_STEP_MOUNTS, EACCES, "bind %s", "/x"), -EACCES);
    failure_text(&failure, text, sizeof text);
    cr_assert_str_eq(text, "step mounts of the sandbox: bind /x: Permission denied");
    cr_assert_eq(failure_set(&failure, SANDBOX_STEP_PRIVILEGES, ENOMEM, "lock the secure bits"), -ENOMEM);
    failure.fault = EXEC_FAULT_STARVED;
    failure_text(&failure, text, sizeof text);
    cr_assert_str_eq(text,
                     "step privileges of the demo's process: lock the secure bits: Cannot allocate memory: "
                     "memory.max is too small to start it");
    cr_assert_str_eq(sandbox_step_name(SANDBOX_STEP_EXEC), "exec");
    cr_assert_str_eq(sandbox_step_name((enum sandbox_step)99), "unknown");
}
