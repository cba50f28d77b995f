/** What the pages about Kafka name is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startFlowHealth } from '../../apps/cli/src/health/flow-health.ts';
import { root } from '../run-linnet.ts';

const PAGES = [
  'docs/kafka.md',
  'docs/operate.md',
  'docs/decisions/kafka-commit-interval.md',
  'docs/decisions/kafka-lanes.md',
  'docs/decisions/kafka-static-membership.md',
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');

test('every option that the pages show is one of the command line', () => {
  const help = read('docs/cli.md');
  const lines = PAGES.flatMap((page) => read(page).split('\n'));
  // Of `scripts/kafka`, docker, kubectl and openssl are the others.
  const own = lines.filter((line) => !/\b(docker|kubectl|openssl|scripts\/kafka)\b/.test(line));
  const options = new Set(
    own.flatMap((line) => [...line.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([name]) => name)),
  );
  assert.ok(options.size > 15);
  const besides = new Set(['--short', '--peers', '--no-healthcheck']);
  for (const name of options) assert.ok(besides.has(name) || help.includes(name), name);
});

test('every link leads somewhere', () => {
  for (const page of PAGES)
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)(?:#[\w-]+)?\)/g))
      assert.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`);
});

test('every metric that the pages name is measured', async () => {
  const health = await startFlowHealth({ host: '127.0.0.1', port: 0 });
  const text = await (await fetch(`http://127.0.0.1:${health.address.port}/metrics`)).text();
  health.close();
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/`((?:linnet|process|nodejs)_\w+)`/g)].map(([, name]) => name as string),
  );
  assert.ok(named.length > 8);
  for (const name of named) assert.ok(text.includes(`# TYPE ${name} `), name);
});
