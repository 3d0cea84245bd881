// The axis of time below a plot, and the marks and gaps across it.
import { ticks as ticksOf } from 'd3-array';
import { moment } from './words.js';

/** From a time to its place across. */
const across = (window, left, width) => (at) => left + ((at - window.from) / (window.to - window.from)) * width;

/** Ticks at `y`, with lines up to `top`. */
export function drawTimeAxis(context, window, { left, width, top, y }, inks) {
  const x = across(window, left, width);
  const ticks = ticksOf(window.from, window.to, Math.max(2, Math.floor(width / 110)));
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : window.to - window.from;
  context.strokeStyle = inks.line;
  context.fillStyle = inks.muted;
  context.lineWidth = 1;
  context.textAlign = 'center';
  context.beginPath();
  for (const tick of ticks) {
    context.moveTo(Math.round(x(tick)) + 0.5, top);
    context.lineTo(Math.round(x(tick)) + 0.5, y + 4);
    const text = moment(tick, step, Math.abs(window.to));
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(Math.max(x(tick), left + half), left + width - half), y + 13);
  }
  context.stroke();
  context.textAlign = 'left';
}

/** Vertical dashes with names above; a name that finds no room is left out. */
export function drawMarks(context, window, marks, { left, width, top, y }, inks) {
  const x = across(window, left, width);
  let free = -Infinity;
  context.save();
  context.strokeStyle = context.fillStyle = inks.text;
  context.setLineDash([4, 3]);
  context.beginPath();
  for (const { mark, at_ns: at } of marks) {
    if (at < window.from || at > window.to) continue;
    context.moveTo(Math.round(x(at)) + 0.5, top);
    context.lineTo(Math.round(x(at)) + 0.5, y);
    const size = context.measureText(mark).width;
    const place = Math.min(x(at) + 2, left + width - size);
    if (place < free) continue;
    context.fillText(mark, place, top - 7);
    free = place + size + 6;
  }
  context.stroke();
  context.restore();
}

/** Bands where events are missing; `place(gap)` -> [top, height]. */
export function drawGaps(context, window, gaps, { left, width }, place, inks) {
  const x = across(window, left, width);
  context.save();
  context.beginPath();
  context.rect(left, 0, width, 1e5);
  context.clip();
  context.fillStyle = context.strokeStyle = inks.alarm;
  for (const gap of gaps) {
    if (gap.to_ns < window.from || gap.from_ns > window.to) continue;
    const [top, height] = place(gap);
    const from = x(gap.from_ns);
    const wide = Math.max(2, x(gap.to_ns) - from);
    context.globalAlpha = 0.35;
    context.fillRect(from, top, wide, height);
    context.globalAlpha = 1;
    context.fillRect(from, top, wide, 2);
    context.fillRect(from, top + height - 2, wide, 2);
  }
  context.restore();
}
