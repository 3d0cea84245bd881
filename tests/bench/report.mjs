// report.html in a headless browser: how soon a heat map of a million cells stands there, how long it takes to draw it again
// while zooming, and how large a small report is. Exit 1 where a target is missed.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedBundle, drawn, launch, open, readJson, realBundle, reportOf } from '../web/browser.mjs';

const CPUS = 500;
const COLUMNS = 2000;
const OPENINGS = 7;
const STEPS = 40;
const MOST_OPEN_MS = 1000;
const MOST_REDRAW_MS = 20;
const MOST_BYTES = 250_000;

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
let missed = false;
function tell(what, value, unit, most) {
  missed ||= value > most;
  console.log(`${what.padEnd(58)} ${value.toFixed(unit === 'ms' ? 1 : 0).padStart(9)} ${unit} (target: at most ${most})`
    + (value > most ? '  MISSED' : ''));
}

/** Numbers of 0 to 2^32 - 1 that hardly compress (xorshift32, Marsaglia 2003). */
function numbers() {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function fillCells(bundle) {
  const next = numbers();
  const [demo] = readdirSync(join(bundle, 'demos')).sort();
  for (const trial of readdirSync(join(bundle, 'demos', demo)).filter((name) => name.endsWith('observed'))) {
    const path = [bundle, 'demos', demo, trial, 'heatmap.json'];
    const map = readJson(...path);
    map.columns = COLUMNS;
    map.on_cpu.rows = Array.from({ length: CPUS }, (_, cpu) => ({
      cpu, ns: Array.from({ length: COLUMNS }, () => 1 + (next() % map.bin_ns)),
    }));
    writeFileSync(join(...path), JSON.stringify(map));
  }
}

const measures = (page) => page.evaluate(() => performance.getEntriesByType('measure')
  .filter(({ name }) => name.startsWith('draw heatmap')).map(({ name, startTime, duration }) => ({ name, startTime, duration })));

/** From the start of the navigation to the end of the first drawing. */
async function openings(browser, path) {
  const times = [];
  for (let i = 0; i < OPENINGS; i++) {
    const { page, close } = await open(browser, path);
    const first = (await measures(page)).find(({ name }) => name.endsWith('on_cpu'));
    times.push(first.startTime + first.duration);
    await close();
  }
  return times;
}

/** Of each step of the wheel: both maps of the trial are drawn, since they share their axis. */
async function redraws(browser, path) {
  const { page, close } = await open(browser, path);
  const canvas = page.locator('[data-map=on_cpu] canvas.plot').first();
  await canvas.click();
  const times = [];
  for (let i = 0; i < STEPS; i++) {
    const before = (await measures(page)).length;
    await page.mouse.wheel(0, i % 20 < 10 ? -60 : 60);
    await page.waitForFunction((count) => performance.getEntriesByType('measure')
      .filter(({ name }) => name.startsWith('draw heatmap')).length > count, before);
    await drawn(page);
    times.push((await measures(page)).slice(before).reduce((sum, { duration }) => sum + duration, 0));
  }
  await close();
  return times;
}

const small = reportOf(realBundle());
const timelines = [...readFileSync(small, 'utf8').matchAll(/<script type="application\/json" id="timeline-.*?<\/script>/gs)];
const without = timelines.reduce((bytes, [text]) => bytes - text.length, statSync(small).size);
tell('report of two demos without its timelines', without, 'bytes', MOST_BYTES);

const large = reportOf(changedBundle(fillCells));
console.log(`report with ${(CPUS * COLUMNS).toLocaleString('en')} cells: ${(statSync(large).size / 1e6).toFixed(1)} MB`);
const browser = await launch();
tell('from opening it to the first map drawn, median', median(await openings(browser, large)), 'ms', MOST_OPEN_MS);
tell('drawing again while zooming, median', median(await redraws(browser, large)), 'ms', MOST_REDRAW_MS);
await browser.close();
process.exitCode = missed ? 1 : 0;
