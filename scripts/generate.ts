/**
 * `npm run generate`: writes what is made from the sources: packages/core/src/catalog.gen.ts, docs/reference/ and the help
 * in docs/cli.md. `--check` writes nothing and fails on a difference.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cataloguePage } from './generate/catalogue.ts';
import { commandPages } from './generate/commands.ts';
import { errorPage } from './generate/errors.ts';
import { referencePages } from './generate/reference.ts';

process.chdir(dirname(import.meta.dirname));
const isCheck = process.argv.includes('--check');
let stale = 0;
// The reference is made from the catalogue, which must be written first.
settle(cataloguePage());
const pages = [...(await referencePages()), errorPage(), ...commandPages()];
for (const page of pages) settle(page);
const made = new Set(pages.map(({ path }) => path));
for (const path of globSync('docs/reference/*.md')) {
  if (made.has(path)) continue;
  if (isCheck) tell(path);
  else rmSync(path);
}
process.exit(stale === 0 ? 0 : 1);

function settle({ path, text }: { readonly path: string; readonly text: string }): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  if (isCheck) {
    tell(path);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function tell(path: string): void {
  stale++;
  process.stdout.write(`${path} is out of date: run npm run generate\n`);
}
