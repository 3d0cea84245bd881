// How figures are written: as in the page's tables.
import { format } from 'd3-format';

const units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'us'], [1, 'ns']];
const three = format('.3~r');
const grouped = format(',');

/** 1234567 -> "1.23 ms" */
export function duration(ns) {
  const size = Math.abs(ns);
  const [factor, unit] = units.find(([least]) => size >= least) ?? units[3];
  return `${three(ns / factor)} ${unit}`;
}

/** A point of time, with digits enough to tell it from one that is `step` ns away; in the unit of `scale`. */
export function moment(ns, step, scale = Math.max(Math.abs(ns), step)) {
  const [factor, unit] = units.find(([least]) => scale >= least) ?? units[3];
  const digits = Math.ceil(Math.log10(factor / Math.max(step, 1)) - 1e-9);
  return `${(ns / factor).toFixed(Math.min(Math.max(digits, 0), 9))} ${unit}`;
}

export const count = (value) => grouped(value);
export const percent = (share) => `${three(share * 100)}%`;

/** Without the paths before packages: "G7 work.Run" of "G7 example.org/demo/work.Run". */
export const shortened = (name) => name.replace(/[^\s(]*\//g, '');
