#include "runner/findings/starving.h"

#include "findings_case.h"

/* A server's goroutines wait, 100 times for 5 ms and half of the time one of them does, and those of another
   go statement hold both Ps meanwhile. */
static struct findings_case *starved(void)
{
    struct findings_case *c = case_open();
    c->tallies.origin_count = 2;
    c->origins[0].late = 100;
    c->origins[1] = (struct tally_origin){.creator = "example.org/shop.Count",
                                          .function = "example.org/shop.Count.func2",
                                          .created = 2,
                                          .holds = 80,
                                          .held = 950 * MS,
                                          .longest_hold = 10 * MS,
                                          .first_held = 20 * MS,
                                          .last_held = 990 * MS};
    c->tallies.starvation = (struct tally_starvation){400, 100, 500 * MS, 500 * MS};
    return c;
}

Test(findings_starving, who_held_the_ps_is_told)
{
    struct findings_case *c = starved();
    const struct finding *finding = case_only(c, FINDING_NETPOLL_STARVATION);
    cr_expect_str_eq(finding->creator, "example.org/shop.Count");
    cr_expect_str_eq(finding->function, "example.org/shop.Count.func2");
    cr_expect_eq(case_figure(finding, "late_each_ns"), 5e6);
    cr_expect_eq(case_figure(finding, "late_ratio"), 0.25);
    cr_expect_eq(case_figure(finding, "waiting_ratio"), 0.5);
    cr_expect_eq(case_figure(finding, "held_procs"), 1.9);
    cr_expect_eq(case_figure(finding, "held_ratio"), 1);
    cr_expect_eq(finding->first, 20 * MS);
    cr_expect_eq(finding->last, 990 * MS);
    cr_expect_not_null(strstr(finding->sentence, "goroutines of shop.Serve.func1"), "%s", finding->sentence);
    cr_expect_not_null(strstr(finding->sentence, "shop.Count.func2, started by shop.Count held 1.9 of 2 Ps"),
                       "%s", finding->sentence);
    case_close(c);
}

Test(findings_starving, a_p_that_is_left_is_enough)
{
    struct findings_case *c = starved();
    c->origins[1].held = (uint64_t)((2 - threshold(STARVING_FREE)) * 500e6);
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 1, "at the threshold");
    c->origins[1].held--;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0);
    c->origins[1].held = 950 * MS;
    c->input.procs = 3;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0, "a third P waits for the machine");
    case_close(c);
}

Test(findings_starving, a_few_or_short_waits_are_none)
{
    struct findings_case *c = starved();
    c->tallies.starvation.late = (uint64_t)threshold(STARVING_LATE);
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 1, "at the threshold");
    c->tallies.starvation.late--;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0);
    c->tallies.starvation.late = 100;
    c->tallies.starvation.time = (uint64_t)(threshold(STARVING_TIME_SHARE) * 1e9);
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 1, "at the threshold");
    c->tallies.starvation.time--;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0);
    case_close(c);
}

Test(findings_starving, the_collector_is_no_programs_fault)
{
    struct findings_case *c = starved();
    c->origins[1].runtime = true;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0);
    case_close(c);
}

Test(findings_starving, each_place_with_a_part_in_it_is_told)
{
    struct findings_case *c = starved();
    c->tallies.origin_count = 4;
    c->origins[1].held = 500 * MS;
    c->origins[2] = (struct tally_origin){.function = "runtime.main", .main = true, .held = 400 * MS};
    c->origins[3] = (struct tally_origin){.function = "example.org/shop.Log", .held = 50 * MS};
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 2, "a small part is none");
    cr_expect_null(c->findings.list[1].creator, "no go statement started it");
    cr_expect_not_null(strstr(c->findings.list[1].sentence, "those of main.main held"), "%s",
                       c->findings.list[1].sentence);
    case_close(c);
}

Test(findings_starving, without_its_figures_it_is_not_judged)
{
    struct findings_case *c = starved();
    c->tallies.cpu_clock = false;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_NETPOLL_STARVATION], "CPU time is not known");
    c->input.procs = NAN;
    cr_expect_eq(case_shows(c, FINDING_NETPOLL_STARVATION), 0);
    cr_expect_str_eq(c->findings.not_looked_for[FINDING_NETPOLL_STARVATION], "GOMAXPROCS is not known");
    case_close(c);
}
