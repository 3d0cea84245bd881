// The timeline of a trial: a lane for each CPU, thread, P and goroutine, and who woke whom.
import { Plot, fit } from './plot.js';
import { attachGestures } from './gestures.js';
import { Readout, button, element } from './dom.js';
import { drawGaps, drawMarks, drawTimeAxis } from './axis.js';
import { firstEndingAfter, readLanes, spanAt, textOf } from './lanes.js';
import { Window } from './window.js';
import { count, duration, moment } from './words.js';

const LEFT = 150;
const TOP = 20;
const BOTTOM = 26;
const LANE = 17;
const MOST = 480; // pixels; more lanes are reached by scrolling
const KINDS = [['cpu', 'CPUs'], ['thread', 'threads'], ['proc', 'Ps'], ['collector', 'collector'], ['goroutine', 'goroutines']];
const STATES = { // light, dark, words
  r: ['#7fc8a9', '#1d6b4f', 'running'],
  q: ['#f2c14e', '#8a5f00', 'runnable'],
  t: ['#e07a5f', '#9c3a22', 'throttled'],
  w: ['#d5d9e2', '#3a4150', 'waiting'],
  s: ['#b39ddb', '#57408f', 'in a system call'],
  c: ['#e7a1c4', '#7d2f5c', 'collector'],
  p: ['#8ecae6', '#215b78', 'has a thread'],
};

class Timeline {
  constructor(host, data) {
    this.data = data;
    Object.assign(this, readLanes(data));
    this.kinds = new Set(KINDS.map(([kind]) => kind));
    this.window = new Window(data.from_ns, data.to_ns, 1000);
    this.top = 0;
    this.readout = new Readout('Drag moves. With the focus: + and − zoom, Ctrl and wheel too, arrows walk from span to span, Enter shows the wake-ups of a lane.');
    this.#build(host);
    this.#filter('');
    this.window.onChange(() => this.plot.redraw());
    if (data.focus) this.#toFocus();
  }

