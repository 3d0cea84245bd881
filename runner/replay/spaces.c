#include "runner/replay/spaces.h"

/* More Go processes than a trial has at once. */
#define PROCESSES_MAX (1u << 16)

struct process {
    struct table_key key; /* id: pid */
    uint32_t space;
};

int spaces_open(struct spaces *spaces)
{
    *spaces = (struct spaces){0};
    return table_open(&spaces->processes, sizeof(struct process), PROCESSES_MAX);
}

void spaces_close(struct spaces *spaces)
{
    table_close(&spaces->processes);
}

int spaces_look_up(struct spaces *spaces, uint32_t pid, uint32_t *space)
{
    struct process *process = table_find(&spaces->processes, pid, 0);
    if (!process) {
        int result = table_insert(&spaces->processes, pid, 0, &process);
        if (result < 0)
            return result;
        process->space = ++spaces->given;
    }
    spaces->last_pid = pid;
    spaces->last_space = *space = process->space;
    return 0;
}

void spaces_end(struct spaces *spaces, uint32_t pid)
{
    struct process *process = table_find(&spaces->processes, pid, 0);
    if (process)
        table_remove(&spaces->processes, process);
    spaces->last_space = 0;
}
