#include "bpf/features.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(observer_features, a_refused_load_without_a_log_asks_for_the_capabilities)
{
    struct error error = {0};
    cr_assert_eq(features_load_error(EPERM, "", &error), -EPERM);
    cr_expect_eq(error.class, ERROR_HOST);
    cr_expect(strstr(error.text, "CAP_BPF and CAP_PERFMON"), "%s", error.text);
    cr_expect(strstr(error.text, "lockdown"), "%s", error.text);
}

Test(observer_features, the_verifiers_reason_is_the_line_before_its_statistics)
{
    struct error error = {0};
    const char *log = "0: (79) r6 = *(u64 *)(r1 +0)\n"
                      "unknown func bpf_get_attach_cookie#174\n"
                      "processed 12 insns (limit 1000000) max_states_per_insn 0\n";
    cr_assert_eq(features_load_error(EINVAL, log, &error), -EINVAL);
    cr_expect_eq(error.class, ERROR_HOST);
    cr_expect(strstr(error.text, "(unknown func bpf_get_attach_cookie#174)"), "%s", error.text);
    cr_expect(!strstr(error.text, "processed"), "%s", error.text);
    cr_expect(strstr(error.text, "5.10 or newer"), "%s", error.text);
}

Test(observer_features, a_verifier_that_says_permission_denied_is_no_missing_capability)
{
    struct error error = {0};
    cr_assert_eq(features_load_error(EACCES, "R8 max value is outside of the range\n", &error), -EACCES);
    cr_expect(strstr(error.text, "R8 max value"), "%s", error.text);
    cr_expect(!strstr(error.text, "CAP_BPF"), "%s", error.text);
}
