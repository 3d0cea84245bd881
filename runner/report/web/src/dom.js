// Small parts that several views have.

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function button(text, title, onclick) {
  return element('button', { type: 'button', textContent: text, title, ariaLabel: title, onclick });
}

/** A line that tells what the pointer or the cursor is on; read aloud when it comes from the keyboard. */
export class Readout {
  constructor(hint) {
    this.hint = hint;
    this.line = element('p', { className: 'readout', textContent: hint });
    this.spoken = element('p', { className: 'spoken' });
    this.spoken.setAttribute('role', 'status');
  }

  appendTo(host) {
    host.append(this.line, this.spoken);
  }

  /** '': nothing is pointed at. */
  say(text, aloud = false) {
    this.line.textContent = text || this.hint;
    if (aloud) this.spoken.textContent = text;
  }
}

export function choice(label, options, onchange) {
  const select = element('select', { onchange: () => onchange(select.value) },
    ...options.map(([value, textContent]) => element('option', { value, textContent })));
  return element('label', {}, `${label} `, select);
}
