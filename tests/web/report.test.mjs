// report.html of a real bundle, in a browser, by real clicks and keys.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before, test } from 'node:test';
import { changedBundle, drawn, launch, open, realBundle, renameIn, reportOf } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser;
let report;
let view; // what the test has open

before(async () => {
  browser = await launch();
  report = reportOf(realBundle());
});
after(() => browser?.close());
afterEach(async () => {
  if (!view) return;
  const { faults } = view;
  await view.close();
  view = undefined;
  assert.deepEqual(faults, [], 'requests and words on the console');
});

const show = async (options, path = report) => {
  view = await open(browser, path, options);
  return view.page;
};
const figure = (page, view, map) => page.locator(`[data-view=${view}]${map ? `[data-map=${map}]` : ''}`).first();
const plot = (host) => host.locator('canvas.plot');
const readout = (host) => host.locator('.readout').innerText();
const note = (host) => host.locator('.note').first().innerText();
const picture = (canvas) => canvas.evaluate((element) => element.toDataURL());

/** How far the page is scrolled, once it has come to rest. */
const settled = (page) => page.evaluate(async () => {
  for (let still = 0, last = -1; still < 10; last = scrollY) {
    await new Promise((done) => { requestAnimationFrame(done); });
    still = scrollY === last ? still + 1 : 0;
  }
  return scrollY;
});

/** The middle of a share of a canvas, in pixels of the screen. */
async function point(canvas, x, y) {
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  return [box.x + x * box.width, box.y + y * box.height];
}

test('the page asks for nothing and stores nothing', async () => {
  const page = await show();
  assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').length), 0);
  assert.equal(await page.evaluate(() => document.cookie), '');
  for (const kind of ['heatmap', 'timeline', 'flame'])
    assert.ok(await page.locator(`[data-view=${kind}] canvas.plot`).count() >= 2, kind);
});

test('a heat map tells what the pointer is on', async () => {
  const page = await show();
  const cpus = figure(page, 'heatmap', 'on_cpu');
  await page.mouse.move(...await point(plot(cpus), 0.5, 0.4));
  assert.match(await readout(cpus), /^[\d.]+ \w?s to [\d.]+ \w?s · CPU \d+: [\d.]+% of the column/);
  const waits = figure(page, 'heatmap', 'run_queue');
  await page.mouse.move(...await point(plot(waits), 0.5, 0.5));
  assert.match(await readout(waits), /waits of [\d.]+ \w?s to [\d.]+ \w?s: \d+ threads?/);
  await page.mouse.move(0, 0);
  assert.match(await readout(waits), /^Drag to zoom/);
});

test('dragging over a heat map zooms both maps of the trial and a button shows all again', async () => {
  const page = await show();
  const [cpus, waits] = [figure(page, 'heatmap', 'on_cpu'), figure(page, 'heatmap', 'run_queue')];
  const before = await picture(plot(waits));
  await page.mouse.move(...await point(plot(cpus), 0.4, 0.5));
  await page.mouse.down();
  await page.mouse.move(...await point(plot(cpus), 0.45, 0.5), { steps: 4 });
  await page.mouse.up();
  await drawn(page);
  assert.match(await note(cpus), /^A column is/);
  assert.match(await note(waits), /^A column is/);
  assert.notEqual(await picture(plot(waits)), before);
  await cpus.getByRole('button', { name: 'Show all' }).click();
  await drawn(page);
  await page.mouse.move(0, 0);
  assert.equal(await picture(plot(waits)), before);
});

test('the wheel scrolls the page until the heat map has the focus', async () => {
  const page = await show();
  const cpus = figure(page, 'heatmap', 'on_cpu');
  const middle = await point(plot(cpus), 0.5, 0.5);
  const before = await picture(plot(cpus));
  const top = await settled(page);
  await page.mouse.move(...middle);
  await page.mouse.wheel(0, 60);
  await page.waitForFunction((old) => scrollY !== old, top);
  await settled(page);
  assert.equal(await picture(plot(cpus)), before, 'not zoomed');
  await page.mouse.click(...await point(plot(cpus), 0.5, 0.5));
  const scrolled = await settled(page);
  await page.mouse.wheel(0, -60);
  await page.waitForFunction((old) => document.querySelector('[data-map=on_cpu] canvas.plot').toDataURL() !== old, before);
  assert.equal(await page.evaluate(() => scrollY), scrolled);
});

