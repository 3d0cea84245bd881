// A timeline's data -> lanes of spans in typed arrays, and what is found in them.
import { shortened } from './words.js';

/** Sums up differences: the JSON holds each value less the one before. */
function sums(list) {
  const values = new Float64Array(list.length);
  let sum = 0;
  for (let i = 0; i < list.length; i++) values[i] = sum += list[i];
  return values;
}

function laneOf({ kind, name, spans }) {
  const start = sums(spans.start);
  const end = start.map((value, i) => value + spans.length[i]);
  return { kind, name, short: shortened(name), start, end, state: spans.state, text: spans.text };
}

/** CPUs get lanes of their own: the slices of all threads, by CPU. */
function cpuLanes(lanes, names) {
  const cpus = new Map();
  for (const lane of lanes) {
    if (lane.kind !== 'thread') continue;
    lane.start.forEach((start, i) => {
      if (lane.state[i] !== 'r') return;
      const name = names[lane.text[i]];
      if (!cpus.has(name)) cpus.set(name, []);
      cpus.get(name).push([start, lane.end[i], lane.name]);
    });
  }
  const order = (a, b) => a[0].localeCompare(b[0], 'en', { numeric: true });
  return [...cpus].sort(order).map(([name, list]) => {
    list.sort((a, b) => a[0] - b[0]);
    return {
      kind: 'cpu',
      name,
      short: name,
      start: Float64Array.from(list, (span) => span[0]),
      end: Float64Array.from(list, (span) => span[1]),
      state: 'r'.repeat(list.length),
      texts: list.map((span) => span[2]),
    };
  });
}

export function readLanes({ lanes, names, arrows }) {
  const own = lanes.map(laneOf);
  const cpus = cpuLanes(own, names);
  const shift = cpus.length;
  return {
    lanes: [...cpus, ...own],
    arrows: sums(arrows.at).reduce((list, at, i) => {
      list.push({ from: arrows.from[i] + shift, to: arrows.to[i] + shift, at, until: at + arrows.length[i] });
      return list;
    }, []),
  };
}

export function textOf(lane, names, i) {
  return lane.texts ? lane.texts[i] : names[lane.text[i]];
}

/** Number of the span that holds `at`; -1: none. Spans of a lane do not overlap. */
export function spanAt(lane, at) {
  const i = firstEndingAfter(lane, at);
  return i < lane.start.length && lane.start[i] <= at ? i : -1;
}

export function firstEndingAfter(lane, at) {
  let low = 0;
  let high = lane.end.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.end[middle] > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
