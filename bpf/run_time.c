#include "bpf/run_time.h"

#include <bpf/bpf.h>

#include "bpf/state.h"
#include "runner/support/fd.h"

void observer_time_programs(struct observer *observer, bool on)
{
    if (!on)
        fd_close(&observer->statistics_fd);
    else if (observer->statistics_fd < 0)
        observer->statistics_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
}

void observer_read_run_time(const struct observer *observer, struct observer_run_time *run_time)
{
    struct bpf_prog_info info;
    *run_time = (struct observer_run_time){0};
    for (int index = 0; observer_next_program(observer, &index, &info);) {
        run_time->ns += info.run_time_ns;
        run_time->hits += info.run_cnt;
    }
}
