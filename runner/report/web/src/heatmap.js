// The heat maps of a trial: CPU x time by share of the CPU, wait x time by number of waits.
import { Plot } from './plot.js';
import { attachGestures } from './gestures.js';
import { Readout, button, choice, element } from './dom.js';
import { drawGaps, drawMarks, drawTimeAxis } from './axis.js';
import { colours } from './colours.js';
import { fill, shrink, waitOf, waitRow } from './cells.js';
import { Window } from './window.js';
import { count, duration, moment, percent } from './words.js';

const LEFT = 72;
const TOP = 20;
const BOTTOM = 26;
const LEAST_COLUMNS = 8; // nothing narrower is shown
const MOST_SHADES = 65536; // larger values have the shade of the largest

/** One axis of time for all maps of a trial. */
const windows = new WeakMap();
function windowOf(data) {
  if (!windows.has(data)) windows.set(data, new Window(0, data.columns * data.bin_ns, LEAST_COLUMNS * data.bin_ns));
  return windows.get(data);
}

function emptyRows(number, columns) {
  return Array.from({ length: number }, () => new Float32Array(columns));
}

/** What differs between the maps: rows from the bottom up, names, the colour of a value. */
function cpuMap(data, map) {
  const list = [...map.rows].sort((a, b) => b.cpu - a.cpu); // CPU 0 on top
  const rows = emptyRows(list.length, data.columns);
  list.forEach((row, i) => fill(rows[i], row.shares));
  const scale = map.full;
  return {
    rows,
    largest: scale,
    shade: (value) => Math.min(255, 1 + ((value / scale) * 254) | 0),
    axis: (i) => `CPU ${list[i].cpu}`,
    every: Math.ceil(list.length / 24),
    tell: (i, value) => `CPU ${list[i].cpu}: ${percent(value / scale)} of the column`,
    gap: (gap) => list.findIndex((row) => row.cpu === gap.cpu),
    legend: ['0%', '100% of a CPU'],
  };
}

function waitMap(data, map) {
  const numbers = map.rows.map((row) => waitRow(row.from_ns));
  const first = Math.min(...numbers);
  const rows = emptyRows(Math.max(...numbers) - first + 1, data.columns);
  map.rows.forEach((row, i) => fill(rows[numbers[i] - first], row.waits));
  let largest = 1;
  for (const row of rows) for (const value of row) if (value > largest) largest = value;
  return {
    rows,
    largest,
    shade: (value) => 1 + ((Math.log1p(value) / Math.log1p(largest)) * 254) | 0,
    axis: (i) => duration(waitOf(first + i)),
    every: 4 * Math.ceil(rows.length / 60),
    tell: (i, value) => `waits of ${duration(waitOf(first + i))} to ${duration(waitOf(first + i + 1))}: `
      + `${count(Math.round(value * 100) / 100)} ${value === 1 ? 'thread' : 'threads'}`,
    gap: () => -1,
    legend: ['1', `${count(largest)} threads a column`],
  };
}

class Heatmap {
  constructor(host, data, name) {
    this.data = data;
    this.map = (name === 'on_cpu' ? cpuMap : waitMap)(data, data[name]);
    this.window = windowOf(data);
    this.mean = false;
    const rows = this.map.rows.length;
    this.inner = name === 'on_cpu' ? Math.min(Math.max(rows * 22, 66), 420) : Math.min(Math.max(rows * 6, 150), 420);
    this.picture = document.createElement('canvas');
    this.readout = new Readout('Drag to zoom. With the focus: wheel or + and − zoom, arrows move the cursor, 0 shows all.');
    this.#build(host, name);
    this.window.onChange(() => this.plot.redraw());
  }

