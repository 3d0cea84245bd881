#include "runner/findings/findings.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "runner/findings/blocking.h"
#include "runner/findings/budget.h"
#include "runner/findings/lives.h"
#include "runner/findings/processors.h"
#include "runner/findings/starving.h"
#include "runner/findings/thresholds.h"
#include "runner/findings/timers.h"
#include "runner/metrics/figure.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct finding_info table[] = {
    {FINDING_GOROUTINE_LEAK,
     "goroutine-leak",
     SEVERITY_SERIOUS,
     NEED_GO,
     "goroutines that never end become more and more",
     "See to it that every goroutine can end: give the channel room for what nobody may fetch, close it when "
     "no "
     "more comes, or let the goroutine wait in a select that has <-ctx.Done() as well.",
     {METRIC_GOROUTINES_LEAKED},
     1,
     lives_judge_leak},
    {FINDING_GOROUTINE_CHURN,
     "goroutine-churn",
     SEVERITY_WARNING,
     NEED_GO | NEED_SCHED,
     "goroutines are started for next to nothing",
     "Let a few goroutines, about as many as GOMAXPROCS, take the work from a channel, or hand each one a "
     "larger "
     "piece.",
     {METRIC_GOROUTINES_CREATED, METRIC_GOROUTINES_RUN_SLICE},
     2,
     lives_judge_churn},
    {FINDING_TIMER_ABUSE,
     "timer-abuse",
     SEVERITY_WARNING,
     NEED_FULL,
     "timers are made in masses and hardly ever fire",
     "Make one timer before the loop (time.NewTimer) and Reset it in each turn instead of calling "
     "time.After; stop "
     "what is not needed any more.",
     {METRIC_TIMERS_MADE, METRIC_TIMERS_STOPPED},
     2,
     timers_judge},
    {FINDING_NETPOLL_STARVATION,
     "netpoll-starvation",
     SEVERITY_WARNING,
     NEED_FULL | NEED_SCHED,
     "what came from the network waits because computing holds every P",
     "Let fewer goroutines compute at once than GOMAXPROCS (as many workers, or a semaphore), so that a P is "
     "left for what comes from the network; wait by time.Sleep or on a channel, never by looking again in a "
     "loop.",
     {METRIC_NETPOLL_WAKE_LATENCY, METRIC_GOROUTINES_RUN_SLICE},
     2,
     starving_judge},
    {FINDING_BLOCKED_SENDS,
     "blocked-sends",
     SEVERITY_WARNING,
     NEED_GO,
     "goroutines mainly wait for somebody to receive what they send",
     "Receive faster or in more goroutines, or start fewer that send; a send that may be given up belongs in "
     "a "
     "select with <-ctx.Done(). A larger buffer helps only where the receiver catches up.",
     {METRIC_GOROUTINES_BLOCK_TIME, METRIC_GOROUTINES_LEAKED},
     2,
     blocking_judge_sends},
    {FINDING_LOCK_CONVOY,
     "lock-convoy",
     SEVERITY_WARNING,
     NEED_FULL,
     "many goroutines stand in line for one lock",
     "Hold the lock for as little as possible (no I/O, no sleep, no long computing), split it by key, or let "
     "each "
     "goroutine gather its own result and join them at the end.",
     {METRIC_GOROUTINES_BLOCK_TIME},
     1,
     blocking_judge_convoy},
    {FINDING_SYSCALL_HANDOFF,
     "syscall-handoff",
     SEVERITY_WARNING,
     NEED_FULL | NEED_SCHED,
     "blocking system calls keep threads, and more threads are made",
     "Use the net and os packages, whose waiting costs no thread (netpoll), or let a few goroutines make the "
     "calls "
     "that block.",
     {METRIC_SYSCALLS, METRIC_SCHED_THREADS_PEAK},
     2,
     processors_judge_handoff},
    {FINDING_THROTTLED,
     "throttled",
     SEVERITY_WARNING,
     NEED_BARE,
     "cpu.max decides the result",
     "The quota counts for each period (100 ms) on its own: set GOMAXPROCS to it, rounded up (Go 1.25 and "
     "later "
     "do so by themselves), spread work over time, or raise cpu.max. Compare CPU times, not wall times.",
     {METRIC_CPU_THROTTLED},
     0,
     budget_judge_throttled},
    {FINDING_GC_PRESSURE,
     "gc-pressure",
     SEVERITY_WARNING,
     NEED_GO,
     "the garbage collector hardly rests",
     "Use buffers again (sync.Pool, or one that outlives the loop), make slices with the capacity that they "
     "will "
     "need; where memory is to spare, raise GOGC or set GOMEMLIMIT.",
     {METRIC_GC_COUNT},
     1,
     budget_judge_gc},
    {FINDING_SPINNING,
     "spinning",
     SEVERITY_NOTE,
     NEED_FULL | NEED_SCHED,
     "threads look for work and find none",
     "Wait on a channel instead of looking again after a short sleep, hand over work in larger pieces, or "
     "lower "
     "GOMAXPROCS: there is not enough to do at once for so many Ps.",
     {METRIC_SCHED_ON_CPU},
     1,
     processors_judge_spinning},
    {FINDING_OVERSUBSCRIBED,
     "oversubscribed",
     SEVERITY_WARNING,
     NEED_SCHED,
     "more threads want to run than there are CPUs",
     "Leave GOMAXPROCS at the number of CPUs; more do not compute faster, they wait for each other. Look for "
     "cgo "
     "and blocking system calls, which make threads, too.",
     {METRIC_SCHED_RUN_QUEUE_LATENCY},
     1,
     processors_judge_oversubscribed},
};
_Static_assert(COUNT_OF(table) == FINDING_COUNT, "every finding has its row");

