// Builds dist/report.js; with `--check` into a folder of its own and compares: the committed file must be what the sources give.
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const permission = (await readFile(here('node_modules/d3-scale-chromatic/LICENSE'), 'utf8')).trim();
const result = await build({
  entryPoints: [here('src/main.js')],
  outfile: here('dist/report.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  charset: 'ascii',
  legalComments: 'none',
  banner: { js: `/* Contains modules of d3 (d3js.org). ${permission.replaceAll('*/', '')} */` },
  write: !process.argv.includes('--check'),
});

if (process.argv.includes('--check')) {
  const committed = await readFile(here('dist/report.js'));
  if (Buffer.compare(committed, Buffer.from(result.outputFiles[0].contents)) !== 0) {
    console.error('runner/report/web/dist/report.js is not what its sources give: run `make web` and commit it');
    process.exit(1);
  }
  console.log(`dist/report.js is what its sources give (${committed.length} bytes)`);
}
