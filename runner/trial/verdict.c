#include "runner/trial/verdict.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "runner/store/files.h"

#define GO_CRASH_CODE 2 /* runtime/panic.go: fatalthrow and fatalpanic call exit(2) */

/* The exit status that a Go program has after a crash: 2, or SIGABRT with GOTRACEBACK=crash. */
static bool died_like_go(int status)
{
    return (WIFEXITED(status) && WEXITSTATUS(status) == GO_CRASH_CODE) ||
           (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static enum verdict crash_verdict(const struct trial_facts *facts)
{
    switch (facts->crash.kind) {
    case CRASH_DEADLOCK:
        return VERDICT_DEADLOCK;
    case CRASH_FATAL:
        return VERDICT_FATAL;
    case CRASH_PANIC:
        return VERDICT_PANIC;
    default:
        return VERDICT_COUNT;
    }
}

/* VERDICT_COUNT: the load has nothing to say. */
static enum verdict load_verdict(const struct trial_facts *facts)
{
    const struct load_facts *load = &facts->load;
    bool by_itself = facts->status.state == SANDBOX_ENDED && WIFEXITED(facts->status.wait_status);
    if (!load->present)
        return VERDICT_COUNT;
    if (load->not_ready)
        return VERDICT_NOT_READY;
    if (load->cut_short)
        return by_itself && WEXITSTATUS(facts->status.wait_status) == 0 ? VERDICT_GONE : VERDICT_COUNT;
    if (load->invalid)
        return VERDICT_LOAD_INVALID;
    if (load->errors)
        return VERDICT_LOAD_ERRORS;
    return load->overloaded ? VERDICT_OVERLOADED : VERDICT_COUNT;
}

enum verdict verdict_decide(const struct trial_facts *facts)
{
    int status = facts->status.wait_status;
    if (facts->status.state == SANDBOX_START_FAILED)
        return VERDICT_START_FAILED;
    if (facts->oom_kills)
        return VERDICT_OOM;
    if (facts->timed_out)
        return VERDICT_TIMEOUT;
    if (facts->pids_hits)
        return VERDICT_PIDS;
    if (died_like_go(status) && facts->crash.kind != CRASH_NONE)
        return crash_verdict(facts);
    enum verdict of_load = load_verdict(facts);
    if (of_load != VERDICT_COUNT)
        return of_load;
    if (facts->stopped)
        return VERDICT_STOPPED;
    if (facts->status.state == SANDBOX_LOST || WIFSIGNALED(status))
        return VERDICT_SIGNAL;
    return WEXITSTATUS(status) ? VERDICT_EXIT : VERDICT_OK;
}

/* A program that a stop policy ends is fine when it ended by itself within the grace time. */
static bool took_the_stop_well(const struct trial_facts *facts)
{
    int status = facts->status.wait_status;
    bool by_it = WIFSIGNALED(status) && WTERMSIG(status) == facts->stop_signal;
    return !facts->killed && (by_it || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

bool verdict_expected(const struct trial_facts *facts, const struct expectation *expect)
{
    enum verdict verdict = verdict_decide(facts);
    if (facts->stdout_match == 0)
        return false;
    if (verdict == VERDICT_STOPPED && expect->verdict == VERDICT_OK)
        return took_the_stop_well(facts);
    if (expect->verdict == VERDICT_EXIT && expect->code == 0 && verdict == VERDICT_OK)
        return true;
    if (verdict != expect->verdict)
        return false;
    return verdict != VERDICT_EXIT || expect->code < 0 ||
           WEXITSTATUS(facts->status.wait_status) == expect->code;
}

static void add_limit(json_t *evidence, const char *key, uint64_t limit)
{
    if (limit == LIMIT_UNSET)
        json_object_set_new(evidence, key, json_null());
    else if (limit == LIMIT_MAX)
        json_object_set_new(evidence, key, json_string("max"));
    else
        json_object_set_new(evidence, key, json_integer((json_int_t)limit));
}

static void add_stop(json_t *evidence, const struct trial_facts *facts)
{
    if (!facts->stop_signal)
        return;
    json_object_set_new(evidence, "stop_signal", json_sprintf("SIG%s", sigabbrev_np(facts->stop_signal)));
    json_object_set_new(evidence, "stop_to_end_ns", json_integer((json_int_t)facts->stop_to_end_ns));
    json_object_set_new(evidence, "killed_after_grace", json_boolean(facts->killed));
}

static void add_start_failure(json_t *evidence, const struct trial_facts *facts)
{
    const struct sandbox_status *status = &facts->status;
    json_object_set_new(evidence, "step", json_string(sandbox_step_name(status->step)));
    json_object_set_new(evidence, "what", text_json(status->what, strlen(status->what), sizeof status->what));
    json_object_set_new(evidence, "errno",
                        status->number ? json_string(strerrorname_np(status->number)) : json_null());
    json_object_set_new(evidence, "text", text_json(status->text, strlen(status->text), sizeof status->text));
    if (status->number == ENOMEM && facts->memory_max < LIMIT_MAX)
        add_limit(evidence, "memory_max_bytes", facts->memory_max);
}

void verdict_add_status(json_t *evidence, int status)
{
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        json_object_set_new(evidence, "signal",
                            name ? json_sprintf("SIG%s", name) : json_sprintf("signal %d", WTERMSIG(status)));
    } else {
        json_object_set_new(evidence, "code", json_integer(WEXITSTATUS(status)));
    }
}

static void add_crash(json_t *evidence, const struct crash_scan *crash)
{
    json_t *said = json_object();
    json_object_set_new(said, "line", text_json(crash->line, strlen(crash->line), sizeof crash->line));
    json_object_set_new(said, "traced", json_boolean(crash->traced));
    json_object_set_new(said, "source", json_string("demo"));
    json_object_set_new(evidence, "stderr", said);
}

json_t *verdict_json(const struct trial_facts *facts, const struct expectation *expect)
{
    enum verdict verdict = verdict_decide(facts);
    json_t *evidence = json_object();
    if (facts->status.state == SANDBOX_START_FAILED)
        add_start_failure(evidence, facts);
    else if (facts->status.state == SANDBOX_LOST)
        json_object_set_new(evidence, "lost", json_string("the sandbox's init was killed"));
    else
        verdict_add_status(evidence, facts->status.wait_status);
    if (verdict == VERDICT_OOM) {
        json_object_set_new(evidence, "oom_kills", json_integer((json_int_t)facts->oom_kills));
        add_limit(evidence, "memory_max_bytes", facts->memory_max);
        if (facts->memory_peak != UINT64_MAX)
            json_object_set_new(evidence, "memory_peak_bytes", json_integer((json_int_t)facts->memory_peak));
    }
    if (facts->pids_hits) {
        json_object_set_new(evidence, "pids_max_hits", json_integer((json_int_t)facts->pids_hits));
        add_limit(evidence, "pids_max", facts->pids_max);
    }
    if (facts->crash.kind != CRASH_NONE)
        add_crash(evidence, &facts->crash);
    add_stop(evidence, facts);
    if (facts->stdout_match >= 0)
        json_object_set_new(evidence, "stdout_contains", json_boolean(facts->stdout_match));
    if (facts->load.evidence)
        json_object_set(evidence, "load", facts->load.evidence);
    if (facts->status.left_behind)
        json_object_set_new(evidence, "processes_left_behind", json_integer(facts->status.left_behind));
    json_t *result = json_object();
    json_object_set_new(result, "name", json_string(verdict_name(verdict)));
    json_object_set_new(result, "expected", json_boolean(verdict_expected(facts, expect)));
    json_object_set_new(result, "evidence", evidence);
    return result;
}
