#include "runner/manifest/load_checks.h"

#include <string.h>

#include "runner/manifest/units.h"

struct choice {
    const char *key;
    int value;
};

/* The choice whose key stands in `node`, the last where there are several (diagnosed); NULL: none. */
static const struct choice *choose(struct diagnostics *diagnostics, const struct tree_node *node,
                                   const struct choice *choices, const char *name)
{
    const struct choice *chosen = NULL;
    for (; choices->key; choices++) {
        const struct tree_node *at = tree_get(node, choices->key);
        if (at && chosen)
            diagnostics_add(diagnostics, at->place, "%s: either %s or %s, not both", name, chosen->key,
                            choices->key);
        if (at)
            chosen = choices;
    }
    return chosen;
}

static void check_body(struct diagnostics *diagnostics, const struct tree_node *http, struct load_http *load)
{
    static const struct choice bodies[] = {
        {"json", BODY_JSON}, {"file", BODY_FILE}, {"text", BODY_TEXT}, {NULL, 0}};
    const struct tree_node *body = tree_get(http, "body");
    const struct choice *chosen = choose(diagnostics, body, bodies, "load.http.body");
    if (chosen)
        load->body = (enum load_body)chosen->value;
    else if (body && body->kind == TREE_MAPPING)
        diagnostics_add(diagnostics, body->place, "load.http.body: one of json, file and text is missing");
}

static bool is_loopback(const struct load_url *url)
{
    static const uint8_t loopback6[16] = {[15] = 1};
    return url->ipv6 ? memcmp(url->address, loopback6, sizeof loopback6) == 0 : url->address[0] == 127;
}

static void check_http(struct diagnostics *diagnostics, const struct tree_node *http,
                       struct experiment *experiment)
{
    static const struct choice rates[] = {{"rate", 0}, {"steps", 1}, {NULL, 0}};
    struct load_http *load = &experiment->load.http;
    const struct choice *chosen = choose(diagnostics, http, rates, "load.http");
    if (!chosen)
        diagnostics_add(diagnostics, http->place, "load.http has neither rate nor steps");
    else if (!chosen->value)
        load->step_count = 1;
    check_body(diagnostics, http, load);
    const struct tree_node *connections = tree_get(http, "connections");
    const struct tree_node *start = tree_get(connections, "start");
    const struct tree_node *most = tree_get(connections, "most");
    if (load->connections_start > load->connections_most && (start || most)) {
        if (!start)
            load->connections_start = load->connections_most;
        else
            diagnostics_add(diagnostics, start->place, "load.http.connections.start is above most (%u)",
                            load->connections_most);
    }
    if (load->url.text && experiment->sandbox.network == NETWORK_LOOPBACK && !is_loopback(&load->url))
        diagnostics_add(diagnostics, tree_get(http, "url")->place,
                        "load.http.url: the demo's network has nothing but its loopback: use 127.0.0.1, or "
                        "sandbox.network: host");
}

static bool names_url(const struct string_list *command)
{
    for (size_t i = 0; i < command->count; i++)
        if (strstr(command->items[i], "{url}"))
            return true;
    return false;
}

static void check_command(struct diagnostics *diagnostics, const struct tree_node *load,
                          const struct load_settings *settings)
{
    const struct tree_node *command = tree_get(load, "command");
    const struct tree_node *url = tree_get(load, "url");
    if (!command && url)
        diagnostics_add(diagnostics, url->place, "load.url is for load.command; load.http has its own url");
    else if (url && !names_url(&settings->command))
        diagnostics_add(diagnostics, url->place, "load.url: no word of load.command holds {url}");
    else if (command && !url && names_url(&settings->command))
        diagnostics_add(diagnostics, command->place, "load.command holds {url}, and load.url is missing");
}

static void check_ready(struct diagnostics *diagnostics, const struct tree_node *load,
                        struct load_settings *settings)
{
    static const struct choice ways[] = {
        {"tcp", READY_TCP}, {"http", READY_HTTP}, {"stdout", READY_STDOUT}, {NULL, 0}};
    const struct tree_node *ready = tree_get(load, "ready");
    const struct choice *chosen = choose(diagnostics, ready, ways, "load.ready");
    if (chosen) {
        settings->ready.kind = (enum load_ready)chosen->value;
    } else if (settings->kind == LOAD_HTTP) {
        settings->ready.kind = READY_TCP;
        settings->ready.port = settings->http.url.port;
    }
    if (settings->ready.kind == READY_HTTP && settings->kind == LOAD_COMMAND)
        diagnostics_add(diagnostics, tree_get(ready, "http")->place,
                        "load.ready.http asks the URL of load.http; with load.command use tcp or stdout");
    if (settings->ready.kind == READY_STDOUT && settings->ready.text && !*settings->ready.text)
        diagnostics_add(diagnostics, tree_get(ready, "stdout")->place,
                        "load.ready.stdout: the text is empty");
}

static void check_work(struct diagnostics *diagnostics, const struct tree_node *load,
                       struct load_settings *settings)
{
    if (settings->work.kind == WORK_REQUESTS && settings->kind == LOAD_COMMAND)
        diagnostics_add(diagnostics, tree_get(load, "work")->place,
                        "load.work: requests are counted by load.http alone; use run or {stdout: KEY}");
    if (settings->work.kind == WORK_DEFAULT)
        settings->work.kind = settings->kind == LOAD_HTTP ? WORK_REQUESTS : WORK_RUN;
}

/* The trial must be able to last as long as its load. */
static void check_times(struct diagnostics *diagnostics, const struct tree_node *root,
                        const struct experiment *experiment)
{
    const struct tree_node *controls = tree_get(root, "controls");
    const struct tree_node *timeout = tree_get(controls, "timeout");
    const struct tree_node *after = tree_get(tree_get(controls, "stop"), "after");
    uint64_t wanted = experiment->load.ready.within_ns + load_planned_ns(&experiment->load);
    if (after)
        diagnostics_add(diagnostics, after->place,
                        "controls.stop.after: with load the demo is stopped when the load is over");
    if (experiment->load.kind != LOAD_HTTP || !experiment->load.http.step_count ||
        experiment->controls.timeout_ns > wanted)
        return;
    char given[32];
    char least[32];
    units_format(experiment->controls.timeout_ns, units_time, given, sizeof given);
    units_format(wanted, units_time, least, sizeof least);
    diagnostics_add(
        diagnostics, (timeout ? timeout : tree_get(tree_get(root, "load"), "http"))->place,
        "controls.timeout of %s ends the trial before its load: ready.within, warmup and duration "
        "are %s together",
        given, least);
}

void load_checks_run(struct diagnostics *diagnostics, const struct tree_node *root,
                     struct experiment *experiment)
{
    static const struct choice kinds[] = {{"http", LOAD_HTTP}, {"command", LOAD_COMMAND}, {NULL, 0}};
    const struct tree_node *load = tree_get(root, "load");
    struct load_settings *settings = &experiment->load;
    if (!load || load->kind != TREE_MAPPING)
        return;
    const struct choice *chosen = choose(diagnostics, load, kinds, "load");
    if (!chosen) {
        diagnostics_add(diagnostics, load->place, "load has neither http nor command");
        return;
    }
    settings->kind = (enum load_kind)chosen->value;
    const struct tree_node *http = tree_get(load, "http");
    if (http && http->kind == TREE_MAPPING)
        check_http(diagnostics, http, experiment);
    check_command(diagnostics, load, settings);
    check_ready(diagnostics, load, settings);
    check_work(diagnostics, load, settings);
    check_times(diagnostics, root, experiment);
}
