// Cells of a heat map: from the runs of the data to rows of numbers, and from those to a picture of any size.

/** `runs`: cells from the first column on; -n stands for n zeros, and zeros at the end are left out. */
export function fill(cells, runs) {
  let at = 0;
  for (const value of runs) {
    if (value < 0) at -= value;
    else cells[at++] = value;
  }
}

/** The row of a wait: 0 to 3 ns exactly, then four rows to a factor of two. */
export function waitRow(ns) {
  if (ns < 4) return ns;
  const power = Math.floor(Math.log2(ns));
  return 4 * (power - 1) + Math.floor(ns / 2 ** (power - 2)) - 4;
}

/** The least wait of a row. */
export function waitOf(row) {
  if (row < 4) return row;
  const power = Math.floor(row / 4) + 1;
  return (4 + (row % 4)) * 2 ** (power - 2);
}

/** Where pixel `i` of `pixels` begins on an axis from `from` to `to`, as a whole number of cells. */
const edge = (from, to, i, pixels) => from + ((to - from) * i) / pixels;

/** For every pixel the cells [first, last) that it shows: at least one. */
function edges(from, to, pixels) {
  const list = new Int32Array(pixels * 2);
  for (let i = 0; i < pixels; i++) {
    const first = Math.floor(edge(from, to, i, pixels));
    list[2 * i] = first;
    list[2 * i + 1] = Math.max(first + 1, Math.floor(edge(from, to, i + 1, pixels)));
  }
  return list;
}

/**
 * A picture of `width` x `height` values out of `rows`, one typed array each, row 0 at the bottom; `from` and `to` are
 * columns and may lie between two. Where a pixel stands for several cells it shows the largest, or with `mean` their mean.
 */
export function shrink(rows, from, to, width, height, mean, picture = new Float32Array(width * height)) {
  const across = edges(from, to, width);
  const up = edges(0, rows.length, height);
  const columns = rows.length ? rows[0].length : 0;
  picture.fill(0);
  for (let y = 0; y < height; y++) {
    const base = (height - 1 - y) * width;
    const lines = up[2 * y + 1] - up[2 * y];
    for (let r = up[2 * y]; r < up[2 * y + 1]; r++) {
      const row = rows[r];
      for (let x = 0; x < width; x++) {
        const last = Math.min(across[2 * x + 1], columns);
        const first = across[2 * x];
        let sum = 0;
        if (mean) {
          for (let c = first; c < last; c++) sum += row[c];
          picture[base + x] += sum / ((across[2 * x + 1] - first) * lines);
        } else {
          for (let c = first; c < last; c++) if (row[c] > sum) sum = row[c];
          if (sum > picture[base + x]) picture[base + x] = sum;
        }
      }
    }
  }
  return picture;
}
