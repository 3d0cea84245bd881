// The flame graph of a CPU profile; callers above, callees below.
import { Plot, fit } from './plot.js';
import { Readout, button, choice, element } from './dom.js';
import { groupName, kindOf, layOut, nameOf, search } from './calls.js';
import { count, duration, percent, shortened } from './words.js';

const ROW = 18;
const LEAST = 0.4; // pixels; narrower frames are not drawn
const HUES = { group: 215, function: 28, kernel: 265, mapping: 165, thread: 215, unknown: 0 };

/** Frames of one package have one colour; kinds have hues of their own, and lightness of their own in grey. */
function colourOf(kind, name, dark) {
  let hash = 0;
  const family = kind === 'function' ? name.slice(0, Math.max(0, name.indexOf('.', name.lastIndexOf('/') + 1))) : name;
  for (let i = 0; i < family.length; i++) hash = (hash * 31 + family.charCodeAt(i)) >>> 0;
  const spread = kind === 'function' ? hash % 34 : hash % 12;
  const light = (dark ? 30 : 72) + (hash >> 8) % 9;
  return `hsl(${HUES[kind] + spread} ${kind === 'unknown' ? 0 : 62}% ${light}%)`;
}

class Flame {
  constructor(host, profile) {
    this.profile = profile;
    this.readout = new Readout('Click a frame to zoom in. With the focus: arrows walk, Enter zooms, Escape shows all.');
    this.#show(-1);
    this.#build(host);
  }

  #show(group) {
    this.tree = layOut(this.profile, group);
    this.height = (this.tree.deepest + 1) * ROW + 1;
    this.zoomed = 0;
    this.at = undefined;
  }

  #build(host) {
    const { profile } = this;
    const groups = profile.groups.map((group, i) => [i, `${groupName(profile, group)} (${percent(group.samples / profile.samples)})`]);
    this.input = element('input', { type: 'search', placeholder: 'part of a name', oninput: () => this.#search() });
    this.found = element('span', { className: 'note' });
    this.found.setAttribute('role', 'status');
    host.prepend(element('div', { className: 'tools' },
      button('All', 'Show all of the profile', () => this.#zoom(0)),
      choice('whose', [[-1, 'all'], ...groups], (value) => {
        this.#show(Number(value));
        this.plot.height = this.height;
        this.#search();
      }),
      element('label', {}, 'find ', this.input),
      this.found));
    const place = element('div', { className: 'canvas' });
    host.querySelector('.tools').after(place);
    this.plot = new Plot(place, {
      name: 'flame',
      label: host.dataset.label,
      height: this.height,
      draw: (context, width, height, inks) => this.#draw(context, width, inks),
    });
    this.readout.appendTo(place);
    const { canvas } = this.plot;
    canvas.addEventListener('pointermove', (event) => this.#hover(this.#frameAt(event)));
    canvas.addEventListener('pointerleave', () => this.#hover(undefined));
    canvas.addEventListener('click', (event) => {
      const frame = this.#frameAt(event);
      if (frame !== undefined) this.#zoom(frame);
    });
    canvas.addEventListener('keydown', (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.#key(event.key)) event.preventDefault();
    });
  }

  #search() {
    const text = this.input.value.trim();
    this.match = text ? search(this.tree, text) : undefined;
    this.found.textContent = this.match
      ? `${percent(this.match.samples / Math.max(1, this.tree.total[0]))} of the samples pass through it` : '';
    this.plot.redraw();
  }

  #zoom(frame) {
    this.zoomed = frame;
    this.plot.redraw();
  }

  /** Ancestors of what is zoomed fill the width; the rest follows its share. */
  #place(frame, width) {
    const { tree, zoomed } = this;
    const scale = width / tree.total[zoomed];
    const from = Math.max(0, (tree.left[frame] - tree.left[zoomed]) * scale);
    const to = Math.min(width, (tree.left[frame] + tree.total[frame] - tree.left[zoomed]) * scale);
    return [from, to];
  }

  #draw(context, width, inks) {
    const { tree } = this;
    context.textAlign = 'left';
    this.drawn = 0;
    if (!tree.total[0]) return;
    const stack = [0];
    while (stack.length) {
      const frame = stack.pop();
      const [from, to] = this.#place(frame, width);
      if (to - from < LEAST) continue;
      this.#drawFrame(context, frame, from, to - from, inks);
      for (const child of tree.children[frame]) stack.push(child);
    }
    if (this.at === undefined) return;
    const [from, to] = this.#place(this.at, width);
    context.strokeStyle = inks.alarm;
    context.lineWidth = 2;
    context.strokeRect(from + 1, tree.depth[this.at] * ROW + 1, Math.max(2, to - from - 2), ROW - 2);
    context.lineWidth = 1;
  }

  #drawFrame(context, frame, left, width, inks) {
    const { tree, match } = this;
    const name = nameOf(tree, frame);
    const top = tree.depth[frame] * ROW;
    context.globalAlpha = match && !match.found[frame] ? 0.28 : 1;
    context.fillStyle = frame === 0 ? inks.line : colourOf(kindOf(tree, frame), name, inks.dark);
    context.fillRect(left, top, Math.max(LEAST, width - (width > 3 ? 1 : 0)), ROW - 1);
    context.globalAlpha = 1;
    if (width > 22) {
      context.fillStyle = inks.text;
      context.fillText(fit(context, shortened(name), width - 8), left + 4, top + ROW / 2);
    }
    this.drawn++;
  }

  #frameAt(event) {
    const box = this.plot.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const depth = Math.floor((event.clientY - box.top) / ROW);
    const { tree } = this;
    let frame = 0;
    while (frame !== undefined && tree.depth[frame] < depth) {
      frame = tree.children[frame].find((child) => {
        const [from, to] = this.#place(child, box.width);
        return x >= from && x < to;
      });
    }
    return frame !== undefined && tree.depth[frame] === depth ? frame : undefined;
  }

  #describe(frame) {
    const { tree, profile } = this;
    const all = Math.max(1, tree.total[0]);
    const time = (samples) => `${duration(samples * profile.period_ns)} (${percent(samples / all)}, ${count(samples)} samples)`;
    return `${nameOf(tree, frame)} · with its callees ${time(tree.total[frame])}`
      + (tree.self[frame] ? ` · itself ${time(tree.self[frame])}` : '');
  }

  #hover(frame) {
    this.readout.say(frame === undefined ? '' : this.#describe(frame));
    this.plot.canvas.style.cursor = frame === undefined ? '' : 'pointer';
  }

  #key(key) {
    const { tree } = this;
    const at = this.at ?? this.zoomed;
    const siblings = at ? tree.children[tree.parent[at]] : [0];
    const beside = (by) => siblings[siblings.indexOf(at) + by] ?? at;
    const steps = {
      ArrowUp: () => Math.max(0, tree.parent[at]),
      ArrowDown: () => tree.children[at][0] ?? at,
      ArrowLeft: () => beside(-1),
      ArrowRight: () => beside(1),
      Enter: () => at,
      Escape: () => 0,
      0: () => 0,
    };
    if (!steps[key]) return false;
    this.at = steps[key]();
    if (key === 'Enter' || this.at === 0 || !this.#visible(this.at)) this.zoomed = this.at;
    this.readout.say(this.#describe(this.at), true);
    this.plot.redraw();
    return true;
  }

  #visible(frame) {
    const [from, to] = this.#place(frame, this.plot.width);
    return to - from >= LEAST;
  }
}

export function mountFlame(host, profile) {
  if (profile.samples) new Flame(host, profile);
}