  #build(host, name) {
    this.note = element('span', { className: 'note' });
    this.legend = element('canvas', { className: 'legend', width: 128, height: 10 });
    this.legend.setAttribute('aria-hidden', 'true');
    host.prepend(element('div', { className: 'tools' },
      button('+', 'Zoom in', () => this.window.zoom(0.5, this.#centre())),
      button('−', 'Zoom out', () => this.window.zoom(2, this.#centre())),
      button('All', 'Show all of the time', () => this.window.reset()),
      choice('where columns share a pixel', [['max', 'the largest'], ['mean', 'the mean']], (value) => {
        this.mean = value === 'mean';
        this.plot.redraw();
      }),
      element('span', { className: 'scale' }, this.map.legend[0], ' ', this.legend, ' ', this.map.legend[1]),
      this.note));
    const place = element('div', { className: 'canvas' });
    host.querySelector('.tools').after(place);
    this.plot = new Plot(place, {
      name: `heatmap ${name}`,
      label: host.dataset.label,
      height: this.inner + TOP + BOTTOM,
      draw: (...all) => this.#draw(...all),
    });
    this.readout.appendTo(place);
    attachGestures(this.plot.canvas, this.window, () => this.#area(), {
      hover: (x, y) => this.#hover(x, y),
      leave: () => this.readout.say(''),
      key: (event) => this.#key(event),
      brush: (from, to) => {
        this.brush = from === undefined ? undefined : [from, to];
        this.plot.redraw();
      },
      centre: () => this.#centre(),
    });
  }

  #centre() {
    const { cursor, window, data } = this;
    const at = cursor && (cursor.column + 0.5) * data.bin_ns;
    return at >= window.from && at <= window.to ? at : (window.from + window.to) / 2;
  }

  #area() {
    return { left: LEFT, width: Math.max(1, this.plot.width - LEFT - 8), top: TOP, y: TOP + this.inner };
  }

