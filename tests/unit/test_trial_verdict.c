#include "runner/trial/verdict.h"

#include <criterion/criterion.h>
#include <signal.h>

#define EXITED(code)     ((code) << 8)
#define SIGNALED(signal) (signal)

static struct trial_facts ended(int status)
{
    return (struct trial_facts){
        .status = {.state = SANDBOX_ENDED, .wait_status = status},
        .memory_max = LIMIT_UNSET,
        .pids_max = LIMIT_UNSET,
        .memory_peak = UINT64_MAX,
        .stdout_match = -1,
    };
}

Test(verdict, facts_are_weighed_in_the_order_of_precedence)
{
    struct trial_facts facts = ended(EXITED(0));
    cr_expect_eq(verdict_decide(&facts), VERDICT_OK);
    facts.status.wait_status = EXITED(3);
    cr_expect_eq(verdict_decide(&facts), VERDICT_EXIT);
    facts.status.wait_status = SIGNALED(SIGSEGV);
    cr_expect_eq(verdict_decide(&facts), VERDICT_SIGNAL);
    facts.stopped = true;
    cr_expect_eq(verdict_decide(&facts), VERDICT_STOPPED);
    facts.status.wait_status = EXITED(2);
    facts.crash.kind = CRASH_PANIC;
    cr_expect_eq(verdict_decide(&facts), VERDICT_PANIC);
    facts.crash.kind = CRASH_DEADLOCK;
    cr_expect_eq(verdict_decide(&facts), VERDICT_DEADLOCK);
    facts.crash.kind = CRASH_FATAL;
    cr_expect_eq(verdict_decide(&facts), VERDICT_FATAL);
    facts.pids_hits = 1;
    cr_expect_eq(verdict_decide(&facts), VERDICT_PIDS);
    facts.timed_out = true;
    cr_expect_eq(verdict_decide(&facts), VERDICT_TIMEOUT);
    facts.oom_kills = 1;
    cr_expect_eq(verdict_decide(&facts), VERDICT_OOM);
    facts.status.state = SANDBOX_START_FAILED;
    cr_expect_eq(verdict_decide(&facts), VERDICT_START_FAILED);
}

Test(verdict, printed_words_alone_are_no_panic)
{
    struct trial_facts facts = ended(EXITED(0));
    facts.crash.kind = CRASH_PANIC;
    cr_expect_eq(verdict_decide(&facts), VERDICT_OK);
    facts.status.wait_status = EXITED(1);
    cr_expect_eq(verdict_decide(&facts), VERDICT_EXIT);
    facts.status.wait_status = SIGNALED(SIGABRT); /* GOTRACEBACK=crash */
    cr_expect_eq(verdict_decide(&facts), VERDICT_PANIC);
}

Test(verdict, a_program_that_takes_the_stop_well_is_ok)
{
    struct expectation ok = {.verdict = VERDICT_OK, .code = -1};
    struct trial_facts facts = ended(EXITED(0));
    facts.stopped = true;
    facts.stop_signal = SIGINT;
    cr_expect(verdict_expected(&facts, &ok));
    facts.status.wait_status = SIGNALED(SIGINT);
    cr_expect(verdict_expected(&facts, &ok));
    facts.status.wait_status = EXITED(1);
    cr_expect_not(verdict_expected(&facts, &ok));
    facts.status.wait_status = SIGNALED(SIGKILL);
    facts.killed = true;
    cr_expect_not(verdict_expected(&facts, &ok));
}

Test(verdict, codes_and_output_are_compared_with_the_manifest)
{
    struct expectation code = {.verdict = VERDICT_EXIT, .code = 3};
    struct trial_facts facts = ended(EXITED(3));
    cr_expect(verdict_expected(&facts, &code));
    facts.status.wait_status = EXITED(4);
    cr_expect_not(verdict_expected(&facts, &code));
    code.code = 0;
    facts.status.wait_status = EXITED(0);
    cr_expect(verdict_expected(&facts, &code));
    facts.stdout_match = 0;
    cr_expect_not(verdict_expected(&facts, &code));
}

Test(verdict, the_evidence_names_the_counter_and_the_limit)
{
    struct expectation expect = {.verdict = VERDICT_OOM, .code = -1};
    struct trial_facts facts = ended(SIGNALED(SIGKILL));
    facts.oom_kills = 1;
    facts.memory_max = 1 << 26;
    json_t *json = verdict_json(&facts, &expect);
    json_t *evidence = json_object_get(json, "evidence");
    cr_expect_str_eq(json_string_value(json_object_get(json, "name")), "oom");
    cr_expect(json_is_true(json_object_get(json, "expected")));
    cr_expect_eq(json_integer_value(json_object_get(evidence, "oom_kills")), 1);
    cr_expect_eq(json_integer_value(json_object_get(evidence, "memory_max_bytes")), 1 << 26);
    cr_expect_str_eq(json_string_value(json_object_get(evidence, "signal")), "SIGKILL");
    json_decref(json);
}

Test(verdict, a_load_has_its_own_words_behind_what_the_demo_did)
{
    static const struct {
        struct load_facts load;
        int status;
        enum verdict verdict;
    } rows[] = {
        {{.present = true, .not_ready = true}, SIGNALED(SIGINT), VERDICT_NOT_READY},
        {{.present = true, .cut_short = true}, EXITED(0), VERDICT_GONE},
        {{.present = true, .cut_short = true}, EXITED(3), VERDICT_EXIT},
        {{.present = true, .cut_short = true}, SIGNALED(SIGSEGV), VERDICT_SIGNAL},
        {{.present = true, .invalid = true, .errors = true, .overloaded = true},
         EXITED(0),
         VERDICT_LOAD_INVALID},
        {{.present = true, .errors = true, .overloaded = true}, EXITED(0), VERDICT_LOAD_ERRORS},
        {{.present = true, .overloaded = true}, EXITED(0), VERDICT_OVERLOADED},
        {{.present = true}, EXITED(0), VERDICT_STOPPED},
        {{.present = false, .overloaded = true}, EXITED(0), VERDICT_STOPPED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial_facts facts = ended(rows[i].status);
        facts.load = rows[i].load;
        facts.stopped = !rows[i].load.cut_short;
        facts.stop_signal = SIGINT;
        cr_expect_eq((int)verdict_decide(&facts), (int)rows[i].verdict, "row %zu: %s", i,
                     verdict_name(verdict_decide(&facts)));
        facts.oom_kills = 1;
        cr_expect_eq((int)verdict_decide(&facts), (int)VERDICT_OOM);
    }
}
