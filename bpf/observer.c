#include "bpf/observer.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bpf/attach.h"
#include "bpf/counts.h"
#include "bpf/features.h"
#include "bpf/losses.h"
#include "bpf/net_programs.h"
#include "bpf/profile_timers.h"
#include "bpf/state.h"
#include "bpf/variant.h"
#include "runner/support/fd.h"

#define VERIFIER_LOG_BYTES 65536

/* A ring is a power of two and a multiple of the page: kernel/bpf/ringbuf.c, ringbuf_map_alloc. */
static uint32_t ring_size(uint64_t wanted)
{
    uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
    while (size < wanted && size < (1u << 30))
        size *= 2;
    return (uint32_t)size;
}

/* What one attempt loads: the scheduler's and Go's as the settings have it, the CPU profile's, and figures of
   the network. */
struct selection {
    bool others, profile;
    unsigned figures; /* bits by enum net_figure */
};
#define NET_FIGURES_ALL ((1u << NET_FIGURE_COUNT) - 1)

static bool is_selected(const struct observer *observer, const struct selection *selection,
                        const struct bpf_program *program)
{
    if (net_programs_include(program))
        return false;
    switch (bpf_program__type(program)) {
    case BPF_PROG_TYPE_TRACING:
        return selection->others && observer->settings.sched;
    case BPF_PROG_TYPE_PERF_EVENT:
        return selection->profile;
    case BPF_PROG_TYPE_RAW_TRACEPOINT: /* of bpf/executables.c */
        return selection->others &&
               (observer->settings.sched || observer->settings.go || observer->settings.profile_hz);
    default:
        return selection->others && observer->settings.go;
    }
}

static int set_up(struct observer *observer, const struct features *features,
                  const struct selection *selection, struct error *error)
{
    struct observer_bpf *programs = observer->programs;
    uint32_t size = ring_size(observer->settings.ring_bytes);
    programs->rodata->switch_has_state = features->switch_has_state;
    programs->rodata->wakeup_bytes = size / 2;
    bpf_map__set_autocreate(programs->maps.sites, features->before_5_15);
    int result = bpf_map__set_max_entries(programs->maps.ring, size);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "set the ring buffer's size to %u bytes", size);
    for (int i = 0; i < programs->skeleton->prog_cnt; i++) {
        struct bpf_program *program = *programs->skeleton->progs[i].prog;
        bpf_program__set_autoload(program, is_selected(observer, selection, program));
    }
    result = profile_timers_prepare(observer);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "set the size of the CPU profile's ring buffer");
    return selection->figures ? net_programs_choose(observer, selection->figures, error) : 0;
}

bool observer_next_program(const struct observer *observer, int *index, struct bpf_prog_info *info)
{
    const struct bpf_object_skeleton *skeleton = observer->programs->skeleton;
    while (*index < skeleton->prog_cnt) {
        __u32 size = sizeof *info;
        int fd = bpf_program__fd(*skeleton->progs[(*index)++].prog);
        memset(info, 0, sizeof *info);
        if (fd >= 0 && bpf_obj_get_info_by_fd(fd, info, &size) == 0)
            return true;
    }
    return false;
}

static void describe_programs(struct observer *observer)
{
    struct bpf_prog_info info;
    for (int index = 0; observer_next_program(observer, &index, &info);) {
        observer->health.programs_loaded++;
        observer->health.programs_jited += info.jited_prog_len > 0;
        observer->health.verified_instructions += info.verified_insns;
    }
}

/* With level 0 a program's log is written only when it is refused. */
static int load_programs(struct observer *observer, const struct selection *selection, char *log,
                         struct error *error)
{
    log[0] = 0;
    struct features features;
    int result = features_find(&features, error);
    if (result < 0)
        return result;
    LIBBPF_OPTS(bpf_object_open_opts, options, .kernel_log_buf = log, .kernel_log_size = VERIFIER_LOG_BYTES);
    observer->has_cookies = !features.before_5_15;
    observer->programs = variant_open(features.before_5_15, &options);
    if (!observer->programs)
        return error_set(error, ERROR_INTERNAL, errno, "open the BPF programs");
    result = set_up(observer, &features, selection, error);
    if (result < 0)
        return result;
    uint64_t start = clock_monotonic_ns();
    result = observer_bpf__load(observer->programs);
    if (result < 0)
        return features_load_error(-result, log, error);
    observer->health.verifier_ns = clock_monotonic_ns() - start;
    return 0;
}

/* A program of the network's or of the profile that the verifier refuses costs its own figure and nothing
   else: each figure's are tried alone, then all that is left is loaded together. */
static int load_what_is_taken(struct observer *observer, char *log, struct error *error)
{
    for (enum net_figure figure = 0; figure < NET_FIGURE_COUNT && observer->settings.net; figure++) {
        struct error refused = {0};
        struct selection alone = {.figures = 1u << figure};
        observer_bpf__destroy(observer->programs);
        if (load_programs(observer, &alone, log, &refused) < 0)
            net_programs_refused(observer, figure, refused.text);
    }
    struct selection rest = {.others = true, .figures = observer->settings.net ? NET_FIGURES_ALL : 0};
    if (observer->settings.profile_hz) {
        struct error refused = {0};
        struct selection alone = {.profile = true};
        observer_bpf__destroy(observer->programs);
        rest.profile = load_programs(observer, &alone, log, &refused) == 0;
        if (!rest.profile)
            profile_timers_refused(observer, refused.text);
    }
    observer_bpf__destroy(observer->programs);
    return load_programs(observer, &rest, log, error);
}

