/**
 * `npm run kill-proof -- [--kills 200] [--records 1000000] [--seed 1] [--workers 1|2|changing]`: a run over a generated file
 * is ended with SIGKILL at random moments, each time started again, and its tables and history are compared with those of an
 * undisturbed run. Without --workers: with one worker, with two, and with another number each time. Exits 1 where a record is
 * missing or doubled, or where fewer kills than asked hit the run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readOutputs } from '@linnet/connectors/recovery';
import { compareHistory, compareOutputs, runAndKill, runToEnd } from './kill-run.ts';
import { writeReadings } from './readings.ts';

const WORKERS: Readonly<Record<string, (kill: number) => number>> = {
  '1': () => 1,
  '2': () => 2,
  changing: (kill) => 1 + (kill % 3),
};

const { kills, records, seed, workers } = readArguments();
const folder = mkdtempSync(join(tmpdir(), 'linnet-kill-proof-'));
const input = join(folder, 'input.jsonl');
writeReadings(input, records);
runToEnd({ input, directory: join(folder, 'undisturbed') }, 1);
const expected = [...readOutputs(join(folder, 'undisturbed'))];
let failed = false;
for (const name of workers) await prove(name);
if (failed) process.stdout.write(`what was left is in ${folder}\n`);
else rmSync(folder, { recursive: true });
process.exit(failed ? 1 : 0);

async function prove(name: string): Promise<void> {
  const started = performance.now();
  const directory = join(folder, `killed-${name}`);
  const workersOf = WORKERS[name] as (kill: number) => number;
  const done = await runAndKill({
    input,
    directory,
    records,
    kills,
    workers: workersOf,
    random: generator(seed),
  });
  runToEnd({ input, directory }, workersOf(kills));
  const outputs = compareOutputs(expected, directory);
  const history = compareHistory(records, directory);
  const good = done.kills === kills && outputs.identical && history.missing === 0 && history.duplicated === 0;
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(
    `kills ${done.kills}, records ${records}, outputs expected ${expected.length}, missing ${outputs.missing}, duplicated ${outputs.duplicated}\n` +
      `    workers ${name}; ${done.beforeCommit} kills before the first commit of their process; tables ${outputs.identical ? 'identical to the byte' : 'DIFFERENT'}; ` +
      `history expected ${records}, missing ${history.missing}, duplicated ${history.duplicated}; ${seconds} s\n`,
  );
  if (!good) failed = true;
  else rmSync(directory, { recursive: true });
}

/** Even in 0 to 1 (xorshift32), so that a seed gives the same moments. */
function generator(start: number): () => number {
  let state = start >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string', default: '200' },
        records: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: '1' },
        workers: { type: 'string' },
      },
    });
    const given = values.workers;
    if (given !== undefined && WORKERS[given] === undefined)
      throw new Error(`--workers ${given}: it is one of ${Object.keys(WORKERS).join(', ')}`);
    return {
      kills: wholeNumber('kills', values.kills),
      records: wholeNumber('records', values.records),
      seed: wholeNumber('seed', values.seed),
      workers: given === undefined ? Object.keys(WORKERS) : [given],
    };
  } catch (error) {
    process.stderr.write(`kill-proof: ${(error as Error).message}\n`);
    return process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--${name} ${text}: it must be a whole number above 0`);
}
