// Which part of an axis is shown. Several plots may share one.

export class Window {
  #listeners = [];

  /** `least`: nothing narrower is shown. */
  constructor(from, to, least) {
    Object.assign(this, { first: from, last: to, least: Math.min(least, to - from), from, to });
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  get whole() {
    return this.from === this.first && this.to === this.last;
  }

  set(from, to) {
    const span = Math.min(Math.max(to - from, this.least), this.last - this.first);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - span / 2, this.first), this.last - span);
    this.to = this.from + span;
    for (const listener of this.#listeners) listener();
  }

  /** `factor` below 1 comes nearer; the point `at` stays where it is. */
  zoom(factor, at) {
    const span = Math.min(Math.max((this.to - this.from) * factor, this.least), this.last - this.first);
    const share = (at - this.from) / (this.to - this.from);
    this.set(at - share * span, at + (1 - share) * span);
  }

  pan(by) {
    const distance = Math.min(Math.max(by, this.first - this.from), this.last - this.to);
    this.set(this.from + distance, this.to + distance);
  }

  reset() {
    this.set(this.first, this.last);
  }
}
