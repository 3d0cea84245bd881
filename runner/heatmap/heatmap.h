/*
 * When which CPU worked for the trial, and how long its threads waited for one, over time.
 *
 * Events come in by heatmap_event() in time order: they tell where the time begins, the marks, and the gaps.
 * Slices and waits come from a replay of the same events, which reports them to heatmap_listener(); so the
 * cells agree with its metrics to the nanosecond:
 *
 *   on_cpu.sum_ns   = the sum of its cells = sched.on_cpu
 *   run_queue.waits = the sum of its cells = n of sched.run_queue_latency (with a load that metric is of the
 *                     measured window, while the heat map covers the whole life and has the window's marks)
 *
 * Memory is fixed when it is opened (12 MiB at most are ever touched, about 1 MiB by most trials): the
 * columns of time double their width where the trial gets longer (grid.h), a CPU or a latency takes a row
 * only when it occurs, and the list of gaps is bounded (gaps.h). Nothing fails in between.
 *
 * heatmap.json, one in the folder of each observed trial:
 *
 *   schema     1
 *   start_ns   CLOCK_MONOTONIC of the first event; null: there was none. All other times count from it
 *   end_ns     the mark `end`, else the last event
 *   bin_ns     width of a column: column i is [i * bin_ns, (i + 1) * bin_ns); a power of two
 *   columns    how many there are, at most 2048
 *   marks      [{"mark": "start", "at_ns": ...}]: barrier, start, stop, end, window start, window end, load
 *              step; at most 128
 *   gaps       {"lost", "bridged_ns", "list": [{"cpu", "from_ns", "to_ns", "lost", "kinds"}]}: how many
 * events are missing from the stream between two events of a CPU, or at one of its ends, and of which kinds
 * they can have been; nearer than bridged_ns to each other they are told as one on_cpu     {"sum_ns", "rows":
 * [{"cpu", "ns": [cells]}]}: how long the trial's threads were on that CPU during the column. The share of
 * the CPU is cell / bin_ns; where events were lost it can come out above 1. What other programs took is not
 * known (a switch says of both threads only whether they are the trial's): the rest of a column is theirs,
 * the kernel's or idle run_queue  {"waits", "longest", "rows": [{"from_ns", "to_ns", "waits": [cells]}]}: how
 * many threads got a CPU in that column after having waited, runnable, for from_ns up to and including to_ns;
 *              "longest" is {"from_ns", "to_ns", "tid", "cpu"} of the longest wait, null: there was none
 *   throttled  the same for threads that cpu.max had kept off
 *
 * The rows of waits are logarithmic: 0 to 3 ns exactly, then four to a factor of two. Cells are integers from
 * column 0 on; a negative one, -n, stands for n zeros, and the zeros at the end of a row are left out:
 *
 *   for (const v of row) if (v < 0) i -= v; else cell[i++] = v;
 *
 * "lossy" and "lost" stand beside the sum where lost events could have touched it, by the rule of the metric
 * of the same figure. Where that is not known at all, the sum is null, "reason" says why, and rows is empty.
 * The file has no indentation, because it consists of numbers.
 */
#ifndef RUNNER_HEATMAP_HEATMAP_H
#define RUNNER_HEATMAP_HEATMAP_H

#include <jansson.h>

#include "bpf/events.h"
#include "runner/heatmap/gaps.h"
#include "runner/metrics/metrics.h"
#include "runner/replay/listener.h"

#define HEATMAP_SCHEMA 1

struct heatmap;

int heatmap_open(struct heatmap **heatmap); /* 0 or -ENOMEM */
/* For the settings of a replay that gets the same events; valid until heatmap_close(). */
struct replay_listener heatmap_listener(struct heatmap *heatmap);
/* Each event, in time order, before the replay gets it. A time that goes back counts as that of the event
   before; what comes after the mark END is none of the demo's. */
void heatmap_event(struct heatmap *heatmap, const struct event_header *event);
/* After replay_finish(), which reports what was still open. `metrics`: what it filled; tells what is not
   known or lossy. `losses`: see gaps_finish(); NULL: not known. The caller owns what is returned; NULL: no
   memory. */
json_t *heatmap_finish(struct heatmap *heatmap, const struct metrics *metrics,
                       const struct gaps_losses *losses);
void heatmap_close(struct heatmap *heatmap); /* NULL is fine */

#endif
