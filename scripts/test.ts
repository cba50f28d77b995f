/**
 * `npm test [-- PATTERN…]`: every *.test.ts of the tree, or those whose path holds one of the patterns.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname } from 'node:path';

/** A test that hangs is a failed test, not a hung run. */
const TIMEOUT_MS = 300_000;

process.chdir(dirname(import.meta.dirname));
const patterns = process.argv.slice(2);
const files = globSync('{packages,apps,examples,scripts,bench,sim,test}/**/*.test.ts', {
  exclude: ['**/node_modules/**', '**/dist/**'],
}).filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)));

if (files.length === 0) {
  process.stderr.write(`no test file matches ${patterns.join(' ')}\n`);
  process.exit(1);
}
const run = spawnSync(
  process.execPath,
  [
    '--conditions=source',
    '--expose-gc',
    '--test',
    '--test-concurrency=2',
    `--test-timeout=${TIMEOUT_MS}`,
    '--test-reporter=./scripts/reporter.ts',
    '--test-reporter-destination=stdout',
    ...files.toSorted(),
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(run.status ?? 1);