static int load(struct observer *observer, struct error *error)
{
    AUTO_FREE char *log = calloc(1, VERIFIER_LOG_BYTES);
    if (!log)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "load the BPF programs");
    struct selection all = {.others = true,
                            .profile = observer->settings.profile_hz > 0,
                            .figures = observer->settings.net ? NET_FIGURES_ALL : 0};
    bool extras = all.profile || all.figures;
    int result = load_programs(observer, &all, log, extras ? NULL : error);
    if (result < 0 && extras)
        result = load_what_is_taken(observer, log, error);
    if (result < 0)
        return result;
    observer->health.uprobe_multi = observer->settings.go;
    describe_programs(observer);
    return 0;
}

static int on_record(void *context, void *data, size_t size)
{
    struct observer *observer = context;
    return observer->take(observer->take_context, data, size);
}

/*
 * The ring's descriptor is readable whenever there is data in it, and a level-triggered epoll that once woke
 * would report it again and again while the demo goes on: edge-triggered it tells wake-ups alone.
 */
static int open_ring(struct observer *observer, struct error *error)
{
    int map = bpf_map__fd(observer->programs->maps.ring);
    observer->ring = ring_buffer__new(map, on_record, observer, NULL);
    if (!observer->ring)
        return error_set(error, ERROR_INTERNAL, errno, "map the ring buffer");
    observer->wakeup_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (observer->wakeup_fd < 0 || epoll_ctl(observer->wakeup_fd, EPOLL_CTL_ADD, map, &event) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "watch the ring buffer");
    return 0;
}

int observer_open(const struct observer_settings *settings, struct observer **observer, struct error *error)
{
    libbpf_set_print(NULL); /* errors reach the user as one sentence, not as libbpf's lines on stderr */
    struct observer *opened = calloc(1, sizeof *opened);
    if (!opened)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "open the observer");
    opened->settings = *settings;
    opened->wakeup_fd = opened->statistics_fd = -1;
    executables_open(opened);
    int result = load(opened, error);
    if (result == 0)
        result = open_ring(opened, error);
    if (result == 0) {
        result = losses_open(opened);
        if (result < 0)
            error_set(error, ERROR_INTERNAL, -result, "make room for the counters of each CPU");
    }
    if (result == 0)
        result = profile_timers_open(opened, error);
    if (result == 0 && settings->net) {
        opened->net.per_cpu = calloc(opened->cpu_count, sizeof *opened->net.per_cpu);
        if (!opened->net.per_cpu)
            result = error_set(error, ERROR_INTERNAL, ENOMEM, "make room for the network's counters");
    }
    if (result < 0) {
        observer_close(opened);
        return result;
    }
    *observer = opened;
    return 0;
}

void observer_close(struct observer *observer)
{
    if (!observer)
        return;
    detach_tracepoints(observer);
    for (uint32_t i = 0; i < GO_EXECUTABLES_MAX; i++)
        observer_detach(observer, i);
    profile_timers_close(observer);
    executables_close(observer);
    fd_close(&observer->wakeup_fd);
    fd_close(&observer->statistics_fd);
    ring_buffer__free(observer->ring);
    observer_bpf__destroy(observer->programs);
    free(observer->net.per_cpu);
    free(observer->per_cpu);
    free(observer);
}

static void observe_group(struct observer *observer, uint64_t id, uint32_t level)
{
    struct observed_group *observed = &observer->programs->bss->observed;
    __atomic_store_n(&observed->level, level, __ATOMIC_RELEASE);
    __atomic_store_n(&observed->id, id, __ATOMIC_RELEASE);
}

static int discard(void *context, const struct event_header *event, size_t size)
{
    (void)context, (void)event, (void)size;
    return 0;
}

int observer_arm(struct observer *observer, uint64_t cgroup_id, uint32_t level, struct error *error)
{
    observe_group(observer, 0, 0);
    observer_drain(observer, discard, NULL); /* what nobody drained after the trial before */
    memset(observer->programs->bss->numbers, 0, sizeof observer->programs->bss->numbers);
    memset(observer->programs->bss->late_wakes, 0, sizeof observer->programs->bss->late_wakes);
    int result = counts_zero(observer);
    if (result == 0)
        result = losses_zero(observer);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "zero the counters of the BPF programs");
    result = attach_tracepoints(observer, error);
    if (result == 0)
        result = profile_timers_start(observer, error);
    if (result < 0) {
        detach_tracepoints(observer);
        return result;
    }
    observe_group(observer, cgroup_id, level); /* last, so that all programs begin at one moment */
    return 0;
}

int observer_disarm(struct observer *observer)
{
    observe_group(observer, 0, 0);
    detach_tracepoints(observer);
    profile_timers_stop(observer);
    return 0;
}

int observer_fd(const struct observer *observer)
{
    return observer->wakeup_fd;
}

void observer_rest(struct observer *observer)
{
    struct epoll_event events[2];
    epoll_wait(observer->wakeup_fd, events, 2, 0); /* takes the edges */
    __atomic_store_n(&observer->programs->bss->wakeup_pending, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&observer->programs->bss->profile_wakeup_pending, 0, __ATOMIC_RELEASE);
}

int observer_drain(struct observer *observer, observer_take take, void *context)
{
    observer_rest(observer);
    uint64_t fill = ring__avail_data_size(ring_buffer__ring(observer->ring, 0));
    if (fill > observer->ring_bytes_peak)
        observer->ring_bytes_peak = fill;
    observer->take = take;
    observer->take_context = context;
    return ring_buffer__consume(observer->ring);
}

void observer_read_health(const struct observer *observer, struct observer_health *health)
{
    *health = observer->health;
}