const struct finding_info *finding_info(enum finding_id id)
{
    return (unsigned)id < FINDING_COUNT ? &table[id] : NULL;
}

const struct finding_info *finding_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

static const char *const severities[] = {
    [SEVERITY_NONE] = "none",
    [SEVERITY_NOTE] = "note",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_SERIOUS] = "serious",
};

const char *severity_name(enum severity severity)
{
    return (unsigned)severity < SEVERITY_COUNT ? severities[severity] : "";
}

enum severity severity_by_name(const char *name)
{
    unsigned severity = 0;
    while (severity < SEVERITY_COUNT && strcmp(severities[severity], name) != 0)
        severity++;
    return (enum severity)severity;
}

void finding_needs(const struct finding_info *info, char *text, size_t size)
{
    static const struct {
        enum finding_need need;
        const char *words;
    } needs[] = {
        {NEED_BARE, "bare trials"}, {NEED_GO, "go: core"}, {NEED_FULL, "go: full"}, {NEED_SCHED, "sched"}};
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < COUNT_OF(needs); i++)
        if (info->needs & needs[i].need && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", needs[i].words);
}

static void print_thresholds(enum finding_id id, FILE *out)
{
    for (unsigned i = 0; i < THRESHOLD_COUNT; i++) {
        const struct threshold *row = threshold_info((enum threshold_id)i);
        char value[32];
        if (row->finding != id)
            continue;
        figure_text(row->value, metric_unit_name(row->unit), value, sizeof value);
        fprintf(out, "  %9s  %s:\n%13s%s\n", value, row->meaning, "", row->why);
    }
}

void findings_print_reference(FILE *out)
{
    fprintf(out, "%-19s %-9s %-16s %s\n", "finding", "severity", "needs", "meaning");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char needs[48];
        finding_needs(&table[i], needs, sizeof needs);
        fprintf(out, "%-19s %-9s %-16s %s\n", table[i].name, severity_name(table[i].severity), needs,
                table[i].meaning);
    }
    fputs("\nFrom which value on, why from there, and what to change:\n", out);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        fprintf(out, "\n%s\n", table[i].name);
        print_thresholds(table[i].id, out);
        fprintf(out, "  %s\n", table[i].advice);
    }
}

/* --- judging ---------------------------------------------------------------------------------------------
 */

/* More than one event in so many is missing: shares and averages are anybody's guess. */
#define LOST_MOST 10

static const char *missing_probes(const struct finding_info *info, const struct findings_input *input)
{
    if (info->needs & NEED_SCHED && input->no_sched)
        return input->no_sched;
    if (info->needs & (NEED_GO | NEED_FULL) && input->no_go)
        return input->no_go;
    return info->needs & NEED_FULL ? input->no_full : NULL;
}

static bool can_judge(const struct finding_info *info, const struct findings_input *input,
                      struct findings *findings)
{
    char *why = findings->not_looked_for[info->id];
    const char *missing = missing_probes(info, input);
    if (missing) {
        snprintf(why, FINDING_REASON, "%s", missing);
        return false;
    }
    uint64_t lost = findings_lost(input, info->id);
    if (input->tallies && lost > input->tallies->events / LOST_MOST) {
        snprintf(why, FINDING_REASON, "%llu events that it rests on are missing", (unsigned long long)lost);
        return false;
    }
    return true;
}

void findings_judge(const struct findings_input *input, struct findings *findings)
{
    memset(findings, 0, sizeof *findings);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct finding_info *info = &table[i];
        bool bare = info->needs & NEED_BARE;
        if (bare == input->observed || !can_judge(info, input, findings))
            continue;
        findings->looked_for[info->id] = true;
        size_t before = findings->count;
        info->judge(input, findings);
        for (size_t j = before; j < findings->count; j++)
            findings->list[j].lost = findings_lost(input, info->id);
    }
}

struct finding *findings_add(struct findings *findings, enum finding_id id)
{
    size_t of_kind = 0;
    for (size_t i = 0; i < findings->count; i++)
        of_kind += findings->list[i].info->id == id;
    if (of_kind == FINDINGS_OF_A_KIND || findings->count == FINDINGS_MAX)
        return NULL;
    struct finding *finding = &findings->list[findings->count++];
    finding->info = &table[id];
    return finding;
}

void finding_figure(struct finding *finding, const char *key, double value)
{
    if (finding->figure_count == FINDING_FIGURES_MAX)
        return;
    finding->figures[finding->figure_count].key = key;
    finding->figures[finding->figure_count++].value = value;
}

void finding_says(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->sentence, sizeof finding->sentence, format, arguments);
    va_end(arguments);
}

bool findings_know_reasons(const struct findings_input *input, struct findings *findings, enum finding_id id)
{
    if (!input->tallies->reasons_named)
        findings_cannot(findings, id, "what this Go version calls its wait reasons is not known");
    return input->tallies->reasons_named;
}

void findings_cannot(struct findings *findings, enum finding_id id, const char *reason)
{
    findings->looked_for[id] = false;
    snprintf(findings->not_looked_for[id], FINDING_REASON, "%s", reason);
}

double findings_metric(const struct findings_input *input, enum metric_id id)
{
    const struct metric_value *value = &input->metrics->values[id];
    return value->known ? value->value : NAN;
}

uint64_t findings_lost(const struct findings_input *input, enum finding_id id)
{
    uint64_t most = 0;
    for (size_t i = 0; i < table[id].rests_on_count; i++) {
        const struct metric_value *value = &input->metrics->values[table[id].rests_on[i]];
        if (value->lossy && value->lost > most)
            most = value->lost;
    }
    return most;
}
