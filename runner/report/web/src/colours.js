// Colours of heat maps, for values of 0 to 1: more stands out from the ground, in light as in dark. Both can be told apart
// by the colour-blind, and in grey.
import { interpolateViridis, interpolateYlGnBu } from 'd3-scale-chromatic';

const STEPS = 256;
const tables = new Map();

function make(dark) {
  const table = new Uint32Array(STEPS); // ABGR, as the bytes of a picture stand in memory; 0 is transparent
  for (let i = 1; i < STEPS; i++) {
    const share = i / (STEPS - 1);
    const colour = dark ? interpolateViridis(0.2 + 0.8 * share) : interpolateYlGnBu(0.28 + 0.72 * share);
    const [red, green, blue] = parse(colour);
    table[i] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}

function parse(colour) {
  if (colour.startsWith('#')) return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return colour.match(/\d+/g).map(Number);
}

/** 256 colours; number 0 is for nothing at all. */
export function colours(dark) {
  if (!tables.has(dark)) tables.set(dark, make(dark));
  return tables.get(dark);
}