  #draw(context, width, height, inks) {
    const area = this.#area();
    this.#paint(context, area, inks);
    this.#labels(context, area, inks);
    drawTimeAxis(context, this.window, { ...area, top: area.y }, inks);
    const tall = this.inner / this.map.rows.length;
    drawGaps(context, this.window, this.data.gaps.list, area, (gap) => {
      const row = this.map.gap(gap);
      return row < 0 ? [TOP, this.inner] : [area.y - (row + 1) * tall, tall];
    }, inks);
    drawMarks(context, this.window, this.data.marks, area, inks);
    this.#overlays(context, area, inks);
  }

  #paint(context, area, inks) {
    const { picture, map, window, data } = this;
    const across = Math.max(1, Math.round(area.width * devicePixelRatio));
    const down = Math.min(map.rows.length, this.inner);
    if (picture.width !== across || picture.height !== down || !this.values) {
      Object.assign(picture, { width: across, height: down });
      this.values = new Float32Array(across * down);
      this.image = new ImageData(across, down);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    shrink(map.rows, window.from / data.bin_ns, window.to / data.bin_ns, across, down, this.mean, this.values);
    const table = colours(inks.dark);
    const shades = this.#shadesOf(table);
    const { values, pixels } = this;
    const last = shades.length - 1;
    for (let i = 0; i < values.length; i++) pixels[i] = shades[values[i] < last ? Math.ceil(values[i]) : last];
    picture.getContext('2d').putImageData(this.image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, area.left, area.top, area.width, this.inner);
    context.strokeStyle = inks.line;
    context.strokeRect(area.left - 0.5, area.top - 0.5, area.width + 1, this.inner + 1);
    this.#tell(across, table);
  }

  /** The colour of each value that a cell can have; of 0 none. */
  #shadesOf(table) {
    if (this.shadesFrom !== table) {
      const { largest, shade } = this.map;
      this.shades = Uint32Array.from({ length: Math.min(largest + 1, MOST_SHADES) }, (_, value) => (value ? table[shade(value)] : 0));
      this.shadesFrom = table;
    }
    return this.shades;
  }

  #tell(across, table) {
    const { window, data } = this;
    const each = (window.to - window.from) / data.bin_ns / across;
    this.note.textContent = each > 1
      ? `A pixel stands for ${each < 10 ? each.toFixed(1) : Math.round(each)} columns of ${duration(data.bin_ns)}: `
        + (this.mean ? 'their mean is shown.' : 'the largest is shown.')
      : `A column is ${duration(data.bin_ns)}.`;
    if (this.painted === table) return;
    this.painted = table;
    const context = this.legend.getContext('2d');
    const image = new ImageData(128, 10);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = table[1 + ((i % 128) * 2)];
    context.putImageData(image, 0, 0);
  }

  #labels(context, area, inks) {
    const { map } = this;
    const tall = this.inner / map.rows.length;
    context.fillStyle = inks.muted;
    context.textAlign = 'right';
    for (let i = 0; i < map.rows.length; i += map.every) context.fillText(map.axis(i), LEFT - 6, area.y - (i + 0.5) * tall);
    context.textAlign = 'left';
  }

  #overlays(context, area, inks) {
    const x = (at) => area.left + ((at - this.window.from) / (this.window.to - this.window.from)) * area.width;
    if (this.brush) {
      const [from, to] = this.brush.map(x).sort((a, b) => a - b);
      context.fillStyle = inks.accent;
      context.globalAlpha = 0.25;
      context.fillRect(from, area.top, to - from, this.inner);
      context.globalAlpha = 1;
    }
    if (!this.cursor) return;
    const tall = this.inner / this.map.rows.length;
    const from = x(this.cursor.column * this.data.bin_ns);
    const wide = Math.max(3, x((this.cursor.column + 1) * this.data.bin_ns) - from);
    context.strokeStyle = inks.alarm;
    context.lineWidth = 2;
    context.strokeRect(from, area.y - (this.cursor.row + 1) * tall, wide, Math.max(tall, 3));
    context.lineWidth = 1;
  }

  #say(column, row, columns, aloud) {
    const { map, data, window } = this;
    const cells = map.rows[row].subarray(column, column + columns);
    let value = 0;
    for (const cell of cells) value = this.mean ? value + cell / cells.length : Math.max(value, cell);
    const span = Math.min(columns * data.bin_ns, window.to - window.from);
    const how = columns > 1 ? ` (${this.mean ? 'mean' : 'largest'} of ${columns} columns)` : '';
    const lost = this.#lostIn(column * data.bin_ns, (column + columns) * data.bin_ns, row);
    this.readout.say(`${moment(column * data.bin_ns, span / 100)} to ${moment((column + columns) * data.bin_ns, span / 100)} · `
      + `${map.tell(row, value)}${how}${lost ? ` · ${count(lost)} events were lost in gaps here` : ''}`, aloud);
  }

  #lostIn(from, to, row) {
    return this.data.gaps.list.filter((gap) => gap.from_ns < to && gap.to_ns > from
      && (this.map.gap(gap) < 0 || this.map.gap(gap) === row)).reduce((sum, { lost }) => sum + lost, 0);
  }

  #hover(x, y) {
    const area = this.#area();
    const { map, data, window } = this;
    if (x < area.left || x >= area.left + area.width || y < area.top || y >= area.y) {
      this.readout.say('');
      return;
    }
    const pixel = (window.to - window.from) / data.bin_ns / area.width;
    const column = Math.floor(window.from / data.bin_ns + (x - area.left) * pixel);
    const columns = Math.max(1, Math.min(Math.floor(column + pixel) - column, data.columns - column));
    const row = Math.floor(((area.y - y) / this.inner) * map.rows.length);
    this.#say(Math.min(column, data.columns - 1), Math.min(row, map.rows.length - 1), columns, false);
  }

  #key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const move = moves[event.key];
    if (!move) return false;
    const { data, window, map } = this;
    const step = Math.max(1, Math.round((window.to - window.from) / data.bin_ns / this.#area().width));
    const far = event.shiftKey ? 10 : 1;
    const from = this.cursor ?? { column: Math.floor((window.from + window.to) / 2 / data.bin_ns), row: 0 };
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    this.cursor = {
      column: within(from.column + move[0] * step * far, data.columns - 1),
      row: within(from.row + move[1] * far, map.rows.length - 1),
    };
    const at = (this.cursor.column + 0.5) * data.bin_ns;
    if (at < window.from || at > window.to) window.pan(at - (window.from + window.to) / 2);
    this.#say(this.cursor.column, this.cursor.row, Math.min(step, data.columns - this.cursor.column), true);
    this.plot.redraw();
    return true;
  }
}

export function mountHeatmap(host, data) {
  const name = host.dataset.map;
  if (data.columns && data[name].rows.length) new Heatmap(host, data, name);
}
