// run.mjs [FILE]: runs the tests of this folder one file after the other; says what criterion would say of them, and writes
// FILE in the form of its TAP, so that scripts/check-results can put them together with the other suites.
import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).sort().map((name) => folder + name);
const lines = [];
const sums = { passing: 0, failing: 0, skipped: 0 };

const suiteOf = (file) => `web_${file.replace(/.*\/|\.test\.mjs$/g, '')}`;
const isFile = ({ name }) => name.endsWith('.test.mjs'); // told as a test of its own: worth a line only where it failed
const nameOf = ({ name, file = files[0] }) => (name.endsWith('.test.mjs') ? `${suiteOf(name)}::loads`
  : `${suiteOf(file)}::${name.replace(/[^\w]+/g, '_')}`);

function ended(event, ok) {
  if (ok && isFile(event)) return;
  const skip = event.skip === undefined ? '' : `# SKIP ${event.skip === true ? 'no reason given' : event.skip}`;
  lines.push(`${ok ? 'ok' : 'not ok'} - ${nameOf(event)}  ${skip}`.trimEnd());
  sums[skip ? 'skipped' : ok ? 'passing' : 'failing']++;
  if (ok) return;
  const error = event.details.error?.cause ?? event.details.error;
  console.log(`[FAIL] ${nameOf(event)}\n${error?.stack ?? error}`);
}

// One after the other: timings would otherwise be those of several browsers at once.
for await (const { type, data } of run({ files, concurrency: false, timeout: 1_500_000 })) {
  if (type === 'test:pass') ended(data, true);
  else if (type === 'test:fail') ended(data, false);
  else if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message);
}

if (process.argv[2]) writeFileSync(process.argv[2], `TAP version 13\n1..${lines.length}\n${lines.join('\n')}\n`);
const tested = sums.passing + sums.failing;
console.log(`[====] Synthesis: Tested: ${tested} | Passing: ${sums.passing} | Failing: ${sums.failing} | Crashing: 0 `);
process.exitCode = sums.failing || !tested ? 1 : 0;
