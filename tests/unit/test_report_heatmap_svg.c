#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runner/report/page/figures.h"
#include "runner/report/page/heatmap_svg.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"
#include "tests/unit/report_case.h"

static char drawn[40000];

static const char *draw(const char *json)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    json_t *heatmap = json_loads(json, 0, NULL);
    bool any = heatmap_svg(out, "map", "a trial", heatmap);
    fclose(out);
    snprintf(drawn, sizeof drawn, "%s", text);
    cr_assert_eq(any, text[0] != 0, "what cannot be drawn leaves nothing behind");
    json_decref(heatmap);
    free(text);
    cr_assert_null(markup_fault(drawn), "%s", markup_fault(drawn));
    return drawn;
}

Test(report_heatmap_svg, shares_of_a_cpu_become_levels)
{
    const char *svg = draw(
        "{\"columns\": 4, \"bin_ns\": 100, \"on_cpu\": {\"rows\": [{\"cpu\": 3, \"ns\": [100, -2, 30]}]},"
        "\"run_queue\": {\"rows\": []}}");
    cr_expect(strstr(svg, ">CPU 3</text>"));
    cr_expect(strstr(svg, "class=\"heat h5\" stroke-width=\"12\" d=\"M0 0M70.0 42.0h150.0\""), "%s", svg);
    cr_expect(strstr(svg, "class=\"heat h2\" stroke-width=\"12\" d=\"M0 0M520.0 42.0h150.0\""), "%s", svg);
    cr_expect(strstr(svg, "class=\"heat h1\" stroke-width=\"12\" d=\"M0 0\""), "zeros are not drawn");
    cr_expect_null(strstr(svg, "each column"));
}

Test(report_heatmap_svg, columns_shrink_to_the_largest_and_say_so)
{
    const char *svg = draw(
        "{\"columns\": 480, \"bin_ns\": 1000, \"on_cpu\": {\"rows\": [{\"cpu\": 0, \"ns\": [-101, 1000]}]},"
        "\"run_queue\": {\"rows\": []}}");
    cr_expect(strstr(svg, "each column is the largest of 2 of 1.00 us"), "%s", svg);
    cr_expect(strstr(svg, "class=\"heat h5\" stroke-width=\"12\" d=\"M0 0M195.0 42.0h2.5\""),
              "a short burst is kept: %s", svg);
}

Test(report_heatmap_svg, what_is_no_heat_map_is_not_drawn)
{
    static const char *const cases[] = {
        "{}",
        "{\"columns\": 0, \"bin_ns\": 1}",
        "{\"columns\": 1e9, \"bin_ns\": 1}",
        "{\"columns\": 4, \"bin_ns\": \"x\"}",
        "{\"columns\": 4, \"bin_ns\": 1, \"on_cpu\": {\"rows\": \"none\"}, \"run_queue\": []}",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(draw(cases[i]), "", "%s", cases[i]);
    /* cells far beyond the end, and waits of no length */
    draw("{\"columns\": 3, \"bin_ns\": 1, \"on_cpu\": {\"rows\": [{\"cpu\": 0, \"ns\": [-9000000000, 5, 1, "
         "2, 3, 4]}]},"
         "\"run_queue\": {\"rows\": [{\"from_ns\": -5, \"waits\": [1]}, {\"waits\": [1, 2, 3, 4, 5]}]}}");
}

Test(report_figures, files_are_named_after_demos_and_never_leave_the_folder)
{
    struct bundle_fixture fixture = fixture_make("made-up-1", "../../evil");
    double values[] = {1, 2, 3, 4, 5, 6};
    fixture_values(&fixture, "../../evil", "bare", "cpu.time", values, 6);
    json_object_set_new(fixture.experiment, "trials",
                        json_pack("[{s:s, s:s, s:i, s:s}]", "path", "demos", "demo", "../../evil", "trial", 7,
                                  "role", "observed"));
    settle(&fixture);
    char *path = fixture_write(&fixture), *names = NULL;
    AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(fd_make_path(dir, "demos"), 0);
    AUTO_FD trial = openat(dir, "demos", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    static const char map[] =
        "{\"columns\": 1, \"bin_ns\": 9, \"on_cpu\": {\"rows\": [{\"cpu\": 0, \"ns\": [9]}]}}";
    struct error error = {0};
    cr_assert_eq(file_write(trial, "heatmap.json", map, strlen(map), &error), 0);
    struct report report;
    size_t size;
    cr_assert_eq(report_read(&report, &path, 1, &error), 0, "%s", error.text);
    FILE *out = open_memstream(&names, &size);
    cr_assert_eq(figures_write(&report, trial, out, &error), 0, "%s", error.text);
    fclose(out);
    cr_expect_str_eq(names, "radar-demos.svg\nheatmap-______evil-7.svg\n");
    cr_expect_eq(faccessat(trial, "heatmap-______evil-7.svg", F_OK, 0), 0);
    free(names);
    report_free(&report);
    fixture_remove(path);
    fixture_free(&fixture);
}
