// What pointer, wheel and keys do to a plot with an axis of time from left to right.
//
// The wheel belongs to the page until the plot has the focus, or Ctrl is held: nobody's scrolling gets stuck in a plot.

const STEP = 1.25;

/**
 * `plot`: its canvas. `window`: what is shown (window.js). `area()`: {left, width} of the axis in CSS pixels.
 * `on`: hover(x, y), leave(), key(event) -> whether it was used, click(x, y), and either brush(from, to) while a range is
 * dragged (undefined: none) or pan(dx, dy): then dragging moves.
 */
export function attachGestures(canvas, window, area, on) {
  const at = (x) => window.from + ((x - area().left) / area().width) * (window.to - window.from);
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  let drag;

  canvas.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const [x] = place(event);
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      window.pan((((event.deltaX || event.deltaY) / area().width) * (window.to - window.from)));
    } else if (on.scroll && !event.ctrlKey) {
      on.scroll(event.deltaY);
    } else {
      window.zoom(event.deltaY > 0 ? STEP : 1 / STEP, at(x));
    }
  }, { passive: false });

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    const [x, y] = place(event);
    drag = { x, y, fromX: x, fromY: y, moves: !on.brush || event.shiftKey, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    const [x, y] = place(event);
    if (!drag) {
      on.hover(x, y);
      return;
    }
    drag.moved ||= Math.abs(x - drag.fromX) > 3 || Math.abs(y - drag.fromY) > 3;
    if (!drag.moved) return;
    if (drag.moves) {
      window.pan(((drag.x - x) / area().width) * (window.to - window.from));
      on.pan?.(drag.y - y);
    } else {
      on.brush(at(drag.fromX), at(x));
    }
    Object.assign(drag, { x, y });
  });
  const end = (event) => {
    if (!drag) return;
    const { moved, moves, fromX } = drag;
    const [x, y] = place(event);
    drag = undefined;
    if (!moves) on.brush();
    if (moved && !moves && event.type === 'pointerup') window.set(Math.min(at(fromX), at(x)), Math.max(at(fromX), at(x)));
    if (!moved) on.click?.(x, y);
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
  canvas.addEventListener('pointerleave', () => { if (!drag) on.leave(); });
  canvas.addEventListener('dblclick', () => window.reset());

  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const span = window.to - window.from;
    const middle = on.centre?.() ?? (window.from + window.to) / 2;
    const keys = {
      '+': () => window.zoom(1 / STEP, middle),
      '=': () => window.zoom(1 / STEP, middle),
      '-': () => window.zoom(STEP, middle),
      0: () => window.reset(),
      Escape: () => window.reset(),
      PageUp: () => window.pan(-span / 2),
      PageDown: () => window.pan(span / 2),
    };
    if (on.key(event)) event.preventDefault();
    else if (keys[event.key]) {
      keys[event.key]();
      event.preventDefault();
    }
  });
}
