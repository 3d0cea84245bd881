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

/** A point of time on an axis of which `span` ns are shown: enough digits to tell neighbours apart. */
export function moment(ns, span) {
  const [factor, unit] = units.find(([least]) => Math.max(Math.abs(ns), span) >= least) ?? units[3];
  const digits = Math.max(0, Math.ceil(Math.log10(factor / Math.max(span, 1))) + 3);
  return `${(ns / factor).toFixed(Math.min(digits, 9))} ${unit}`;
}

export const count = (value) => grouped(value);
export const percent = (share) => `${three(share * 100)}%`;
