// What the views compute, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOut, nameOf, search } from '../../runner/report/web/src/calls.js';
import { fill, shrink, waitOf, waitRow } from '../../runner/report/web/src/cells.js';
import { readLanes, spanAt } from '../../runner/report/web/src/lanes.js';
import { Window } from '../../runner/report/web/src/window.js';

const row = (...values) => Float32Array.from(values);

test('runs of zeros are left out of cells', () => {
  const cells = new Float32Array(8);
  fill(cells, [3, -2, 4, -1, 5]);
  assert.deepEqual([...cells], [3, 0, 0, 4, 0, 5, 0, 0]);
});

test('rows of waits follow each other and begin where they say', () => {
  for (const [ns, number] of [[0, 0], [3, 3], [4, 4], [7, 7], [8, 8], [9, 8], [10, 9], [16, 12], [1024, 36], [2 ** 40, 156]])
    assert.equal(waitRow(ns), number, `${ns}`);
  for (let number = 0; number < 200; number++) {
    assert.equal(waitRow(waitOf(number)), number);
    assert.ok(waitOf(number + 1) > waitOf(number));
  }
});

test('a pixel shows the largest of its cells or their mean', () => {
  const rows = [row(1, 9, 2, 0, 0, 0, 4, 0)];
  assert.deepEqual([...shrink(rows, 0, 8, 4, 1, false)], [9, 2, 0, 4]);
  assert.deepEqual([...shrink(rows, 0, 8, 4, 1, true)], [5, 1, 0, 2]);
  assert.deepEqual([...shrink(rows, 0, 2, 4, 1, false)], [1, 1, 9, 9], 'a cell of several pixels');
});

test('no cell is lost between pixels wherever the window lies', () => {
  const columns = 977;
  for (const [from, to, width] of [[0, 977, 100], [3.7, 801.2, 331], [10, 977, 976], [0.5, 977, 7]]) {
    const first = Math.floor(from);
    for (let column = first; column < Math.floor(to); column += 13) {
      const cells = new Float32Array(columns);
      cells[column] = 1;
      assert.ok(shrink([cells], from, to, width, 1, false).includes(1), `${column} of ${from} to ${to} on ${width}`);
    }
  }
});

test('rows that share a pixel keep the largest and row 0 is at the bottom', () => {
  const rows = [row(1), row(2), row(7), row(3)];
  assert.deepEqual([...shrink(rows, 0, 1, 1, 2, false)], [7, 2]);
  assert.deepEqual([...shrink(rows, 0, 1, 1, 2, true)], [5, 1.5]);
  assert.deepEqual([...shrink(rows, 0, 1, 1, 4, false)], [3, 7, 2, 1]);
});

const profile = {
  samples: 10,
  functions: ['main.work', 'main.leaf', 'runtime.gc'].map((name) => ({ name, kind: 'function' })),
  groups: [
    { kind: 'goroutine', function: 0, creator: null, samples: 7, goroutines: 1 },
    { kind: 'runtime', function: null, creator: null, samples: 3, goroutines: 0 },
  ],
  nodes: { parent: [-1, 0, -2, 1], function: [0, 1, 2, 0], samples: [1, 4, 3, 2] },
};

test('frames hold what their callees have and the largest stands first', () => {
  const tree = layOut(profile);
  assert.equal(tree.total[0], 10);
  assert.deepEqual([...tree.total.slice(1, 3)], [7, 3]);
  assert.deepEqual(['all', 'goroutine main.work', 'Go runtime, no goroutine', 'main.work'], [0, 1, 2, 3].map((i) => nameOf(tree, i)));
  assert.deepEqual([...tree.left.slice(1, 3)], [0, 7]);
  assert.equal(layOut(profile, 1).total[0], 3);
});

test('what is found within what is found counts once', () => {
  const tree = layOut(profile);
  assert.equal(search(tree, 'WORK').samples, 7, 'the group and main.work below it');
  assert.equal(search(tree, 'leaf').samples, 6);
  assert.equal(search(tree, 'absent').samples, 0);
});

test('a timeline has the slices of all threads by CPU and keeps its arrows', () => {
  const data = {
    names: ['CPU 1', 'CPU 0', ''],
    lanes: [
      { kind: 'thread', name: 'M 1', spans: { start: [5, 5], length: [5, 10], state: 'qr', text: [2, 0] } },
      { kind: 'thread', name: 'M 2', spans: { start: [0, 40], length: [5, 5], state: 'rr', text: [1, 0] } },
    ],
    arrows: { at: [3, 4], length: [0, 2], from: [1, 1], to: [0, 0] },
  };
  const { lanes, arrows } = readLanes(data);
  assert.deepEqual(lanes.map((lane) => lane.name), ['CPU 0', 'CPU 1', 'M 1', 'M 2']);
  assert.deepEqual([...lanes[1].start], [10, 40]);
  assert.deepEqual(lanes[1].texts, ['M 1', 'M 2']);
  assert.deepEqual(arrows, [{ from: 3, to: 2, at: 3, until: 3 }, { from: 3, to: 2, at: 7, until: 9 }]);
  assert.equal(spanAt(lanes[2], 7), 0);
  assert.equal(spanAt(lanes[2], 10), 1);
  assert.equal(spanAt(lanes[2], 20), -1);
});

test('a window never leaves its axis and the point of a zoom stays', () => {
  const window = new Window(0, 1000, 10);
  window.zoom(0.5, 200);
  assert.deepEqual([window.from, window.to], [100, 600]);
  window.pan(900);
  assert.deepEqual([window.from, window.to], [500, 1000]);
  window.zoom(0.0001, 700);
  assert.equal(window.to - window.from, 10);
  window.zoom(1e9, 700);
  assert.ok(window.whole);
});
