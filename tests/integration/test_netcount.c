/* probes.net from the manifest to trial.json. */
#include "lab.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define MANIFEST(probes, sandbox)                                                                            \
    "version: 1\nexperiment: traffic\ncontrols: {gomaxprocs: 2, timeout: 200s}\n"                            \
    "trials: {warmup: 0, bare: 1, observed: 1}\nprobes: " probes "\nsandbox: " sandbox "\ndemos:\n"          \
    "  - {name: server, exec: [\"@BIN@/demos/http-json\", \"-requests=300\", \"-clients=2\"]}\n"

static double number(const json_t *object, const char *block, const char *key)
{
    const json_t *value = json_object_get(block ? json_object_get(object, block) : object, key);
    return json_is_integer(value) ? (double)json_integer_value(value) : NAN;
}

Test(netcount, a_server_that_drives_itself_receives_what_it_sends)
{
    struct lab lab;
    lab_run(&lab, MANIFEST("{net: on}", "{network: loopback}"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "server", "observed", 0);
    const json_t *net = json_object_get(trial, "net");
    cr_expect_str_eq(json_string_value(json_object_get(net, "probes")), "on");
    cr_expect_gt(lab_metric(trial, "net.payload_in"), 300 * 100); /* a request's headers alone */
    cr_expect_eq(lab_metric(trial, "net.payload_in"), lab_metric(trial, "net.payload_out"));
    cr_expect_eq(lab_metric(trial, "net.payload_in"), number(net, "ingress", "payload_bytes"));
    cr_expect_gt(number(net, "ingress", "bytes"), number(net, "ingress", "payload_bytes"));
    cr_expect_geq(lab_metric(trial, "net.packets_in"), 600);
    cr_expect_geq(number(net, "xdp", "packets"), 600);
    cr_expect_eq(lab_metric(trial, "net.retransmits"), 0);
    cr_expect_eq(lab_metric(trial, "net.xdp_errors"), 0);
    cr_expect_eq(number(net, NULL, "unparsed"), 0);
    cr_expect_eq(number(net, "health", "tc_attached"), 2);
    cr_expect_eq(number(net, "health", "xdp_attached"), 1);
    cr_expect_gt(lab_metric(trial, "sched.switches"), 0, "the other probes are there, too");
    json_decref(trial);
    trial = lab_trial(&lab, "server", "bare", 0);
    cr_expect_null(json_object_get(trial, "net"), "a bare trial stays bare");
    json_decref(trial);
    lab_close(&lab);
}

Test(netcount, the_network_s_probes_work_alone)
{
    struct lab lab;
    lab_run(&lab, MANIFEST("{net: on, sched: off, go: none}", "{network: loopback}"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "server", "observed", 0);
    cr_expect_gt(lab_metric(trial, "net.payload_in"), 0);
    json_decref(trial);
    lab_close(&lab);
}

Test(netcount, the_host_s_network_is_not_counted_and_says_why)
{
    struct lab lab;
    lab_run(&lab, MANIFEST("{net: on}", "{network: host}"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "server", "observed", 0);
    const json_t *net = json_object_get(trial, "net");
    const char *reason = json_string_value(json_object_get(net, "reason"));
    cr_expect_str_eq(json_string_value(json_object_get(net, "probes")), "off");
    cr_assert_not_null(reason);
    cr_expect_not_null(strstr(reason, "host's network"));
    const json_t *metric = json_object_get(json_object_get(trial, "metrics"), "net.payload_in");
    cr_expect(json_is_null(json_object_get(metric, "value")));
    cr_expect_str_eq(json_string_value(json_object_get(metric, "reason")), reason);
    json_decref(trial);
    lab_close(&lab);
}

Test(netcount, is_off_unless_it_is_asked_for)
{
    struct lab lab;
    lab_run(&lab, MANIFEST("{}", "{network: loopback}"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "server", "observed", 0);
    cr_expect_null(json_object_get(trial, "net"));
    cr_expect_null(json_object_get(json_object_get(trial, "metrics"), "net.payload_in"));
    json_decref(trial);
    lab_close(&lab);
}
