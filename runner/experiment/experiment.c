#include "runner/experiment/experiment.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/run_time.h"
#include "runner/experiment/chronicle.h"
#include "runner/experiment/judge.h"
#include "runner/experiment/leftovers.h"
#include "runner/experiment/subject.h"
#include "runner/plan/plan.h"
#include "runner/profile/kernel.h"
#include "runner/report/page/page.h"
#include "runner/report/page/timeline.h"
#include "runner/report/progress.h"
#include "runner/store/bundle.h"
#include "runner/store/files.h"
#include "runner/summary/summary.h"
#include "runner/support/fd.h"
#include "runner/trial/trial.h"

#define BUILD_TIMEOUT_NS 300000000000u /* a first build of net/http under load takes a minute */
#define BUILD_MEMORY_MAX (4ull << 30)

/* All that an experiment owns, in the order of acquisition. */
struct run {
    const struct experiment *experiment;
    const struct run_options *options;
    struct run_outcome *outcome;
    sigset_t old_mask;
    int signal_fd;
    struct plan plan;
    struct cgroup_root *root;
    struct cgroup *group, *helpers;
    struct sandbox_filter *filter;
    struct sandbox_spare *spare;
    struct bundle *bundle;
    struct observer *observer;
    struct kernel_symbols *kernel; /* for the CPU profile; NULL: there is none */
    struct subject *subjects;
    size_t subject_count;
    struct summary *summary;
    struct progress progress;
    struct chronicle chronicle;
};

static int take_signals(struct run *run, struct error *error)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &run->old_mask);
    run->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return run->signal_fd < 0 ? error_set(error, ERROR_INTERNAL, errno, "wait for signals") : 0;
}

