#include "runner/load/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACE "{url}"

char *command_word(const char *word, const char *url)
{
    char *filled = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&filled, &size);
    if (!out)
        return NULL;
    for (const char *next; url && (next = strstr(word, PLACE)); word = next + strlen(PLACE))
        fprintf(out, "%.*s%s", (int)(next - word), word, url);
    fputs(word, out);
    if (fclose(out) == 0)
        return filled;
    free(filled);
    return NULL;
}

int command_exec(const struct string_list *command, const char *url, struct error *error)
{
    static char *const environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                        "HOME=/", "LANG=C.UTF-8", NULL};
    char **argv = calloc(command->count + 1, sizeof *argv);
    for (size_t i = 0; argv && i < command->count; i++) {
        argv[i] = command_word(command->items[i], url);
        if (!argv[i])
            return error_set(error, ERROR_INTERNAL, ENOMEM, "start load.command");
    }
    if (!argv || !argv[0])
        return error_set(error, ERROR_INTERNAL, ENOMEM, "start load.command");
    setenv("PATH", environment[0] + strlen("PATH="), 1); /* where execvpe(3) looks */
    execvpe(argv[0], argv, environment);
    return error_set(error, ERROR_USAGE, errno, "start load.command %s", argv[0]);
}
