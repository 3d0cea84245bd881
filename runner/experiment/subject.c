#include "runner/experiment/subject.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/executables.h"
#include "runner/store/files.h"

#define LOG_LIMIT (64u << 10)

int subject_build(struct subject *subject, const struct demo *demo, const struct build_options *options,
                  struct error *error)
{
    struct error failure = {0};
    *subject = (struct subject){.demo = demo};
    int result = build_demo(demo, options, &subject->build, &failure);
    if (result == 0) {
        subject->built = true;
        return 0;
    }
    if (failure.class != ERROR_DEMO) {
        *error = failure;
        return result;
    }
    subject->failure = strdup(failure.text);
    return 0;
}

static void go_off(struct subject *subject, const char *why)
{
    free(subject->go_off);
    subject->go_off = strdup(why);
}

void subject_go_failed(struct subject *subject)
{
    static const char why[] =
        "the self-check failed in an earlier trial: the goroutine events were implausible";
    go_off(subject, why);
    if (!subject->no_goroutines)
        subject->no_goroutines = strdup(why);
}

/* Tells the observer which file it is, and how Go's structures look in it. */
static void announce(struct subject *subject, struct observer *observer, uint32_t index)
{
    const struct gobin *binary = subject->build.binary;
    struct go_layout layout;
    struct error why = {0};
    bool known = binary && gobin_layout(binary, &layout);
    if (!binary || !gobin_is_go(binary))
        error_set(&why, ERROR_DEMO, 0, "not a Go program");
    else if (!known)
        error_set(&why, ERROR_DEMO, 0, "its Go version (%s) is not in the table",
                  gobin_version(binary) ? gobin_version(binary) : "not stated");
    else if (!layout.tls_g)
        error_set(&why, ERROR_DEMO, 0, "it has thread-local storage of C, and no symbol tells where Go's is");
    observer_announce(observer, index, subject->build.executable_observed, known ? &layout : NULL, &why);
    if (why.text[0])
        subject->no_goroutines = strdup(why.text);
}

void subject_attach(struct subject *subject, struct observer *observer, uint32_t index,
                    const struct probe_settings *probes)
{
    struct error why = {0};
    enum go_level level = probes->go;
    if (probes->cpu_hz || (probes->sched && level >= GO_COUNTERS))
        announce(subject, observer, index);
    if (level == GO_NONE || level == GO_COUNTERS)
        go_off(subject,
               level == GO_NONE ? "probes.go is none" : "probes.go is counters: nothing is attached");
    else if (!subject->build.binary || !gobin_is_go(subject->build.binary))
        go_off(subject, "not a Go program");
    else if (index >= GO_EXECUTABLES_MAX)
        go_off(subject, "too many executables in one experiment");
    else if (gobin_plan_probes(subject->build.binary, level, &subject->probes, &why) < 0)
        go_off(subject, why.text);
    else if (observer_attach(observer, index, subject->build.executable_observed, &subject->probes.layout,
                             subject->probes.sites, subject->probes.site_count, &why) < 0)
        go_off(subject, why.text);
    else
        subject->sites_attached = subject->probes.found;
}

static void add_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, text ? text_json(text, strlen(text), LOG_LIMIT) : json_null());
}

static json_t *settings_json(const struct gobin *binary)
{
    json_t *object = json_object();
    for (size_t i = 0; i < gobin_setting_count(binary); i++) {
        const char *key, *value;
        gobin_setting(binary, i, &key, &value);
        json_object_set_new(object, key, text_json(value, strlen(value), LOG_LIMIT));
    }
    return object;
}

static json_t *probes_json(const struct subject *subject)
{
    json_t *object = json_object();
    json_object_set_new(object, "wanted", json_integer((json_int_t)subject->probes.wanted));
    json_object_set_new(object, "attached", json_integer((json_int_t)subject->sites_attached));
    add_text(object, "missing", subject->probes.missing);
    add_text(object, "off", subject->go_off);
    return object;
}

json_t *subject_json(const struct subject *subject)
{
    const struct build *build = &subject->build;
    json_t *object = json_object();
    json_object_set_new(object, "built", json_boolean(subject->built));
    add_text(object, "failure", subject->failure);
    add_text(object, "sha256", build->sha256[0] ? build->sha256 : NULL);
    add_text(object, "source_sha256", build->source_sha256[0] ? build->source_sha256 : NULL);
    add_text(object, "toolchain", build->toolchain);
    add_text(object, "go_line", build->go_line);
    add_text(object, "godebug_default", build->godebug_default);
    add_text(object, "build_environment", build->environment);
    json_object_set_new(object, "build_ns", json_integer((json_int_t)build->build_ns));
    if (!subject->built)
        return object;
    bool go = build->binary && gobin_is_go(build->binary);
    add_text(object, "go_version", go ? gobin_version(build->binary) : NULL);
    add_text(object, "main_package", go ? gobin_main_path(build->binary) : NULL);
    json_object_set_new(object, "build_settings", go ? settings_json(build->binary) : json_null());
    json_object_set_new(object, "go_probes", probes_json(subject));
    return object;
}

void subject_free(struct subject *subject)
{
    gobin_plan_free(&subject->probes);
    build_free(&subject->build);
    free(subject->failure);
    free(subject->go_off);
    free(subject->no_goroutines);
    *subject = (struct subject){0};
}
