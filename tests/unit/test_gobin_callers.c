#include "runner/gobin/callers.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

struct program {
    int fd;
    struct image image;
    struct functions functions;
    const struct function *callee;
    struct probe_site places[CALLERS_PLACES_MAX];
};

static void open_program(struct program *program, uint32_t minor, const char *kind)
{
    program->fd = go_fixture(minor, kind);
    cr_assert_eq(image_open(program->fd, kind, &program->image, NULL), 0);
    cr_assert_eq(functions_read(&program->image, &program->functions), 0);
    program->callee = functions_find(&program->functions, "runtime.casgstatus");
    cr_assert_not_null(program->callee);
}

static void close_program(struct program *program)
{
    functions_free(&program->functions);
    image_close(&program->image);
    close(program->fd);
}

static size_t find(struct program *program)
{
    return callers_find(&program->image, &program->functions, program->callee, GO_SITE_CASGSTATUS,
                        program->places);
}

/* Address of the byte at a file offset. */
static uint64_t address_of(const struct program *program, uint64_t offset)
{
    for (size_t i = 0; i < program->image.segment_count; i++) {
        const struct image_segment *segment = &program->image.segments[i];
        if (segment->executable && offset >= segment->offset && offset - segment->offset < segment->file_size)
            return segment->address + (offset - segment->offset);
    }
    return 0;
}

static void check_places(uint32_t minor, const char *kind)
{
    struct program program;
    open_program(&program, minor, kind);
    size_t count = find(&program);
    cr_assert(count >= 32 && count <= 40, "%s-1.%u: %zu", kind, minor, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t code[5];
        int32_t distance;
        uint64_t address = address_of(&program, program.places[i].offset);
        cr_assert_eq(pread(program.fd, code, sizeof code, (off_t)program.places[i].offset), 5);
        memcpy(&distance, code + 1, sizeof distance);
        cr_assert_eq(code[0], 0xe8);
        cr_assert_eq(address + 5 + (uint64_t)(int64_t)distance, program.callee->address);
        const char *caller = functions_at(&program.functions, address);
        cr_assert(caller && !callers_left_out(caller), "%s", caller);
        cr_assert_eq(program.places[i].use, SITE_ONE_OF_MANY);
        cr_assert_not(program.places[i].stack_check);
    }
    close_program(&program);
}

Test(gobin_callers, every_call_of_interest_is_found_however_it_was_linked, .timeout = 180)
{
    static const char *const kinds[] = {"plain", "pie-stripped", "cgo", "cgo-pie-stripped", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
            check_places(minors[i], kinds[kind]);
}

static void rename_function(struct program *program, const char *name)
{
    const struct function *function = functions_find(&program->functions, name);
    cr_assert_not_null(function);
    memcpy(program->functions.names + function->name, "runtime.X", 9);
}

/* A runtime that was changed: nothing may be missed by trusting the calls. */
Test(gobin_callers, there_is_no_list_where_a_function_that_must_call_does_not, .timeout = 120)
{
    static const char *const names[] = {"runtime.park_m", "runtime.ready", "runtime.execute"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    cr_assert_gt(go_fixture_minors(minors), 0u);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct program program;
        open_program(&program, minors[0], "plain");
        cr_assert_gt(find(&program), 0u);
        rename_function(&program, names[i]);
        cr_assert_eq(find(&program), 0u, "without %s", names[i]);
        close_program(&program);
    }
}

Test(gobin_callers, what_makes_no_event_is_left_out)
{
    cr_assert(callers_left_out("runtime.reentersyscall"));
    cr_assert(callers_left_out("runtime.exitsyscall"));
    cr_assert_not(callers_left_out("runtime.exitsyscall0"), "the goroutine has no P and queues");
    cr_assert_not(callers_left_out("runtime.exitsyscallNoP"));
    cr_assert_not(callers_left_out("runtime.park_m"));
}
