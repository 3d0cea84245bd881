/* What the runtime's threads tell of themselves, level full. */
#include "replay_full.h"

Test(replay_remarks, threads_are_made_wanted_and_parked)
{
    struct replay *replay = full_opened(23);
    const struct carriers *carriers = &replay->carriers;
    const struct remark_counts *counts = &replay->remarks;
    for (uint64_t i = 0; i < 5; i++) {
        union any_event wanted = proc_event(EVENT_GO_M_START, 100 + i, 10, PROC_NONE);
        wanted.proc.spinning = i % 2;
        feed(replay, wanted);
    }
    feed(replay, value_event(EVENT_GO_M_CREATE, 200, 0xc000080000));
    feed(replay, value_event(EVENT_GO_M_CREATE, 210, 0xc000080800));
    start(replay, 300, 11, 7);
    feed(replay, on(11, park_event(310, 7, CHAN_RECEIVE)));
    feed(replay, on(11, value_event(EVENT_GO_M_STOP, 320, 0)));
    feed(replay, on(11, value_event(EVENT_GO_M_STOP, 330, 0))); /* woken for nothing */
    feed(replay, on(12, value_event(EVENT_GO_M_STOP, 340, 0)));
    cr_assert_eq(counts->threads_started, 5);
    cr_assert_eq(counts->threads_spinning, 2);
    cr_assert_eq(counts->threads_created, 2);
    cr_assert_eq(carriers->parked, 3);
    cr_assert_eq(carriers->in_vain, 2);
    replay_close(replay);
}

Test(replay_remarks, a_system_call_takes_the_time_between_its_ends)
{
    struct replay *replay = full_opened(23);
    const struct remark_counts *counts = &replay->remarks;
    start(replay, 100, 10, 7);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 200, 7));
    feed(replay, on(11, go_event(EVENT_GO_SYSCALL_ENTER, 210, 8)));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 300, 7));
    feed(replay, on(11, go_event(EVENT_GO_SYSCALL_EXIT, 1210, 8)));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 1300, 7));  /* without a begin */
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 1400, 7)); /* never ends */
    cr_assert_eq(counts->syscalls, 3);
    cr_assert_eq(counts->syscall_time.count, 2);
    cr_assert_eq(counts->syscall_time.min, 100);
    cr_assert_eq(counts->syscall_time.max, 1000);
    replay_close(replay);
}

/* A callback from C leaves the system call that cgo is, and the way back enters it again. */
Test(replay_remarks, a_callback_from_c_makes_two_of_one_call)
{
    struct replay *replay = full_opened(23);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 100, 7));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 150, 7));
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 180, 7));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 200, 7));
    cr_assert_eq(replay->remarks.syscall_time.count, 2);
    cr_assert_eq(replay->remarks.syscall_time.sum, 70);
    replay_close(replay);
}

Test(replay_remarks, another_program_of_the_process_begins_anew)
{
    struct replay *replay = full_opened(23);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 100, 7));
    feed(replay, event_of(EVENT_PROCESS_EXEC, 150, 10, 10));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 200, 7));
    cr_assert_eq(replay->remarks.syscalls, 1);
    cr_assert_eq(replay->remarks.syscall_time.count, 0);
    replay_close(replay);
}
