#include "bpf/variant.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "bpf/events.h"
#include "bpf/shared.h"

#include "bpf/before_5_15/observer.skel.h"
#include "bpf/observer.skel.h"

/* Variables are reached by the skeleton of the first variant. */
#define SAME(type, member)                                                                                   \
    _Static_assert(offsetof(__typeof__(*((struct observer_bpf *)0)->type), member) ==                        \
                       offsetof(__typeof__(*((struct before_5_15_bpf *)0)->type), member),                   \
                   "the variants differ")
SAME(rodata, wakeup_bytes);
SAME(rodata, switch_has_state);
SAME(rodata, drop_has_socket);
SAME(rodata, retransmit_has_error);
SAME(bss, observed);
SAME(bss, wakeup_pending);
SAME(bss, layouts);
SAME(bss, numbers);
SAME(bss, late_wakes);
SAME(bss, counted_kinds);
SAME(bss, net_namespace);
_Static_assert(sizeof(((struct observer_bpf *)0)->maps) == sizeof(((struct before_5_15_bpf *)0)->maps),
               "the variants differ");
_Static_assert(sizeof(((struct observer_bpf *)0)->progs) == sizeof(((struct before_5_15_bpf *)0)->progs),
               "the variants differ");

static struct observer_bpf *open_before_5_15(const struct bpf_object_open_opts *options)
{
    struct observer_bpf *programs = calloc(1, sizeof *programs);
    if (!programs)
        return NULL;
    int result = observer_bpf__create_skeleton(programs);
    if (result == 0) {
        size_t size;
        programs->skeleton->data = (void *)before_5_15_bpf__elf_bytes(&size);
        programs->skeleton->data_sz = size;
        result = bpf_object__open_skeleton(programs->skeleton, options);
    }
    if (result == 0)
        return programs;
    observer_bpf__destroy(programs);
    errno = -result;
    return NULL;
}

struct observer_bpf *variant_open(bool before_5_15, const struct bpf_object_open_opts *options)
{
    return before_5_15 ? open_before_5_15(options) : observer_bpf__open_opts(options);
}
