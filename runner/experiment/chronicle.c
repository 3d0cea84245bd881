#include "runner/experiment/chronicle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bpf/run_time.h"
#include "runner/experiment/resolved.h"
#include "runner/host/host.h"
#include "runner/store/bundle.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

static json_t *now_json(void)
{
    char text[40];
    time_t now = time(NULL);
    struct tm utc;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return json_string(text);
}

int chronicle_open(struct chronicle *chronicle, const struct experiment *experiment, int dir,
                   struct error *error)
{
    json_t *root = chronicle->root = json_object();
    json_object_set_new(root, "schema", json_integer(BUNDLE_SCHEMA));
    json_object_set_new(root, "complete", json_false());
    json_object_set_new(root, "name", json_string(experiment->name));
    json_object_set_new(root, "bundle", json_string(chronicle->bundle_name));
    json_object_set_new(root, "runner_version", json_string(RUNNER_VERSION));
    json_object_set_new(root, "event_abi", json_integer(EVENT_ABI_VERSION));
    json_object_set_new(root, "started", now_json());
    json_object_set_new(root, "manifest", resolved_json(experiment));
    json_object_set_new(root, "environment", host_environment_json());
    chronicle->demos = json_object();
    chronicle->trials = json_array();
    json_object_set_new(root, "demos", chronicle->demos);
    json_object_set_new(root, "trials", chronicle->trials);
    chronicle->noise_before = host_noise_json();
    return file_write_json(dir, "experiment.json", root, error);
}

static int write_log(const struct subject *subject, int dir, struct error *error)
{
    char path[128];
    snprintf(path, sizeof path, "demos/%s", subject->demo->name);
    int result = fd_make_path(dir, path);
    AUTO_FD folder = result < 0 ? -1 : openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return error_set(error, ERROR_INTERNAL, result < 0 ? -result : errno, "make %s in the bundle", path);
    return file_write(folder, "build.log", subject->build.log, strlen(subject->build.log), error);
}

int chronicle_add_subject(struct chronicle *chronicle, const struct subject *subject, int dir,
                          struct error *error)
{
    json_object_set_new(chronicle->demos, subject->demo->name, subject_json(subject));
    return !subject->built && subject->build.log ? write_log(subject, dir, error) : 0;
}

void chronicle_add_trial(struct chronicle *chronicle, const struct planned_trial *planned, const char *demo,
                         const char *path, const struct trial_result *result)
{
    json_t *row = json_object();
    json_object_set_new(row, "path", json_string(path));
    json_object_set_new(row, "demo", json_string(demo));
    json_object_set_new(row, "trial", json_integer(planned->number));
    json_object_set_new(row, "role", json_string(trial_role_name(planned->role)));
    json_object_set_new(row, "block", json_integer(planned->block));
    json_object_set_new(row, "verdict",
                        result->interrupted ? json_null() : json_string(verdict_name(result->verdict)));
    json_object_set_new(row, "expected", result->interrupted ? json_null() : json_boolean(result->expected));
    if (result->interrupted)
        json_object_set_new(row, "verdict_reason", json_string("interrupted by the operator"));
    json_object_set_new(row, "lost_events", json_integer((json_int_t)result->lost));
    json_array_append_new(chronicle->trials, row);
    if (planned->role == ROLE_WARMUP)
        return; /* seen for what a hit costs alone */
    chronicle->events += result->events;
    chronicle->lost += result->lost;
    chronicle->samples += (uint64_t)result->metrics.values[METRIC_PROFILE_SAMPLES].value;
    chronicle->lost_samples += (uint64_t)result->metrics.values[METRIC_PROFILE_LOST].value;
}

static json_t *health_json(const struct chronicle *chronicle, const struct observer *observer)
{
    struct observer_health health;
    struct observer_run_time timed;
    if (!observer)
        return json_null();
    observer_read_health(observer, &health);
    observer_read_run_time(observer, &timed);
    json_t *object = json_object();
    json_object_set_new(object, "programs_loaded", json_integer(health.programs_loaded));
    json_object_set_new(object, "programs_failed", json_integer(health.programs_failed));
    json_object_set_new(object, "programs_jited", json_integer(health.programs_jited));
    json_object_set_new(object, "verifier_ns", json_integer((json_int_t)health.verifier_ns));
    json_object_set_new(object, "verified_instructions",
                        json_integer((json_int_t)health.verified_instructions));
    json_object_set_new(object, "sites_wanted", json_integer(health.sites_wanted));
    json_object_set_new(object, "sites_attached", json_integer(health.sites_attached));
    json_object_set_new(object, "attach", json_string(health.uprobe_multi ? "uprobe.multi" : "single links"));
    json_object_set_new(object, "attach_ns", json_integer((json_int_t)health.attach_ns));
    json_object_set_new(object, "timed_ns", json_integer((json_int_t)timed.ns));
    json_object_set_new(object, "timed_hits", json_integer((json_int_t)timed.hits));
    json_object_set_new(object, "events", json_integer((json_int_t)chronicle->events));
    json_object_set_new(object, "lost_events", json_integer((json_int_t)chronicle->lost));
    json_object_set_new(object, "samples", json_integer((json_int_t)chronicle->samples));
    json_object_set_new(object, "lost_samples", json_integer((json_int_t)chronicle->lost_samples));
    return object;
}

void chronicle_settle(struct chronicle *chronicle, bool complete, const struct observer *observer,
                      const struct error *failure)
{
    json_t *root = chronicle->root;
    json_object_set_new(root, "complete", json_boolean(complete));
    json_object_set_new(root, "ended", now_json());
    if (failure)
        json_object_set_new(root, "failure",
                            text_json(failure->text, strlen(failure->text), sizeof failure->text));
    else if (!complete)
        json_object_set_new(root, "failure", json_string("interrupted by the operator"));
    json_object_set_new(root, "enforcement", json_string(chronicle->enforcement));
    json_object_set_new(root, "health", health_json(chronicle, observer));
    json_t *noise = json_object();
    json_object_set(noise, "before", chronicle->noise_before);
    json_object_set_new(noise, "after", host_noise_json());
    json_object_set_new(root, "noise", noise);
}

int chronicle_finish(struct chronicle *chronicle, int dir, json_t *gates, struct error *error)
{
    if (gates)
        json_object_set(chronicle->root, "gates", gates);
    return file_write_json(dir, "experiment.json", chronicle->root, error);
}

void chronicle_close(struct chronicle *chronicle)
{
    json_decref(chronicle->root);
    json_decref(chronicle->noise_before);
    chronicle->root = chronicle->noise_before = NULL;
}
