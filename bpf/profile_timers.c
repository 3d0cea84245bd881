#include "bpf/profile_timers.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/support/fd.h"

/* The ring holds what all CPUs sample in this time with stacks as deep as can be; it is drained every 10 ms.
 */
#define RING_NS    100000000u
#define RING_LEAST (256u << 10)
#define RING_MOST  (64u << 20)

/* A ring is a power of two and a multiple of the page: kernel/bpf/ringbuf.c, ringbuf_map_alloc. */
static uint32_t ring_size(const struct observer *observer)
{
    uint64_t cpus = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t wanted = observer->settings.profile_ring_bytes;
    uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
    if (!wanted) {
        wanted = (RING_NS / observer->profile.period_ns + 1) * cpus * sizeof(struct profile_sample);
        wanted = wanted < RING_LEAST ? RING_LEAST : wanted;
    }
    while (size < wanted && size < RING_MOST)
        size *= 2;
    return (uint32_t)size;
}

/* How deep the kernel walks: kernel/events/callchain.c, sysctl_perf_event_max_stack. */
static uint32_t depth_limit(void)
{
    char text[32];
    if (fd_read_text(AT_FDCWD, "/proc/sys/kernel/perf_event_max_stack", text, sizeof text) < 0)
        return PROFILE_DEPTH_MAX;
    unsigned long limit = strtoul(text, NULL, 10);
    return limit < PROFILE_DEPTH_MAX ? (uint32_t)limit : PROFILE_DEPTH_MAX;
}

int profile_timers_prepare(struct observer *observer)
{
    if (!observer->settings.profile_hz)
        return 0;
    observer->profile.period_ns = 1000000000u / observer->settings.profile_hz;
    observer->profile.depth_limit = depth_limit();
    uint32_t size = ring_size(observer);
    observer->programs->rodata->profile_wakeup_bytes = size / 2;
    return bpf_map__set_max_entries(observer->programs->maps.profile_ring, size);
}

void profile_timers_refused(struct observer *observer, const char *why)
{
    snprintf(observer->profile.refused, sizeof observer->profile.refused, "%s", why);
}

static int on_sample(void *context, void *data, size_t size)
{
    struct profile_state *profile = context;
    const struct profile_sample *sample = data;
    if (size < PROFILE_SAMPLE_HEAD)
        return -EBADMSG;
    return profile->take(profile->take_context, sample);
}

int profile_timers_open(struct observer *observer, struct error *error)
{
    struct profile_state *profile = &observer->profile;
    int map = bpf_map__fd(observer->programs->maps.profile_ring);
    if (!observer->settings.profile_hz || profile->refused[0])
        return 0;
    profile->per_cpu = calloc(observer->cpu_count, sizeof *profile->per_cpu);
    profile->links = calloc(observer->cpu_count, sizeof(struct bpf_link *));
    if (!profile->per_cpu || !profile->links)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make room for the CPU profile");
    profile->ring = ring_buffer__new(map, on_sample, profile, NULL);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    if (!profile->ring || epoll_ctl(observer->wakeup_fd, EPOLL_CTL_ADD, map, &event) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "map the ring buffer of the CPU profile");
    return 0;
}

void profile_timers_close(struct observer *observer)
{
    struct profile_state *profile = &observer->profile;
    if (profile->links)
        profile_timers_stop(observer);
    ring_buffer__free(profile->ring);
    free(profile->links);
    free(profile->per_cpu);
    *profile = (struct profile_state){0};
}

/* cpu-clock counts nanoseconds and interrupts by a high-resolution timer: kernel/events/core.c. */
static int open_timer(const struct profile_state *profile, int cpu)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof attributes,
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .sample_period = profile->period_ns,
    };
    long fd = syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : (int)fd;
}

/* 0 or a negative errno. The link owns the timer. */
static int start_timer(struct observer *observer, size_t cpu)
{
    struct profile_state *profile = &observer->profile;
    int fd = open_timer(profile, (int)cpu);
    if (fd == -ENODEV) /* this one is not online */
        return 0;
    if (fd < 0)
        return fd;
    struct bpf_link *link = bpf_program__attach_perf_event(observer->programs->progs.profile_tick, fd);
    if (!link) {
        int number = errno;
        close(fd);
        return -number;
    }
    profile->links[cpu] = link;
    profile->cpus++;
    return 0;
}

static int skip(void *context, const struct profile_sample *sample)
{
    (void)context, (void)sample;
    return 0;
}

int profile_timers_start(struct observer *observer, struct error *error)
{
    struct profile_state *profile = &observer->profile;
    __u32 key = 0;
    if (!profile->ring)
        return 0;
    profile->off[0] = 0;
    profile->cpus = 0;
    observer_profile_drain(observer, skip, NULL); /* what nobody drained after the trial before */
    memset(profile->per_cpu, 0, observer->cpu_count * sizeof *profile->per_cpu);
    int result = bpf_map_update_elem(bpf_map__fd(observer->programs->maps.profile_counters), &key,
                                     profile->per_cpu, BPF_ANY);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "zero the counters of the CPU profile");
    for (size_t cpu = 0; cpu < observer->cpu_count && result == 0; cpu++)
        result = start_timer(observer, cpu);
    if (result < 0) {
        profile_timers_stop(observer);
        snprintf(profile->off, sizeof profile->off, "this host refuses the timer of the CPU profile: %s",
                 strerror(-result));
    }
    return 0;
}

void profile_timers_stop(struct observer *observer)
{
    for (size_t cpu = 0; cpu < observer->cpu_count && observer->profile.links; cpu++) {
        bpf_link__destroy(observer->profile.links[cpu]);
        observer->profile.links[cpu] = NULL;
    }
}