  #build(host) {
    const { lanes, data } = this;
    const boxes = KINDS.filter(([kind]) => lanes.some((lane) => lane.kind === kind)).map(([kind, name]) =>
      element('label', {}, element('input', {
        type: 'checkbox',
        checked: true,
        onchange: (event) => {
          this.kinds[event.target.checked ? 'add' : 'delete'](kind);
          this.#filter(this.input.value);
        },
      }), ` ${name}`));
    this.input = element('input', { type: 'search', placeholder: 'part of a name', oninput: () => this.#filter(this.input.value) });
    this.note = element('span', { className: 'note' });
    host.prepend(element('div', { className: 'tools' },
      button('+', 'Zoom in', () => this.window.zoom(0.5, this.#centre())),
      button('−', 'Zoom out', () => this.window.zoom(2, this.#centre())),
      button('All', 'Show all of the events', () => this.window.reset()),
      ...(data.focus ? [button('Longest wait', 'Show the longest wait', () => this.#toFocus())] : []),
      ...boxes,
      element('label', {}, 'lanes ', this.input),
      this.note), this.#legend());
    const place = element('div', { className: 'canvas' });
    host.querySelector('.states').after(place);
    this.plot = new Plot(place, {
      name: 'timeline',
      label: host.dataset.label,
      height: 0,
      draw: (...all) => this.#draw(...all),
    });
    this.readout.appendTo(place);
    attachGestures(this.plot.canvas, this.window, () => this.#area(), {
      hover: (x, y) => this.#hover(x, y),
      leave: () => this.readout.say(''),
      key: (event) => this.#key(event.key),
      click: (x, y) => this.#choose(this.#spanAt(x, y)),
      scroll: (by) => this.#scroll(by),
      pan: (by) => this.#scroll(by),
      centre: () => this.#centre(),
    });
  }

  #legend() {
    const used = new Set();
    for (const lane of this.lanes) for (const state of lane.state) used.add(state);
    return element('p', { className: 'states' }, ...Object.entries(STATES).filter(([state]) => used.has(state)).map(
      ([state, [, , words]]) => element('span', { className: `state state-${state}`, textContent: words })));
  }

  #filter(text) {
    const wanted = text.trim().toLowerCase();
    this.shown = this.lanes.map((_, i) => i).filter((i) => this.kinds.has(this.lanes[i].kind)
      && this.lanes[i].name.toLowerCase().includes(wanted));
    this.top = 0;
    this.plot.height = Math.min(Math.max(this.shown.length, 2) * LANE, MOST) + TOP + BOTTOM;
    this.note.textContent = `${count(this.shown.length)} of ${count(this.lanes.length)} lanes`;
    this.plot.redraw();
  }

  #toFocus() {
    const { focus } = this.data;
    const span = Math.max((focus.to_ns - focus.from_ns) * 3, 20000);
    const middle = (focus.from_ns + focus.to_ns) / 2;
    this.window.set(middle - span / 2, middle + span / 2);
    const lane = this.lanes.findIndex(({ kind, name }) => kind === 'thread' && name === focus.lane);
    if (lane >= 0) this.#choose({ lane, span: spanAt(this.lanes[lane], focus.from_ns) });
    this.plot.redraw();
  }

  #centre() {
    const { window, chosen } = this;
    if (!chosen || chosen.span < 0) return (window.from + window.to) / 2;
    const lane = this.lanes[chosen.lane];
    const at = (lane.start[chosen.span] + lane.end[chosen.span]) / 2;
    return at >= window.from && at <= window.to ? at : (window.from + window.to) / 2;
  }

  #area() {
    const inner = this.plot.height - TOP - BOTTOM;
    return { left: LEFT, width: Math.max(1, this.plot.width - LEFT - 8), top: TOP, y: TOP + inner, inner };
  }

  #scroll(by) {
    const most = Math.max(0, this.shown.length * LANE - this.#area().inner);
    this.top = Math.min(Math.max(this.top + by, 0), most);
    this.plot.redraw();
  }

  #draw(context, width, height, inks) {
    const area = this.#area();
    drawTimeAxis(context, this.window, area, inks);
    context.save();
    context.beginPath();
    context.rect(0, area.top, width, area.inner);
    context.clip();
    const first = Math.floor(this.top / LANE);
    for (let place = first; place < this.shown.length && place * LANE - this.top < area.inner; place++)
      this.#drawLane(context, this.shown[place], area.top + place * LANE - this.top, area, inks);
    this.#drawArrows(context, area, inks);
    context.restore();
    drawGaps(context, this.window, this.data.gaps ?? [], area, () => [area.top, area.inner], inks);
    drawMarks(context, this.window, this.data.marks, area, inks);
  }

  #x(at, area) {
    return area.left + ((at - this.window.from) / (this.window.to - this.window.from)) * area.width;
  }

  #drawLane(context, number, top, area, inks) {
    const lane = this.lanes[number];
    const { window, data, chosen } = this;
    const mine = chosen?.lane === number;
    context.fillStyle = mine ? inks.text : inks.muted;
    context.fillText(fit(context, lane.short, LEFT - 12), 4, top + LANE / 2);
    let reached = -1; // the right edge of what is drawn: many short spans in one pixel are drawn once
    for (let i = firstEndingAfter(lane, window.from); i < lane.start.length && lane.start[i] < window.to; i++) {
      const from = Math.max(this.#x(lane.start[i], area), area.left);
      const to = Math.min(this.#x(lane.end[i], area), area.left + area.width);
      if (to < reached + 0.5) continue;
      const wide = Math.max(1, to - from);
      context.fillStyle = STATES[lane.state[i]][inks.dark ? 1 : 0];
      context.fillRect(from, top + 1, wide, LANE - 3);
      reached = from + wide;
      if (wide > 24) {
        context.fillStyle = inks.text;
        context.fillText(fit(context, textOf(lane, data.names, i), wide - 6), from + 3, top + LANE / 2 - 0.5);
      }
      if (mine && chosen.span === i) {
        context.strokeStyle = inks.alarm;
        context.lineWidth = 2;
        context.strokeRect(from, top + 1, wide, LANE - 3);
        context.lineWidth = 1;
      }
    }
  }

  /** Of the lane that was chosen: from who woke it, and to whom it woke; what is not of the chosen span is faint. */
  #drawArrows(context, area, inks) {
    const { chosen, window, shown } = this;
    if (!chosen) return;
    const rows = new Map(shown.map((lane, place) => [lane, place]));
    const own = this.lanes[chosen.lane];
    const [start, end] = chosen.span < 0 ? [-Infinity, Infinity] : [own.start[chosen.span], own.end[chosen.span]];
    const y = (lane) => area.top + rows.get(lane) * LANE - this.top + LANE / 2;
    context.strokeStyle = context.fillStyle = inks.accent;
    context.lineWidth = 1.5;
    for (const arrow of this.arrows) {
      if (arrow.from !== chosen.lane && arrow.to !== chosen.lane) continue;
      if (arrow.until < window.from || arrow.at > window.to || !rows.has(arrow.from) || !rows.has(arrow.to)) continue;
      const [x1, y1, x2, y2] = [this.#x(arrow.at, area), y(arrow.from), this.#x(arrow.until, area), y(arrow.to)];
      const at = arrow.to === chosen.lane ? arrow.until : arrow.at;
      context.globalAlpha = at >= start && at <= end ? 1 : 0.18;
      context.beginPath();
      context.moveTo(x1, y1);
      context.bezierCurveTo(x1 + 8, (y1 + y2) / 2, x2 - 8, (y1 + y2) / 2, x2, y2);
      context.stroke();
      context.beginPath();
      context.arc(x2, y2, 2.5, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
    context.lineWidth = 1;
  }

  #spanAt(x, y) {
    const area = this.#area();
    if (y < area.top || y >= area.y || x >= area.left + area.width) return undefined;
    const lane = this.shown[Math.floor((y - area.top + this.top) / LANE)];
    if (lane === undefined) return undefined;
    const { window } = this;
    const at = window.from + ((x - area.left) / area.width) * (window.to - window.from);
    return { lane, span: x < area.left ? -1 : spanAt(this.lanes[lane], at) };
  }

  #describe({ lane: number, span }) {
    const lane = this.lanes[number];
    if (span < 0) return lane.name;
    const [start, end] = [lane.start[span], lane.end[span]];
    const text = textOf(lane, this.data.names, span);
    const waker = lane.state[span] === 'q' && this.#wakerOf(number, end);
    return `${lane.name} · ${STATES[lane.state[span]][2]}${text ? ` · ${text}` : ''} · `
      + `${duration(end - start)} from ${moment(start, Math.max((end - start) / 100, 1))}`
      + (waker ? ` · woken by ${waker}` : '');
  }

  /** Whose arrow ends where the wait that ends at `end` begins or ends. */
  #wakerOf(lane, end) {
    const arrow = this.arrows.findLast?.((one) => one.to === lane && one.at <= end);
    return arrow && this.lanes[arrow.from].name;
  }

  #hover(x, y) {
    const over = this.#spanAt(x, y);
    this.readout.say(over ? this.#describe(over) : '');
  }

  #choose(over) {
    this.chosen = over;
    if (over) this.readout.say(this.#describe(over), true);
    this.plot.redraw();
  }

  #key(key) {
    const { chosen, shown, window, lanes } = this;
    const place = chosen ? Math.max(0, shown.indexOf(chosen.lane)) : 0;
    const near = (lane) => Math.max(0, Math.min(firstEndingAfter(lanes[lane], this.#centre()), lanes[lane].start.length - 1));
    const to = (lane) => lane !== undefined && this.#choose({ lane, span: near(lane) });
    const along = (by) => {
      if (!chosen) { to(shown[0]); return; }
      const last = lanes[chosen.lane].start.length - 1;
      this.#choose({ lane: chosen.lane, span: Math.min(Math.max(chosen.span + by, 0), last) });
    };
    const steps = {
      ArrowUp: () => to(shown[Math.max(place - 1, 0)]),
      ArrowDown: () => to(shown[chosen ? Math.min(place + 1, shown.length - 1) : 0]),
      ArrowLeft: () => along(-1),
      ArrowRight: () => along(1),
      Enter: () => to(shown[place]),
    };
    if (!steps[key] || !shown.length) return false;
    steps[key]();
    this.#reveal(window);
    return true;
  }

  /** Brings what is chosen into view. */
  #reveal(window) {
    const { lane, span } = this.chosen;
    const { start, end } = this.lanes[lane];
    if (end[span] < window.from || start[span] > window.to) window.pan((start[span] + end[span] - window.from - window.to) / 2);
    const place = this.shown.indexOf(lane) * LANE;
    const { inner } = this.#area();
    if (place < this.top || place + LANE > this.top + inner) this.#scroll(place - this.top - inner / 2);
  }
}

export function mountTimeline(host, data) {
  if (data.lanes.length) new Timeline(host, data);
}