test('keys zoom a heat map and read its cells aloud', async () => {
  const page = await show();
  const waits = figure(page, 'heatmap', 'run_queue');
  await plot(waits).focus();
  for (let i = 0; i < 20; i++) await page.keyboard.press('+');
  await drawn(page);
  assert.match(await note(waits), /^A column is/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  assert.match(await waits.getByRole('status').first().textContent(), /waits of .*: \d+ threads?$/);
  await page.keyboard.press('0');
  await drawn(page);
  const [left, right] = [await waits.getByRole('status').first().textContent(), await readout(waits)];
  assert.equal(left, right);
});

test('where columns share a pixel the largest is shown or the mean and the page says which', async () => {
  const page = await show({ viewport: { width: 500, height: 800 } });
  const cpus = figure(page, 'heatmap', 'on_cpu');
  assert.match(await note(cpus), /A pixel stands for [\d.]+ columns of .*: the largest is shown/);
  const largest = await picture(plot(cpus));
  await cpus.locator('select').selectOption('mean');
  await drawn(page);
  assert.match(await note(cpus), /their mean is shown/);
  assert.notEqual(await picture(plot(cpus)), largest);
});

test('a click zooms the flame graph into a frame and Escape shows all', async () => {
  const page = await show();
  const flame = figure(page, 'flame');
  const at = async (x, row) => {
    const [left, top] = await point(plot(flame), x, 0);
    return [left, top + row * 18 + 9];
  };
  const whole = await picture(plot(flame));
  await page.mouse.move(...await at(0.02, 3));
  const narrow = await readout(flame);
  assert.match(narrow, /with its callees [\d.]+ \w?s \([\d.]+%, [\d,]+ samples\)/);
  await page.mouse.click(...await at(0.02, 5));
  await drawn(page);
  await page.mouse.move(...await at(0.02, 5));
  const frame = await readout(flame);
  await page.mouse.move(...await at(0.98, 5));
  assert.equal(await readout(flame), frame, 'it is as wide as the plot');
  assert.notEqual(await picture(plot(flame)), whole);
  await plot(flame).focus();
  await page.keyboard.press('Escape');
  await drawn(page);
  await page.mouse.move(...await at(0.02, 3));
  assert.equal(await readout(flame), narrow);
});

test('the flame graph finds a name and says its share', async () => {
  const page = await show();
  const flame = figure(page, 'flame');
  await flame.locator('input[type=search]').fill('work.');
  assert.match(await flame.locator('[role=status]').first().innerText(), /^[\d.]+% of the samples pass through it$/);
  assert.notEqual(await flame.locator('[role=status]').first().innerText(), '0% of the samples pass through it');
  await flame.locator('input[type=search]').fill('there is no such function');
  assert.equal(await flame.locator('[role=status]').first().innerText(), '0% of the samples pass through it');
});

test('the flame graph shows the samples of one group alone and keys walk through it', async () => {
  const page = await show();
  const flame = figure(page, 'flame');
  const options = await flame.locator('select option').allTextContents();
  assert.ok(options.some((option) => /goroutine/.test(option)), options.join());
  await flame.locator('select').selectOption({ index: 1 });
  await plot(flame).focus();
  await page.keyboard.press('ArrowDown');
  assert.match(await readout(flame), /\(100%, /);
  await page.keyboard.press('ArrowDown');
  assert.match(await flame.locator('.spoken').textContent(), /with its callees/);
});

test('the timeline begins at the longest wait and says who woke the thread', async () => {
  const page = await show();
  const timeline = figure(page, 'timeline');
  const first = await readout(timeline);
  assert.match(first, /^M \d+ · runnable · [\d.]+ \w?s from [\d.]+ \w?s/);
  await timeline.getByRole('button', { name: 'Show all' }).click();
  await drawn(page);
  await timeline.getByRole('button', { name: 'Show the longest wait' }).click();
  assert.equal(await readout(timeline), first);
});

test('the timeline shows the kinds of lanes that are wanted', async () => {
  const page = await show();
  const timeline = figure(page, 'timeline');
  const lanes = async () => Number((await timeline.locator('.note').innerText()).split(' ')[0]);
  const all = await lanes();
  await timeline.getByRole('checkbox', { name: 'goroutines' }).uncheck();
  const fewer = await lanes();
  assert.ok(fewer < all && fewer > 0);
  await timeline.locator('input[type=search]').fill('CPU');
  const cpus = await lanes();
  assert.ok(cpus > 0 && cpus < fewer);
  await timeline.locator('input[type=search]').fill('');
  await plot(timeline).focus();
  await page.keyboard.press('ArrowDown');
  assert.match(await timeline.locator('.spoken').textContent(), /^\w+/);
  const box = await plot(timeline).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 20 + 8);
  assert.match(await readout(timeline), /^CPU \d+/);
});

test('another time can be the middle of the timeline', async () => {
  const page = await show({}, reportOf(realBundle(), '--around', '20ms'));
  const text = await page.locator('#timeline').innerText();
  assert.match(text, /around the time that was asked for/);
});

test('a point of a radar tells its value under the pointer and with the focus', async () => {
  const page = await show();
  const mark = page.locator('figure.radar .mark[tabindex]').first();
  const words = await mark.getAttribute('aria-label');
  assert.match(words, /: \d+ of 100 for /);
  const tip = page.locator('.tip');
  assert.ok(await tip.isHidden());
  await mark.scrollIntoViewIfNeeded();
  const box = await mark.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  assert.ok((await tip.innerText()).includes(words), 'perhaps beside one that lies on it');
  await page.mouse.move(0, 0);
  assert.ok(await tip.isHidden());
  await mark.focus();
  assert.equal(await tip.innerText(), words);
  await page.keyboard.press('Tab');
  assert.notEqual(await tip.innerText(), words, 'the next point');
  await page.keyboard.press('Escape');
  assert.ok(await tip.isHidden());
});

test('a point of a strip tells its trial', async () => {
  const page = await show();
  await page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
  const dot = page.locator('.dots circle').first();
  await dot.scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollBy(0, -200));
  const box = await dot.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  assert.ok((await page.locator('.tip').innerText()).includes(await dot.getAttribute('data-tip')));
});

