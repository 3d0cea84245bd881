// Figures that stand in the page as SVG: a tip at what is pointed at or has the focus, and each figure as a file.
//
// What can be pointed at is what has a <title> of its own in an svg.figure. A figure that can be saved is a <figure> with an
// <svg> in it.

const NAMESPACE = 'http://www.w3.org/2000/svg';
const STYLED = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'stroke-linecap', 'opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline', 'display', 'visibility'];

/** The words move from <title>, which browsers show late and never for the keyboard. */
function findMarks(document) {
  for (const title of document.querySelectorAll('svg.figure :not(svg) > title')) {
    const mark = title.parentElement;
    mark.dataset.tip = title.textContent;
    mark.setAttribute('role', 'img');
    mark.setAttribute('aria-label', title.textContent);
    title.remove();
  }
}

function setUpTips(document) {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'tooltip');
  tip.hidden = true;
  document.body.append(tip);
  let shown;

  const show = (mark, words = mark?.dataset.tip) => {
    shown?.removeAttribute('data-on');
    shown = mark;
    tip.hidden = !mark;
    if (!mark) return;
    mark.setAttribute('data-on', '');
    tip.textContent = words;
    const box = mark.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(4, box.left + box.width / 2 - width / 2), document.documentElement.clientWidth - width - 4);
    const top = box.top - height - 8 > 0 ? box.top - height - 8 : box.bottom + 8;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${top + scrollY}px`;
  };
  const markOf = (event) => event.target.closest?.('[data-tip]');
  document.addEventListener('pointerover', (event) => {
    const mark = markOf(event);
    if (mark === shown) return;
    const here = document.elementsFromPoint(event.clientX, event.clientY).filter((one) => one.dataset.tip);
    show(mark, here.map((one) => one.dataset.tip).join('\n')); // marks may lie on each other
  });
  document.addEventListener('focusin', (event) => show(markOf(event)));
  document.addEventListener('focusout', () => show(undefined));
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') show(undefined); });
}

/** A copy that looks the same without the page: every element has the style that it is shown with. */
export function standalone(svg) {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll('*')];
  const to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of STYLED) {
      const value = style.getPropertyValue(name);
      if (value) to[i].setAttribute(name, value);
    }
    const words = element.dataset.tip;
    for (const name of ['class', 'tabindex', 'data-tip', 'data-on', 'role', 'aria-label', 'aria-labelledby']) to[i].removeAttribute(name);
    if (words) to[i].append(Object.assign(document.createElementNS(NAMESPACE, 'title'), { textContent: words }));
  });
  copy.setAttribute('xmlns', NAMESPACE);
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('width', Math.round(width));
  copy.setAttribute('height', Math.round(height));
  const ground = document.createElementNS(NAMESPACE, 'rect');
  const box = svg.viewBox.baseVal;
  for (const [name, value] of Object.entries({ x: box.x, y: box.y, width: box.width || width, height: box.height || height }))
    ground.setAttribute(name, value);
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(ground);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

function setUpFiles(document) {
  for (const figure of document.querySelectorAll('figure')) {
    const svg = figure.querySelector(':scope > svg');
    if (!svg) continue;
    const name = (figure.id || figure.closest('section')?.id || 'figure').replace(/[^\w-]+/g, '-');
    figure.append(Object.assign(document.createElement('button'), {
      type: 'button',
      className: 'save',
      textContent: 'Save as SVG',
      onclick: () => save(`${name}.svg`, standalone(svg)),
    }));
  }
}

export function setUpMarks(document) {
  findMarks(document);
  setUpTips(document);
  setUpFiles(document);
}
