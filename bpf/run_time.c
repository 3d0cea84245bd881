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
    const struct bpf_object_skeleton *skeleton = observer->programs->skeleton;
    *run_time = (struct observer_run_time){0};
    for (int i = 0; i < skeleton->prog_cnt; i++) {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof info;
        int fd = bpf_program__fd(*skeleton->progs[i].prog);
        if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
            continue;
        run_time->ns += info.run_time_ns;
        run_time->hits += info.run_cnt;
    }
}
