// A headless browser, and pages of bundles in it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const top = fileURLToPath(new URL('../..', import.meta.url));
const bundles = process.env.RUNNER_WEB_BUNDLES ?? join(top, 'build/web');
const runner = join(process.env.RUNNER_TEST_BIN ?? join(top, 'build'), 'runner');

/** The bundle that scripts/web-tests had made. */
export function realBundle() {
  const name = readdirSync(join(bundles, 'runs')).find((entry) => entry.startsWith('web-'));
  return join(bundles, 'runs', name);
}

export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'runner-web-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** A copy of the bundle, without its checksums, that `change` may write to. */
export function changedBundle(change) {
  const copy = join(temporary(), 'bundle');
  cpSync(realBundle(), copy, { recursive: true });
  rmSync(join(copy, 'SHA256SUMS'), { force: true });
  change(copy);
  return copy;
}

/** Every "from" in the JSON files on top of the bundle, as a name or a value, becomes "to". */
export function renameIn(bundle, from, to) {
  for (const name of ['experiment.json', 'summary.json']) {
    const text = readFileSync(join(bundle, name), 'utf8');
    writeFileSync(join(bundle, name), text.replaceAll(JSON.stringify(from), JSON.stringify(to)));
  }
}

/** The path of its report.html. */
export function reportOf(bundle, ...options) {
  const page = join(temporary(), 'report.html');
  execFileSync(runner, ['report', bundle, ...options, '-o', page], { stdio: ['ignore', 'ignore', 'inherit'] });
  return page;
}

export function launch() {
  const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: process.env.RUNNER_BROWSER ?? '/usr/bin/chromium', args });
}

/**
 * Opens a report over file:// and waits until everything is drawn. `faults` gets what must never happen: a request, an
 * error, a word on the console.
 */
export async function open(browser, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  const address = `file://${path}`;
  const faults = [];
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('blob:')) faults.push(`request: ${request.url()}`);
  });
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.setDefaultTimeout(60_000);
  await page.goto(address);
  if (options.javaScriptEnabled !== false) await drawn(page);
  return { page, faults, close: () => context.close() };
}

/** Everything that was asked for is drawn. */
export async function drawn(page) {
  await page.waitForFunction(() => !document.querySelector('[aria-busy]'));
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
}
