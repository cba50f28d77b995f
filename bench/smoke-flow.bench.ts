/**
 * The smoke flow of examples/smoke as a person runs it, start-up included: 6.0M readings of 1,000 sensors as CSV. And how long after the
 * record that closes a window was written its alerts are at a webhook, with a commit each second.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { airLines, simulateAir } from 'linnet';
import { processSeconds } from './process-seconds.ts';
import type { Round, Scenario } from './scenario.ts';
import { alertLatency } from './smoke/alert-latency.ts';

const [SENSORS, DAYS, SEED] = [1000, 42, 1];
const cli = join(import.meta.dirname, '../apps/cli/src/main.ts');
const example = join(import.meta.dirname, '../examples/smoke/flow.ts');

export const scenarios: readonly Scenario[] = [
  {
    id: 'smoke-flow-1000-keys',
    unit: 'records/s',
    target: 400_000,
    peer: { name: 'Bytewax 0.21.1 + River 0.26.1', recorded: 15_500 },
    prepare: () => rates([]),
  },
  {
    id: 'smoke-flow-1000-keys-commits-1s',
    unit: 'records/s',
    target: 300_000,
    peer: { name: 'Bytewax 0.21.1 + River 0.26.1', recorded: 7_600 },
    prepare: () => rates(['--commit-interval', '1s', '--reset', '--recovery'], true),
  },
  {
    id: 'smoke-flow-two-workers',
    unit: 'records/s',
    target: { timesPeer: 1.5 },
    peer: { name: 'one worker', prepare: () => rates([]) },
    prepare: () => rates(['--workers', '2']),
  },
  {
    id: 'alert-latency-p99-commits-1s',
    unit: 'ms',
    // The commit interval and 50 ms.
    target: 1050,
    rounds: 1,
    warmup: 0,
    prepare: () => () => alertLatency({ seconds: 20, recordsPerSecond: 10_000, part: 0.99 }),
  },
];

let input: { readonly path: string; readonly records: number } | undefined;

/** @param folder true where the last argument wants the name of a folder of its own */
function rates(args: readonly string[], folder = false): Round {
  const { path, records } = (input ??= readings());
  const all = folder ? [...args, join(path, '../recovery')] : args;
  return () => records / processSeconds([cli, 'run', example, ...all], { INPUT: path });
}

/** A file in a folder that is removed when this process ends. */
function readings(): { path: string; records: number } {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'air.csv');
  const file = openSync(path, 'w');
  let lines = 0;
  for (const text of airLines(simulateAir({ sensors: SENSORS, days: DAYS, seed: SEED }), 'csv')) {
    writeSync(file, text);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  }
  closeSync(file);
  return { path, records: lines - 1 };
}
