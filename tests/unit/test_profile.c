/* Samples of a real Go executable, made up as the kernel would make them: names, stacks' ends, whose they
 * are. */
#include "runner/profile/profile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/unit/test_gobin_fixture.h"

#define NUMBER 5        /* of the executable */
#define BIAS   0x7f1200 /* times a page: where a position-independent one is put */

struct scene {
    struct gobin *binary;
    uint64_t bias, code_end;
    struct profile *profile;
    struct profile_health health;
    char folder[40];
    json_t *json;
};

static void scene_open(struct scene *scene, uint32_t minor, const char *kind)
{
    struct error error = {0};
    uint64_t start;
    *scene = (struct scene){.folder = "/tmp/runner-test-profile-XXXXXX"};
    AUTO_FD fd = go_fixture(minor, kind);
    cr_assert_not_null(mkdtemp(scene->folder));
    cr_assert_eq(gobin_open(fd, "fixture", &scene->binary, &error), 0, "%s", error.text);
    gobin_code(scene->binary, &start, &scene->code_end);
    scene->bias = gobin_is_pie(scene->binary) ? (uint64_t)BIAS << 12 : 0;
    struct profile_settings settings = {
        .binary = scene->binary, .executable = NUMBER, .goroutines = true, .depth_limit = 127};
    cr_assert_eq(profile_open(&settings, &scene->profile, &error), 0, "%s", error.text);
}

static void scene_close(struct scene *scene)
{
    json_decref(scene->json);
    profile_close(scene->profile);
    gobin_close(scene->binary);
    fd_remove_tree(AT_FDCWD, scene->folder);
}

/* Within a function, or behind a call in it. */
static uint64_t in(const struct scene *scene, const char *function, uint64_t offset)
{
    char symbol[128];
    uint64_t address = gobin_function_address(scene->binary, function);
    snprintf(symbol, sizeof symbol, "%s.abi0", function);
    address = address ? address : gobin_function_address(scene->binary, symbol);
    cr_assert(address, "%s", function);
    return address + offset + scene->bias;
}

static struct profile_sample sample_of(const struct scene *scene)
{
    return (struct profile_sample){
        .pid = 4999999, /* no such process: nothing else is known of it */
        .space = 0xffff888000001000,
        .code_end = scene->code_end + scene->bias,
        .executable = NUMBER,
        .goid = 18,
        .start_pc = in(scene, "runtime.main", 0),
        .creator_pc = in(scene, "main.main", 60),
        .comm = "fixture",
    };
}

static void add_frame(struct profile_sample *sample, uint64_t address)
{
    sample->frames[sample->kernel_depth + sample->user_depth++] = address;
}

static void write_profile(struct scene *scene)
{
    struct error error = {0};
    AUTO_FD dir = open(scene->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(profile_write(scene->profile, 10101010, dir, &error), 0, "%s", error.text);
    char path[80];
    snprintf(path, sizeof path, "%s/profile.json", scene->folder);
    scene->json = json_load_file(path, 0, NULL);
    cr_assert_not_null(scene->json);
    profile_read_health(scene->profile, &scene->health);
}

static const char *function_name(const struct scene *scene, json_int_t function)
{
    const json_t *row = json_array_get(json_object_get(scene->json, "functions"), (size_t)function);
    return json_string_value(json_object_get(row, "name"));
}

static json_int_t column(const struct scene *scene, const char *name, size_t node)
{
    return json_integer_value(
        json_array_get(json_object_get(json_object_get(scene->json, "nodes"), name), node));
}

/* The only stack, from the outermost function to the innermost: "a b c". */
static void expect_stack(const struct scene *scene, const char *expected)
{
    char text[4096] = "";
    size_t nodes = json_array_size(json_object_get(json_object_get(scene->json, "nodes"), "parent"));
    for (size_t i = 0; i < nodes; i++) {
        cr_expect_eq(column(scene, "parent", i), (json_int_t)i - 1);
        cr_expect_eq(column(scene, "samples", i), i + 1 == nodes);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 function_name(scene, column(scene, "function", i)));
    }
    cr_expect_str_eq(text, expected);
}