test('a figure saved as SVG is a whole file with its looks', async () => {
  const page = await show();
  const wanted = page.waitForEvent('download');
  await page.locator('figure.radar').first().getByRole('button', { name: 'Save as SVG' }).click();
  const download = await wanted;
  assert.match(download.suggestedFilename(), /^[\w-]+\.svg$/);
  const text = readFileSync(await download.path(), 'utf8');
  const parsed = await page.evaluate((source) => {
    const file = new DOMParser().parseFromString(source, 'image/svg+xml');
    const mark = file.querySelector('path[fill]');
    return {
      fault: file.querySelector('parsererror')?.textContent,
      namespace: file.documentElement.namespaceURI,
      colours: new Set([...file.querySelectorAll('[fill]')].map((one) => one.getAttribute('fill'))).size,
      left: file.querySelectorAll('[class], [tabindex], [data-tip]').length,
      marks: file.querySelectorAll('path > title').length,
      mark: mark !== null,
    };
  }, text);
  assert.deepEqual({ ...parsed, colours: parsed.colours > 2, marks: parsed.marks > 3 },
    { fault: undefined, namespace: 'http://www.w3.org/2000/svg', colours: true, left: 0, marks: true, mark: true });
});

test('light and dark change the page and its plots and are kept nowhere', async () => {
  const page = await show();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const canvas = plot(figure(page, 'flame'));
  const [light, drawing] = [await ground(), await picture(canvas)];
  await page.locator('#theme').click();
  await drawn(page);
  assert.notEqual(await ground(), light);
  assert.notEqual(await picture(canvas), drawing);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  await page.locator('#theme').click();
  await drawn(page);
  assert.equal(await ground(), light);
  assert.equal(await picture(canvas), drawing);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds no violation in ${colorScheme}`, async () => {
    const page = await show({ colorScheme });
    await page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`), []);
  });
}

test('a demo with a name of markup stays text', async () => {
  const name = '</script><b>x';
  const page = await show({}, reportOf(changedBundle((bundle) => renameIn(bundle, 'pool', name))));
  assert.deepEqual(await page.locator('b').evaluateAll((all) => all.filter((b) => b.textContent.startsWith('x')).length), 0);
  assert.equal(await page.locator('body > footer').count(), 1, 'the page goes on to its end');
  assert.ok((await page.locator('#heatmaps h3').allTextContents()).includes(name));
  assert.ok(await page.locator('[data-view=timeline] canvas.plot').count() >= 2, 'the data blocks are whole');
});

test('without a script tables and words stand in for the plots', async () => {
  const page = await show({ javaScriptEnabled: false });
  assert.equal(await page.locator('canvas').count(), 0);
  assert.match(await page.locator('#heatmaps').innerText(), /times a thread got a CPU after having waited/);
  assert.ok(await page.locator('#flame table tbody tr').count() > 3);
  assert.match(await page.locator('#timeline').innerText(), /runner export .* --format csv/);
  await page.locator('#heatmaps details[class=""], #heatmaps [data-view] details').first().locator('summary').click();
  assert.ok(await page.locator('#heatmaps [data-view] table tbody tr').first().isVisible());
});

test('a narrow screen scrolls down only', async () => {
  const page = await show({ viewport: { width: 390, height: 800 } });
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= screen, `${wide} pixels on a screen of ${screen}`);
});
