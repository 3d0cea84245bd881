#include "runner/report/page/conditions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"

/* Keys on the way down in experiment.json, and how to show what stands there. */
struct fact {
    const char *label;
    const char *path[4];
    const char *unit;  /* of a number; NULL: as it is */
    const char *unset; /* for null */
};

static const struct fact machine[] = {
    {"kernel", {"environment", "kernel_release"}},
    {"distribution", {"environment", "distribution"}},
    {"CPU", {"environment", "cpu_model"}},
    {"CPUs online", {"environment", "cpus_online"}},
    {"CPUs isolated", {"environment", "cpus_isolated"}},
    {"cores", {"environment", "cpu_topology", "cores"}},
    {"threads", {"environment", "cpu_topology", "threads"}},
    {"SMT", {"environment", "smt"}},
    {"governor", {"environment", "governor"}, NULL, "not told by this machine"},
    {"turbo", {"environment", "turbo"}, NULL, "not told by this machine"},
    {"memory", {"environment", "memory_bytes"}, "bytes"},
    {"swap", {"environment", "swap_bytes"}, "bytes"},
    {"huge pages", {"environment", "huge_pages"}},
    {"clock", {"environment", "clock"}},
    {"limits enforced by", {"enforcement"}},
    {"runner", {"runner_version"}},
    {"begun", {"started"}},
    {"ended", {"ended"}},
};

static const struct fact controls[] = {
    {"GOMAXPROCS", {"manifest", "controls", "gomaxprocs"}, NULL, "not set"},
    {"GOGC", {"manifest", "controls", "gogc"}, NULL, "not set"},
    {"GOMEMLIMIT", {"manifest", "controls", "gomemlimit_bytes"}, "bytes", "not set"},
    {"GODEBUG", {"manifest", "controls", "godebug"}, NULL, "not set"},
    {"cpu.max, time a period", {"manifest", "controls", "cgroup", "cpu_quota_us"}, "us", "not set"},
    {"cpu.max, period", {"manifest", "controls", "cgroup", "cpu_period_us"}, "us", "not set"},
    {"cpuset.cpus", {"manifest", "controls", "cgroup", "cpuset_cpus"}, NULL, "not set"},
    {"memory.max", {"manifest", "controls", "cgroup", "memory_max_bytes"}, "bytes", "not set"},
    {"memory.high", {"manifest", "controls", "cgroup", "memory_high_bytes"}, "bytes", "not set"},
    {"memory.low", {"manifest", "controls", "cgroup", "memory_low_bytes"}, "bytes", "not set"},
    {"memory.swap.max", {"manifest", "controls", "cgroup", "memory_swap_max_bytes"}, "bytes", "not set"},
    {"pids.max", {"manifest", "controls", "cgroup", "pids_max"}, NULL, "not set"},
    {"address space randomised", {"manifest", "controls", "aslr"}},
    {"timeout", {"manifest", "controls", "timeout_ns"}, "ns", "not set"},
    {"stopped after", {"manifest", "controls", "stop_after_ns"}, "ns", "not stopped"},
    {"warm-up trials", {"manifest", "trials", "warmup"}},
    {"bare trials", {"manifest", "trials", "bare"}},
    {"observed trials", {"manifest", "trials", "observed"}},
    {"baseline against its copy", {"manifest", "trials", "aa"}},
    {"order", {"manifest", "trials", "order"}},
    {"seed", {"manifest", "trials", "seed"}},
    {"load, URL", {"manifest", "load", "http", "url"}},
    {"load, requests a second", {"manifest", "load", "http", "rates_per_s"}},
    {"load, measured for", {"manifest", "load", "http", "duration_ns"}, "ns"},
    {"load, command", {"manifest", "load", "command"}},
    {"probes.sched", {"manifest", "probes", "sched"}},
    {"probes.go", {"manifest", "probes", "go"}},
    {"probes.net", {"manifest", "probes", "net"}},
    {"probes.cpu, Hz", {"manifest", "probes", "cpu_hz"}},
    {"network", {"manifest", "sandbox", "network"}},
};

static const struct fact noise[] = {
    {"load average before", {"noise", "before", "load_average"}},
    {"load average after", {"noise", "after", "load_average"}},
};

/* Of a demo in the experiment's `demos`. */
static const struct fact build[] = {
    {"built", {"built"}},
    {"not built because", {"failure"}},
    {"Go", {"go_version"}},
    {"package", {"main_package"}},
    {"go line of go.mod", {"go_line"}},
    {"executable, SHA-256", {"sha256"}},
    {"source, SHA-256", {"source_sha256"}},
    {"probe points wanted", {"go_probes", "wanted"}},
    {"probe points attached", {"go_probes", "attached"}},
    {"probe points missing", {"go_probes", "missing"}},
    {"Go probes off because", {"go_probes", "off"}},
};

static const json_t *look_up(const json_t *json, const struct fact *fact)
{
    for (size_t i = 0; i < sizeof fact->path / sizeof *fact->path && fact->path[i]; i++)
        json = json_object_get(json, fact->path[i]);
    return json;
}

static void write_value(FILE *out, const json_t *value, const struct fact *fact)
{
    size_t index;
    const json_t *item;
    if (json_is_string(value)) {
        html_text(out, json_string_value(value));
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "yes" : "no", out);
    } else if (json_is_number(value) && fact->unit && strcmp(fact->unit, "us") == 0) {
        put_figure(out, json_number_value(value) * 1000, "ns");
    } else if (json_is_number(value) && fact->unit) {
        put_figure(out, json_number_value(value), fact->unit);
    } else if (json_is_integer(value)) {
        html_put(out, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        html_put(out, "%.2f", json_real_value(value));
    } else if (json_array_size(value)) {
        json_array_foreach (value, index, item) {
            fputs(index ? ", " : "", out);
            write_value(out, item, fact);
        }
    } else {
        fputs(fact->unset ? fact->unset : "not known", out);
    }
}