static const json_t *only_group(const struct scene *scene)
{
    const json_t *groups = json_object_get(scene->json, "groups");
    cr_expect_eq(json_array_size(groups), 1);
    return json_array_get(groups, 0);
}

static void expect_group(const struct scene *scene, const char *kind, const char *function,
                         const char *creator)
{
    static const char *const keys[] = {"function", "creator"};
    const char *const names[] = {function, creator};
    const json_t *group = only_group(scene);
    cr_expect_str_eq(json_string_value(json_object_get(group, "kind")), kind);
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_object_get(group, keys[i]);
        if (names[i])
            cr_expect_str_eq(function_name(scene, json_integer_value(value)), names[i]);
        else
            cr_expect(json_is_null(value), "%s", keys[i]);
    }
}

static void check_names(uint32_t minor, const char *kind)
{
    struct scene scene;
    scene_open(&scene, minor, kind);
    struct profile_sample sample = sample_of(&scene);
    add_frame(&sample, in(&scene, "runtime.chansend", 30));
    add_frame(&sample, in(&scene, "main.main", 50));
    add_frame(&sample, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_stack(&scene, "runtime.goexit main.main runtime.chansend");
    expect_group(&scene, "goroutine", "runtime.main", "main.main");
    const json_t *goroutine = json_array_get(json_object_get(scene.json, "goroutines"), 0);
    cr_expect_eq(json_integer_value(json_object_get(goroutine, "goid")), 18);
    cr_expect_eq(json_integer_value(json_object_get(goroutine, "samples")), 1);
    cr_expect_eq(json_integer_value(json_object_get(scene.json, "hz")), 99);
    cr_expect_eq(json_integer_value(json_object_get(scene.json, "samples")), 1);
    cr_expect_eq(scene.health.samples, 1);
    cr_expect_eq(scene.health.cut_broken, 0);
    cr_expect_eq(scene.health.unknown_frames, 0);
    scene_close(&scene);
}

Test(profile, functions_have_their_names_however_the_program_was_linked)
{
    static const char *const kinds[] = {"plain", "stripped", "pie", "pie-stripped", "cgo", "race"};
    uint32_t minors[FIXTURE_MINORS_MAX];
    size_t count = go_fixture_minors(minors);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            check_names(minors[i], kinds[k]);
}

Test(profile, nothing_is_outside_of_a_stack_s_bottom)
{
    static const char *const bottoms[] = {"runtime.goexit", "runtime.mcall",   "runtime.morestack",
                                          "runtime.mstart", "runtime.mstart0", "runtime.rt0_go"};
    for (size_t i = 0; i < sizeof bottoms / sizeof *bottoms; i++) {
        char expected[80];
        struct scene scene;
        scene_open(&scene, 23, "plain");
        struct profile_sample sample = sample_of(&scene);
        add_frame(&sample, in(&scene, "runtime.schedule", 30));
        add_frame(&sample, in(&scene, bottoms[i], 1));
        add_frame(&sample, in(&scene, "main.main", 50));
        cr_assert_eq(profile_add(scene.profile, &sample), 0);
        write_profile(&scene);
        snprintf(expected, sizeof expected, "%s runtime.schedule", bottoms[i]);
        expect_stack(&scene, expected);
        cr_expect_eq(scene.health.cut_broken, 0);
        scene_close(&scene);
    }
}

Test(profile, the_caller_of_a_function_without_a_frame_is_on_top_of_the_stack)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    sample.stack_top = in(&scene, "runtime.makeslice", 40);
    add_frame(&sample, in(&scene, "runtime.memmove", 20)); /* assembly without a frame */
    add_frame(&sample, in(&scene, "main.main", 50));
    add_frame(&sample, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_stack(&scene, "runtime.goexit main.main runtime.makeslice runtime.memmove");
    cr_expect_eq(scene.health.repaired, 1);
    scene_close(&scene);
}

Test(profile, the_top_of_the_stack_is_no_caller_elsewhere)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    sample.stack_top = in(&scene, "runtime.makeslice", 40); /* by chance: the function has a frame */
    add_frame(&sample, in(&scene, "runtime.main", 60));
    add_frame(&sample, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_stack(&scene, "runtime.goexit runtime.main");
    cr_expect_eq(scene.health.repaired, 0);
    scene_close(&scene);

    scene_open(&scene, 23, "plain");
    sample = sample_of(&scene);
    sample.stack_top = 0xc000012345; /* no code is there */
    add_frame(&sample, in(&scene, "runtime.memmove", 20));
    add_frame(&sample, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_stack(&scene, "runtime.goexit runtime.memmove");
    scene_close(&scene);
}

Test(profile, a_signal_s_frame_begins_where_it_points_to)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    add_frame(&sample, in(&scene, "runtime.sighandler", 30));
    add_frame(&sample, in(&scene, "runtime.sigtramp", 40));
    add_frame(&sample, in(&scene, "runtime.sigreturn__sigaction", 0)); /* the kernel put it there */
    add_frame(&sample, in(&scene, "main.main", 50));
    add_frame(&sample, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_stack(&scene, "runtime.goexit main.main runtime.sigreturn__sigaction runtime.sigtramp "
                         "runtime.sighandler");
    scene_close(&scene);
}

Test(profile, a_kernel_s_half_stands_on_the_user_s)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    sample.flags = PROFILE_IN_KERNEL;
    sample.kernel_depth = 2;
    sample.frames[0] = 0xffffffff81000010;
    sample.frames[1] = 0xffffffff81000020;
    add_frame(&sample, in(&scene, "main.main", 50));
    add_frame(&sample, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_stack(&scene, "runtime.goexit main.main [kernel] [kernel]");
    cr_expect_eq(scene.health.in_kernel, 1);
    scene_close(&scene);
}

Test(profile, what_is_cut_is_counted)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample broken = sample_of(&scene), deep = broken, refused = broken;
    add_frame(&broken, in(&scene, "main.main", 50));
    for (int i = 0; i < 127; i++)
        add_frame(&deep, in(&scene, "main.main", 50));
    refused.flags = PROFILE_KERNEL_REFUSED;
    add_frame(&refused, in(&scene, "runtime.goexit", 1));
    cr_assert_eq(profile_add(scene.profile, &broken), 0);
    cr_assert_eq(profile_add(scene.profile, &deep), 0);
    cr_assert_eq(profile_add(scene.profile, &refused), 0);
    write_profile(&scene);
    cr_expect_eq(scene.health.samples, 3);
    cr_expect_eq(scene.health.cut_broken, 1);
    cr_expect_eq(scene.health.cut_deep, 1);
    cr_expect_eq(scene.health.cut_refused, 1);
    cr_expect_eq(scene.health.frames, 1 + 127 + 1);
    scene_close(&scene);
}

Test(profile, another_program_s_addresses_are_not_taken_for_the_demo_s)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    sample.executable = -1;
    add_frame(&sample, in(&scene, "main.main", 50));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    sample.executable = NUMBER;
    sample.code_end += 12345; /* it lies about itself */
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    cr_expect_eq(scene.health.unknown_frames, 2);
    expect_group(&scene, "thread", "fixture", NULL);
    scene_close(&scene);
}

Test(profile, a_thread_without_a_goroutine_is_the_runtime_s)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    sample.goid = 0;
    add_frame(&sample, in(&scene, "runtime.sysmon", 50));
    cr_assert_eq(profile_add(scene.profile, &sample), 0);
    write_profile(&scene);
    expect_group(&scene, "runtime", NULL, NULL);
    scene_close(&scene);
}

Test(profile, a_sample_that_makes_no_sense_is_refused)
{
    struct scene scene;
    scene_open(&scene, 23, "plain");
    struct profile_sample sample = sample_of(&scene);
    cr_assert_eq(profile_add(scene.profile, &sample), 0); /* without any frame */
    sample.user_depth = PROFILE_DEPTH_MAX + 1;
    cr_expect_eq(profile_add(scene.profile, &sample), -EBADMSG);
    write_profile(&scene);
    expect_stack(&scene, "[unknown]");
    scene_close(&scene);
}