static bool interrupted(const struct run *run)
{
    struct pollfd poll_fd = {.fd = run->signal_fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

static bool wants_observed(const struct experiment *experiment)
{
    const struct probe_settings *probes = &experiment->probes;
    return experiment->trials.observed > 0 &&
           (probes->sched || probes->go >= GO_CORE || probes->net || probes->cpu_hz);
}

static int acquire_groups(struct run *run, struct error *error)
{
    const struct controls *controls = &run->experiment->controls;
    int result = cgroup_root_open(run->options->cgroup_root, controls->require == CGROUP_REQUIRE_V2,
                                  &run->root, error);
    if (result < 0)
        return result;
    result = cgroup_remove_leftovers(run->root, controls->slice, error);
    if (result < 0)
        return result;
    result = cgroup_open_experiment(run->root, controls->slice, &run->group, error);
    if (result < 0)
        return result;
    return cgroup_create(run->group, "sandbox", &run->helpers, error);
}

static int acquire_bundle(struct run *run, struct error *error)
{
    const struct experiment *experiment = run->experiment;
    int result = bundle_recover(run->options->out, leftovers_mend, error);
    if (result >= 0)
        result = bundle_create(run->options->out, experiment->name, &run->bundle, error);
    if (result < 0)
        return result;
    int dir = bundle_dir(run->bundle);
    result = file_write(dir, "manifest.yaml", experiment->source, experiment->source_size, error);
    if (result == 0 && mkdirat(dir, WORK_FOLDER, 0711) < 0)
        result = error_set(error, ERROR_INTERNAL, errno, "make a work folder in the bundle");
    if (result < 0)
        return result;
    run->chronicle.bundle_name = bundle_name(run->bundle);
    return chronicle_open(&run->chronicle, experiment, dir, error);
}

/* Unreadable: the kernel is one name. */
static int read_kernel_symbols(struct run *run, struct error *error)
{
    FILE *file = fopen("/proc/kallsyms", "re");
    run->kernel = kernel_symbols_read(file);
    if (file)
        fclose(file);
    return run->kernel ? 0 : error_set(error, ERROR_INTERNAL, ENOMEM, "read the kernel's symbols");
}

static int acquire_observer(struct run *run, struct error *error)
{
    const struct probe_settings *probes = &run->experiment->probes;
    struct observer_settings settings = {
        .ring_bytes = probes->ring_bytes,
        .sched = probes->sched,
        .go = probes->go >= GO_CORE,
        .net = probes->net,
        .profile_hz = probes->cpu_hz,
    };
    if (!wants_observed(run->experiment))
        return 0;
    int result = observer_open(&settings, &run->observer, error);
    return result == 0 && probes->cpu_hz ? read_kernel_symbols(run, error) : result;
}

static int acquire_spare(struct run *run, struct error *error)
{
    const struct sandbox_settings *settings = &run->experiment->sandbox;
    const struct sandbox_spare_settings spare = {
        .user = settings->user,
        .tmp_bytes = settings->tmp_bytes,
        .network_host = settings->network == NETWORK_HOST,
    };
    return sandbox_spare_create(&spare, &run->spare, error);
}

static int acquire(struct run *run, struct error *error)
{
    int result = take_signals(run, error);
    if (result == 0 && plan_make(run->experiment, &run->plan) < 0)
        result = error_set(error, ERROR_INTERNAL, ENOMEM, "plan the trials");
    if (result == 0)
        result = sandbox_filter_compile(run->experiment->sandbox.seccomp, &run->filter, error);
    if (result == 0)
        result = acquire_spare(run, error);
    if (result == 0)
        result = acquire_groups(run, error);
    if (result == 0)
        result = acquire_observer(run, error);
    if (result == 0)
        result = acquire_bundle(run, error);
    if (result == 0) {
        run->subjects = calloc(run->experiment->demo_count, sizeof *run->subjects);
        run->summary =
            summary_create(run->experiment->name, run->experiment->demos[run->experiment->baseline].name);
        progress_open(&run->progress, stderr, run->plan.count, clock_monotonic_ns());
        if (!run->subjects || !run->summary)
            result = error_set(error, ERROR_INTERNAL, ENOMEM, "start the experiment");
    }
    return result;
}

static void release(struct run *run)
{
    struct error ignored;
    if (run->progress.out)
        progress_close(&run->progress);
    summary_free(run->summary);
    kernel_symbols_free(run->kernel);
    observer_close(run->observer);
    for (size_t i = 0; i < run->subject_count; i++)
        subject_free(&run->subjects[i]);
    free(run->subjects);
    chronicle_close(&run->chronicle);
    cgroup_destroy(run->helpers, &ignored); /* what cannot be removed now is a leftover for the next start */
    cgroup_destroy(run->group, &ignored);
    cgroup_root_close(run->root);
    sandbox_spare_free(run->spare);
    sandbox_filter_free(run->filter);
    plan_free(&run->plan);
    fd_close(&run->signal_fd);
    /* A signal that was taken into account must not end the program when it is unblocked. */
    const struct timespec at_once = {0};
    sigset_t pending;
    sigpending(&pending);
    while (sigismember(&pending, SIGINT) > 0 || sigismember(&pending, SIGTERM) > 0 ||
           sigismember(&pending, SIGHUP) > 0) {
        sigset_t set = pending;
        if (sigtimedwait(&set, NULL, &at_once) < 0)
            break;
        sigpending(&pending);
    }
    sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
}

static int build_demos(struct run *run, struct error *error)
{
    char *work = NULL;
    AUTO_FREE char *here = realpath(run->options->out, NULL);
    if (!here || asprintf(&work, "%s/.%s.partial/" WORK_FOLDER, here, bundle_name(run->bundle)) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "find the work folder of the bundle");
    int result = 0;
    struct build_options options = {
        .staging = work,
        .group = run->group,
        .timeout_ns = BUILD_TIMEOUT_NS,
        .memory_max = BUILD_MEMORY_MAX,
        .cancel_fd = run->signal_fd,
    };
    for (size_t i = 0; i < run->experiment->demo_count && result == 0 && !interrupted(run); i++) {
        struct subject *subject = &run->subjects[i];
        progress_note(&run->progress, "building", run->experiment->demos[i].name);
        result = subject_build(subject, &run->experiment->demos[i], &options, error);
        run->subject_count = i + 1;
        if (result < 0 && interrupted(run))
            result = 0;
        if (subject->failure && !interrupted(run)) {
            run->outcome->demo_failed = true;
            progress_note(&run->progress, "not built:", subject->failure);
        }
        if (result == 0 && subject->built && run->observer)
            subject_attach(subject, run->observer, (uint32_t)i, &run->experiment->probes);
        if (result == 0)
            result = chronicle_add_subject(&run->chronicle, subject, bundle_dir(run->bundle), error);
    }
    free(work);
    return result;
}

static int run_trial(struct run *run, const struct planned_trial *planned, struct error *error)
{
    struct subject *subject = &run->subjects[planned->demo];
    const char *role = trial_role_name(planned->role);
    char path[256];
    AUTO_FD dir =
        bundle_trial_dir(run->bundle, subject->demo->name, planned->number, role, path, sizeof path, error);
    if (dir < 0)
        return dir;
    struct trial_context context = {
        .experiment = run->experiment,
        .group = run->group,
        .helpers = run->helpers,
        .filter = run->filter,
        .spare = run->spare,
        .observer = run->observer,
        .kernel = run->kernel,
        .signal_fd = run->signal_fd,
    };
    struct trial_subject trial_subject = {
        .demo = subject->demo,
        .build = &subject->build,
        .go_off = subject->go_off,
        .absent_kinds = subject->probes.absent_kinds,
        .executable = (uint32_t)planned->demo,
        .no_goroutines = subject->no_goroutines,
    };
    struct trial_result result;
    progress_begin(&run->progress, subject->demo->name, planned->number, role, clock_monotonic_ns());
    if (run->observer)
        observer_time_programs(run->observer, planned->role == ROLE_WARMUP);
    int outcome = trial_run(&context, &trial_subject, planned, path + strlen("demos/"), dir, &result, error);
    if (result.go_failed)
        subject_go_failed(subject);
    if (outcome == 0) {
        chronicle_add_trial(&run->chronicle, planned, subject->demo->name, path, &result);
        if (!result.interrupted) {
            struct summary_trial row = {
                .demo = subject->demo->name,
                .role = planned->role,
                .number = planned->number,
                .metrics = &result.metrics,
                .verdict = verdict_name(result.verdict),
                .expected = result.expected,
                .load_invalid = result.verdict == VERDICT_LOAD_INVALID,
                .findings = result.findings,
                .not_looked_for = result.not_looked_for,
                .event_count = result.events,
                .event_bytes = result.event_bytes,
                .duration_ns = result.wall_ns,
            };
            if (summary_add_trial(run->summary, &row) < 0)
                outcome = error_set(error, ERROR_INTERNAL, ENOMEM, "sum up a trial");
            if (!result.expected && result.verdict == VERDICT_LOAD_INVALID)
                run->outcome->load_invalid = true;
            else
                run->outcome->demo_failed |= !result.expected;
            progress_end(&run->progress, verdict_name(result.verdict), result.expected, result.wall_ns,
                         clock_monotonic_ns());
        }
    }
    trial_result_free(&result);
    return outcome;
}

/* Demos that did not build have no trials; no observed ones where the manifest turned every probe off. */
static bool takes_place(const struct run *run, const struct planned_trial *planned)
{
    return run->subjects[planned->demo].built && (planned->role != ROLE_OBSERVED || run->observer);
}

static int run_trials(struct run *run, struct error *error)
{
    run->progress.total = 0;
    for (size_t i = 0; i < run->plan.count; i++)
        run->progress.total += takes_place(run, &run->plan.trials[i]);
    for (size_t i = 0; i < run->plan.count && !interrupted(run); i++) {
        const struct planned_trial *planned = &run->plan.trials[i];
        int result = takes_place(run, planned) ? run_trial(run, planned, error) : 0;
        if (result < 0)
            return result;
    }
    return 0;
}

/* report.html, of what stands in the bundle by now. */
static int write_page(int dir, const char *bundle, struct error *error)
{
    struct report report;
    size_t size = 0;
    int result = report_read_dir(&report, dir, bundle, error);
    report.timeline.most_bytes = TIMELINE_ALONG;
    AUTO_FREE char *page = result < 0 ? NULL : page_text(&report, &size);
    report_free(&report);
    if (result < 0)
        return result;
    return page ? file_write(dir, PAGE_NAME, page, size, error)
                : error_set(error, ERROR_INTERNAL, ENOMEM, "write %s of the bundle", PAGE_NAME);
}

/* Writes what there is, also after an error or a signal: a partial bundle is marked, never lost. */
static int finish(struct run *run, bool complete, const struct error *failure, struct error *error)
{
    struct bundle *bundle = run->bundle;
    int dir = bundle_dir(bundle);
    run->bundle = NULL;
    run->outcome->summary = summary_json(run->summary);
    AUTO_FREE char *benchmarks = summary_benchmarks(run->summary);
    chronicle_settle(&run->chronicle, complete, run->observer, failure);
    int result = !run->outcome->summary
                     ? 0
                     : judge_experiment(run->experiment, run->chronicle.bundle_name, run->chronicle.root,
                                        run->outcome->summary, run->outcome, error);
    if (result == 0)
        result = chronicle_finish(&run->chronicle, dir, run->outcome->gates, error);
    if (result == 0 && run->outcome->summary)
        result = file_write_json(dir, "summary.json", run->outcome->summary, error);
    if (result == 0 && benchmarks)
        result = file_write(dir, "benchmarks.txt", benchmarks, strlen(benchmarks), error);
    if (result == 0)
        result = write_page(dir, run->chronicle.bundle_name, error);
    if (result == 0) {
        fd_remove_tree(dir, WORK_FOLDER);
        return bundle_finish(bundle, run->outcome->bundle, sizeof run->outcome->bundle, error);
    }
    bundle_abandon(bundle);
    return result;
}

int experiment_run(const struct experiment *experiment, const struct run_options *options,
                   struct run_outcome *outcome, struct error *error)
{
    struct run run = {.experiment = experiment, .options = options, .outcome = outcome, .signal_fd = -1};
    *outcome = (struct run_outcome){0};
    int result = acquire(&run, error);
    if (result < 0) {
        bundle_discard(run.bundle);
        release(&run);
        return result;
    }
    cgroup_root_describe(run.root, run.chronicle.enforcement, sizeof run.chronicle.enforcement);
    result = build_demos(&run, error);
    sandbox_spare_refill(run.spare);
    if (result == 0)
        result = run_trials(&run, error);
    outcome->interrupted = interrupted(&run);
    struct error late = {0};
    int finished = finish(&run, result == 0 && !outcome->interrupted, result < 0 ? error : NULL, &late);
    release(&run);
    if (result == 0 && finished < 0) {
        *error = late;
        result = finished;
    }
    return result;
}

void run_outcome_free(struct run_outcome *outcome)
{
    json_decref(outcome->summary);
    json_decref(outcome->comparison);
    json_decref(outcome->gates);
    outcome->summary = outcome->comparison = outcome->gates = NULL;
}