static bool differ(const json_t *const *roots, size_t count, const struct fact *fact)
{
    for (size_t i = 1; i < count; i++) {
        const json_t *one = look_up(roots[0], fact), *other = look_up(roots[i], fact);
        if (one != other && !json_equal(one, other))
            return true;
    }
    return false;
}

static bool known_to_any(const json_t *const *roots, size_t count, const struct fact *fact)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = look_up(roots[i], fact);
        bool empty = json_is_string(value) && !json_string_value(value)[0];
        if (value && !empty && (!json_is_null(value) || fact->unset))
            return true;
    }
    return false;
}

static void write_rows(FILE *out, const json_t *const *roots, size_t count, const struct fact *facts,
                       size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        if (!known_to_any(roots, count, &facts[i]))
            continue;
        html_put(out,
                 differ(roots, count, &facts[i]) ? "<tr class=\"differs\"><th scope=\"row\">%s</th>"
                                                 : "<tr><th scope=\"row\">%s</th>",
                 facts[i].label);
        for (size_t column = 0; column < count; column++) {
            fputs("<td>", out);
            write_value(out, look_up(roots[column], &facts[i]), &facts[i]);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
}
#define ROWS(facts) facts, sizeof(facts) / sizeof *(facts)

static void begin_table(FILE *out, const char *caption)
{
    html_put(out,
             "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n<table "
             "class=\"facts\">\n<caption>%s</caption>\n",
             caption, caption);
}

static void end_table(FILE *out)
{
    fputs("</tbody>\n</table>\n</div>\n", out);
}

static void name_bundles(FILE *out, const struct report *report, const char *first)
{
    html_put(out, "<thead><tr><th scope=\"col\">%s</th>", first);
    for (size_t i = 0; i < report->count; i++)
        html_put(out, "<th scope=\"col\">%s</th>", source_name(&report->sources[i]));
    fputs("</tr></thead>\n<tbody>\n", out);
}

/* Pressure and steal between the beginning and the end. */
static void write_pressure(FILE *out, const struct report *report)
{
    static const char *const kinds[] = {"cpu", "memory", "io"};
    for (size_t kind = 0; kind < 3; kind++) {
        html_put(out, "<tr><th scope=\"row\">somebody waited for %s</th>", kinds[kind]);
        for (size_t i = 0; i < report->count; i++) {
            const json_t *noises = json_object_get(report->sources[i].experiment, "noise");
            double ends[2];
            for (int at = 0; at < 2; at++) {
                const json_t *moment = json_object_get(noises, at ? "after" : "before");
                ends[at] =
                    fact_number(json_object_get(json_object_get(moment, "pressure"), kinds[kind]), "some_us");
            }
            fputs("<td>", out);
            put_figure(out, (ends[1] - ends[0]) * 1000, "ns");
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("<tr><th scope=\"row\">the hypervisor took</th>", out);
    for (size_t i = 0; i < report->count; i++) {
        const json_t *noises = json_object_get(report->sources[i].experiment, "noise");
        const json_t *before = json_object_get(noises, "before"), *after = json_object_get(noises, "after");
        double stolen = fact_number(after, "steal_ticks") - fact_number(before, "steal_ticks");
        double all = fact_number(after, "cpu_ticks") - fact_number(before, "cpu_ticks");
        if (all > 0 && stolen >= 0)
            html_put(out, "<td>%.1f%% of the CPUs' time</td>", stolen / all * 100);
        else
            fputs("<td>not known</td>", out);
    }
    fputs("</tr>\n", out);
}

static void write_builds(FILE *out, const struct source *source)
{
    json_t *demos = json_object_get(source->experiment, "demos"), *demo;
    size_t count = json_object_size(demos), used = 0;
    const char *name;
    const json_t **roots = calloc(count + 1, sizeof *roots);
    if (!roots || !count) {
        free(roots);
        return;
    }
    begin_table(out, "Builds");
    fputs("<thead><tr><th scope=\"col\">Demo</th>", out);
    json_object_foreach (demos, name, demo) {
        html_put(out, "<th scope=\"col\">%s</th>", name);
        roots[used++] = demo;
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    write_rows(out, roots, count, ROWS(build));
    end_table(out);
    free(roots);
}

void conditions_section(FILE *out, const struct report *report)
{
    const json_t **roots = calloc(report->count, sizeof *roots);
    if (!roots)
        return;
    for (size_t i = 0; i < report->count; i++)
        roots[i] = report->sources[i].experiment;
    static const struct {
        const char *caption;
        const struct fact *facts;
        size_t count;
    } tables[] = {{"Machine", ROWS(machine)}, {"Controls, the same for every demo", ROWS(controls)}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        begin_table(out, tables[i].caption);
        name_bundles(out, report, "Condition");
        write_rows(out, roots, report->count, tables[i].facts, tables[i].count);
        end_table(out);
    }
    begin_table(out, "What else used the machine");
    name_bundles(out, report, "While it ran");
    write_rows(out, roots, report->count, ROWS(noise));
    write_pressure(out, report);
    end_table(out);
    for (size_t i = 0; i < report->count; i++)
        write_builds(out, &report->sources[i]);
    free(roots);
}
