#include "runner/findings/record.h"

/* Names come from the demo's executable: what is no text is left out as if it had none. */
static void set_name(json_t *json, const char *key, const char *name)
{
    json_t *text = name ? json_string(name) : NULL;
    if (text)
        json_object_set_new(json, key, text);
}

static json_t *stack_json(const struct tally_stack *stack)
{
    json_t *frames = json_array();
    for (size_t i = 0; i < stack->depth; i++) {
        json_t *name = stack->frames[i] ? json_string(stack->frames[i]) : NULL;
        json_array_append_new(frames, name ? name : json_null());
    }
    return frames;
}

static json_t *finding_json(const struct finding *finding)
{
    json_t *evidence = json_object();
    for (size_t i = 0; i < finding->figure_count; i++)
        json_object_set_new(evidence, finding->figures[i].key, metric_number(finding->figures[i].value));
    json_t *json = json_object();
    json_object_set_new(json, "name", json_string(finding->info->name));
    json_object_set_new(json, "severity", json_string(severity_name(finding->info->severity)));
    json_object_set_new(json, "sentence", json_string(finding->sentence));
    json_object_set_new(json, "advice", json_string(finding->info->advice));
    json_object_set_new(json, "evidence", evidence);
    set_name(json, "created_by", finding->creator);
    set_name(json, "function", finding->function);
    set_name(json, "reason", finding->reason);
    if (finding->stack.depth)
        json_object_set_new(json, "stack", stack_json(&finding->stack));
    if (finding->has_span) {
        json_object_set_new(json, "first_ns", metric_number((double)finding->first));
        json_object_set_new(json, "last_ns", metric_number((double)finding->last));
    }
    if (finding->lost) {
        json_object_set_new(json, "lossy", json_true());
        json_object_set_new(json, "lost", metric_number((double)finding->lost));
    }
    return json;
}

json_t *findings_json(const struct findings *findings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(list, finding_json(&findings->list[i]));
    return list;
}

json_t *findings_not_looked_for_json(const struct findings *findings)
{
    json_t *list = json_array();
    for (unsigned id = 0; id < FINDING_COUNT; id++) {
        if (!findings->not_looked_for[id][0])
            continue;
        json_t *row = json_object();
        json_object_set_new(row, "name", json_string(finding_info((enum finding_id)id)->name));
        json_object_set_new(row, "reason", json_string(findings->not_looked_for[id]));
        json_array_append_new(list, row);
    }
    return list;
}
