// A canvas that fills its place, is as sharp as the screen, and is drawn again when size or theme change. How long each
// drawing took stands among the page's performance measures, as "draw NAME".

export const FONT = '12px system-ui, sans-serif';

/** Colours as the page has them now. */
export function inks(element) {
  const style = getComputedStyle(element);
  const of = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: of('--ink', style.color),
    muted: of('--faint', style.color),
    line: of('--line', '#8886'),
    ground: of('--ground', '#fff'),
    accent: of('--link', '#0b57a4'),
    alarm: of('--bad', '#a6330a'),
    dark: isDark(),
  };
}

export const isDark = () => document.documentElement.dataset.theme
  ? document.documentElement.dataset.theme === 'dark'
  : matchMedia('(prefers-color-scheme: dark)').matches;

export class Plot {
  /** `draw(context, width, height, inks)`: lengths in CSS pixels. */
  constructor(host, { name, label, height, draw }) {
    this.name = name;
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'plot';
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-label', label);
    this.context = this.canvas.getContext('2d');
    this.draw = draw;
    this.height = height;
    host.append(this.canvas);
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
    document.addEventListener('themechange', () => this.redraw());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  get height() {
    return this.down;
  }

  set height(pixels) {
    this.down = pixels;
    this.canvas.style.height = `${pixels}px`;
  }

  get width() {
    return this.canvas.clientWidth;
  }

  /** At the next frame, once for however many calls. */
  redraw() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      this.#now();
    });
  }

  #now() {
    const { width, height, context } = this;
    if (!width) return; // not shown
    const start = performance.now();
    const ratio = devicePixelRatio;
    const across = Math.round(width * ratio);
    const down = Math.round(height * ratio);
    if (this.canvas.width !== across || this.canvas.height !== down) Object.assign(this.canvas, { width: across, height: down });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    context.textBaseline = 'middle';
    this.draw(context, width, height, inks(this.canvas));
    performance.measure(`draw ${this.name}`, { start });
  }
}

/** Cuts a text to the width that there is; '' where nothing sensible fits. */
export function fit(context, text, width) {
  if (width < 14) return '';
  if (context.measureText(text).width <= width) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low > 1 ? `${text.slice(0, low)}…` : '';
}
