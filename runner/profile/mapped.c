#include "runner/profile/mapped.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/profile/maps.h"
#include "runner/support/fd.h"

#define SPACES_MOST 1024
#define MAPS_BYTES  (4u << 20)
#define READS_MOST  32        /* of one space: an address may be in no mapping at all */
#define READ_NS     100000000 /* between two of them */

struct space {
    struct table_key key; /* id: the address, space: the pid */
    struct maps maps;
    uint64_t read_ns; /* CLOCK_MONOTONIC of the last reading */
    uint32_t reads;
};

int mapped_open(struct mapped *mapped)
{
    *mapped = (struct mapped){.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return table_open(&mapped->table, sizeof(struct space), SPACES_MOST);
}

void mapped_close(struct mapped *mapped)
{
    struct space *space = NULL;
    while (mapped->table.slots && (space = table_next(&mapped->table, space)))
        maps_free(&space->maps);
    table_close(&mapped->table);
    fd_close(&mapped->proc);
}

/* Whether the process that has this pid here, now, is the sample's: it may have ended or executed something
   else since, and in a PID namespace of our own numbers mean other processes. Field 27 is end_code: proc(5).
 */
static int is_same(const struct mapped *mapped, const struct profile_sample *sample)
{
    char path[32];
    char text[1024];
    snprintf(path, sizeof path, "%u/stat", sample->pid);
    if (fd_read_text(mapped->proc, path, text, sizeof text) < 0)
        return 0;
    const char *field = strrchr(text, ')'); /* field 2 */
    for (int number = 2; field && number < 27; number++) {
        field = strchr(field, ' ');
        field = field ? field + 1 : NULL;
    }
    return field && strtoull(field, NULL, 10) == sample->code_end;
}

static void read_maps(const struct mapped *mapped, const struct profile_sample *sample, struct space *space)
{
    char path[32];
    AUTO_FREE char *text = NULL;
    size_t size;
    struct maps maps;
    space->reads++;
    space->read_ns = clock_monotonic_ns();
    snprintf(path, sizeof path, "%u/maps", sample->pid);
    if (fd_read_file(mapped->proc, path, MAPS_BYTES, &text, &size) < 0 || !is_same(mapped, sample) ||
        maps_parse(text, &maps) < 0)
        return;
    maps_free(&space->maps);
    space->maps = maps;
}

static struct space *find(struct mapped *mapped, const struct profile_sample *sample)
{
    struct space *space = table_find(&mapped->table, sample->space, sample->pid);
    if (space)
        return space;
    if (mapped->table.count == SPACES_MOST) { /* any one: should its process still live, it is read again */
        space = table_next(&mapped->table, NULL);
        maps_free(&space->maps);
        table_remove(&mapped->table, space);
    }
    if (table_insert(&mapped->table, sample->space, sample->pid, (void *)&space) < 0)
        return NULL;
    read_maps(mapped, sample, space);
    return space;
}

const char *mapped_name_at(struct mapped *mapped, const struct profile_sample *sample, uint64_t address)
{
    struct space *space = sample->space ? find(mapped, sample) : NULL;
    const char *name = space ? maps_name_at(&space->maps, address) : NULL;
    if (name || !space || space->reads >= READS_MOST || sample->time < space->read_ns + READ_NS)
        return name;
    read_maps(mapped, sample, space);
    return maps_name_at(&space->maps, address);
}
