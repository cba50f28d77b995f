/**
 * `npm run kill-proof -- [--kills 200] [--records 1000000] [--seed 1] [--flow windows|smoke] [--workers 1|2|changing]`: a run over a
 * generated file is ended with SIGKILL at random moments, each time started again, and its tables and history are compared with
 * those of an undisturbed run. Without --flow and --workers: both flows, each with one worker, with two, and with another
 * number each time. Exits 1 where a record is missing or doubled, or where fewer kills than asked hit the run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readOutputs } from '@linnet/connectors/recovery';
import { compareHistory, compareOutputs, runAndKill, runToEnd } from './kill-run.ts';
import { seeded } from '../seeded.ts';
import { writeReadings, writeSmokeReadings } from './readings.ts';

const WORKERS: Readonly<Record<string, (kill: number) => number>> = {
  '1': () => 1,
  '2': () => 2,
  changing: (kill) => 1 + (kill % 3),
};

interface KilledFlow {
  readonly flow: string;
  /** Writes about so many records; says how many. */
  write(path: string, records: number): number;
  /** Every reading carries its number, and is kept in the history. */
  readonly numbered: boolean;
}

const FLOWS: Readonly<Record<string, KilledFlow>> = {
  windows: { flow: 'test/recovery/flow.ts', write: writeReadings, numbered: true },
  smoke: { flow: 'examples/smoke/flow.ts', write: writeSmokeReadings, numbered: false },
};

const { kills, seed, flows, workers, ...wanted } = readArguments();
const folder = mkdtempSync(join(tmpdir(), 'linnet-kill-proof-'));
let failed = false;
process.on('exit', () => {
  if (!failed) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

for (const name of flows) {
  const killed = FLOWS[name] as KilledFlow;
  const { flow } = killed;
  const input = join(folder, `${name}.input`);
  const records = killed.write(input, wanted.records);
  const undisturbed = { flow, input, directory: join(folder, `${name}-undisturbed`) };
  runToEnd(undisturbed, 1);
  const expected = [...readOutputs(undisturbed.directory)];
  for (const own of workers) await prove(name, input, records, expected, own);
}
if (failed) process.stdout.write(`what was left is in ${folder}\n`);
process.exit(failed ? 1 : 0);

async function prove(
  name: string,
  input: string,
  records: number,
  expected: readonly string[],
  workersName: string,
): Promise<void> {
  const started = performance.now();
  const { flow, numbered } = FLOWS[name] as KilledFlow;
  const directory = join(folder, `${name}-${workersName}`);
  const workersOf = WORKERS[workersName] as (kill: number) => number;
  const run = { flow, input, directory };
  const done = await runAndKill({ ...run, records, kills, workers: workersOf, random: seeded(seed) });
  runToEnd(run, workersOf(kills));
  const outputs = compareOutputs(expected, directory);
  const history = numbered ? compareHistory(records, directory) : { missing: 0, duplicated: 0 };
  const kept = `history expected ${records}, missing ${history.missing}, duplicated ${history.duplicated}; `;
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `kills ${done.kills}, records ${records}, outputs expected ${expected.length}, missing ${outputs.missing}, duplicated ${outputs.duplicated}\n` +
      `    flow ${name}, workers ${workersName}; ${done.beforeCommit} kills before the first commit of their process; ` +
      `tables ${outputs.identical ? 'identical to the byte' : 'DIFFERENT'}; ${numbered ? kept : ''}${seconds} s\n`,
  );
  if (done.kills === kills && outputs.identical && history.missing + history.duplicated === 0)
    rmSync(directory, { recursive: true });
  else failed = true;
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string', default: '200' },
        records: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: '1' },
        flow: { type: 'string' },
        workers: { type: 'string' },
      },
    });
    return {
      kills: wholeNumber('kills', values.kills),
      records: wholeNumber('records', values.records),
      seed: wholeNumber('seed', values.seed),
      flows: oneOrAll('flow', values.flow, Object.keys(FLOWS)),
      workers: oneOrAll('workers', values.workers, Object.keys(WORKERS)),
    };
  } catch (error) {
    process.stderr.write(`kill-proof: ${(error as Error).message}\n`);
    return process.exit(2);
  }
}

function oneOrAll(name: string, given: string | undefined, all: readonly string[]): readonly string[] {
  if (given === undefined) return all;
  if (all.includes(given)) return [given];
  throw new Error(`--${name} ${given}: it is one of ${all.join(', ')}`);
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} ${text}: it must be a whole number above 0`);
}
