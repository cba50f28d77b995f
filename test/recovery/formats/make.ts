/**
 * Makes the fixture of the layout that this release writes: a store behind half of the input, what a run that goes on from it prints, and
 * its tables in the end. Run it when the layout gets a new version: `node --conditions=source test/recovery/formats/make.ts N`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecoveryStore } from '@linnet/connectors/recovery';
import { loadFlow, stateCodec } from '@linnet/connectors/runtime';
import { runLocal } from '@linnet/core';
import { inputLines, READ_BEFORE } from './input.ts';

const layout = process.argv[2] ?? '';
const fixture = join(import.meta.dirname, `layout-${layout}`);
if (!/^\d+$/.test(layout) || existsSync(fixture)) {
  process.stderr.write('give the number of a layout that has no fixture yet\n');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'linnet-make-'));
const input = join(folder, 'input.jsonl');
const store = join(folder, 'store');
const flow = join(import.meta.dirname, 'flow.ts');
await readFirst();
mkdirSync(fixture);
cpSync(store, join(fixture, 'store'), { recursive: true });
writeFileSync(join(fixture, 'rest.txt'), linnet('run', flow, '--recovery', store, '--output', 'json'));
writeFileSync(join(fixture, 'outputs.txt'), linnet('outputs', '--recovery', store));
rmSync(folder, { recursive: true });

/** Stops as Ctrl-C does, so that windows and joins are open. */
async function readFirst(): Promise<void> {
  const lines = inputLines().split('\n').slice(0, READ_BEFORE);
  writeFileSync(input, lines.map((line) => `${line}\n`).join(''));
  process.env['INPUT'] = input;
  const graph = await loadFlow(flow, import.meta.url);
  const backend = new RecoveryStore(store, graph);
  await runLocal(graph, {
    clock: Date,
    codec: stateCodec,
    recovery: { backend, commitMs: 1000, sleep: () => Promise.resolve() },
    print: () => Promise.resolve(),
    stopped: () => true,
  });
  await backend.close();
  rmSync(join(store, 'lock.sqlite'), { force: true });
  writeFileSync(input, inputLines());
}

function linnet(...args: string[]): string {
  const options = { cwd: join(import.meta.dirname, '../../..'), encoding: 'utf8' } as const;
  const all = ['--conditions=source', 'apps/cli/src/main.ts', ...args];
  const run = spawnSync(process.execPath, all, { ...options, env: { ...process.env, INPUT: input } });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}
