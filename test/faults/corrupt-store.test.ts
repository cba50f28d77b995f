/**
 * Bytes of a recovery store turned over, overwritten and cut off at many places: the next run either says that the file is
 * damaged and what to do, or ends with the tables of an undisturbed run. FAULT_RUNS=3000 tries more places.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { RecoveryStore, readOutputs, readState, recoveryPath } from '@linnet/connectors/recovery';
import { stateCodec } from '@linnet/connectors/runtime';
import { LinnetError, records, runLocal } from '@linnet/core';
import { recoveryFlow } from '../recovery/flow.ts';
import { readings } from '../recovery/readings.ts';
import { linnet } from '../run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-corrupt-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const RUNS = Number(process.env['FAULT_RUNS'] ?? 40);
const BLOCKS = 30;
const { graph } = recoveryFlow(records(readings(6000), { block: 6000 / BLOCKS })) as unknown as {
  graph: Parameters<typeof runLocal>[0];
};

/** Runs until the end, or until some blocks were read; with a commit after each. `held` sees the folder while it is open. */
async function run(directory: string, blocks = Infinity, held?: () => void): Promise<void> {
  const backend = new RecoveryStore(directory, graph);
  let read = 0;
  try {
    await runLocal(graph, {
      clock: { now: () => 1_800_000_000_000 },
      codec: stateCodec,
      print: () => Promise.resolve(),
      recovery: { backend, commitMs: 0, sleep: () => Promise.reject(new Error('it waits')) },
      stopped: () => ++read >= blocks,
    });
    held?.();
  } finally {
    await backend.close();
  }
}

await run(join(folder, 'undisturbed'));
const expected = [...readOutputs(join(folder, 'undisturbed'))];
/** A store closed in the middle, and one whose process was killed there: its newest epochs are in the log. */
const stores = ['closed', 'killed'] as const;
await run(join(folder, 'closed'), BLOCKS / 2);
await run(join(folder, 'running'), BLOCKS / 2, () =>
  cpSync(join(folder, 'running'), join(folder, 'killed'), { recursive: true }),
);

/** Every reading is in the history once; what cannot be read is told. */
function checkHistory(directory: string, what: string): void {
  const database = openStoreReadOnly(recoveryPath(directory));
  try {
    const onDamage = ({ reason }: { reason: string }) => {
      throw new LinnetError('data.invalid', `recovery.sqlite is damaged (${reason}): take a backup`);
    };
    const reader = new HistoryReader(database, { onDamage });
    const ids = reader.sensors().flatMap((sensor) => [...(reader.read(sensor).channels['id'] ?? [])]);
    assert.deepEqual(
      ids.toSorted((a, b) => a - b),
      Array.from({ length: 6000 }, (_, id) => id),
      what,
    );
  } finally {
    database.close();
  }
}

/** A small generator of our own, so that a failure can be repeated from its number. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function damage(file: string, next: (below: number) => number): string {
  const bytes = readFileSync(file);
  const at = next(bytes.length);
  const kind = next(4);
  if (kind === 0) {
    bytes[at] = (bytes[at] as number) ^ (1 << next(8));
    writeFileSync(file, bytes);
    return `bit of byte ${at}`;
  }
  if (kind === 1) {
    for (let i = at; i < Math.min(bytes.length, at + 64); i++) bytes[i] = next(256);
    writeFileSync(file, bytes);
    return `64 bytes at ${at}`;
  }
  if (kind === 2) {
    const page = at - (at % 4096);
    bytes.fill(0, page, page + 4096);
    writeFileSync(file, bytes);
    return `page at ${page}`;
  }
  writeFileSync(file, bytes.subarray(0, at));
  return `cut off at ${at}`;
}

test('a damaged store is told, or does no harm; no run ends with a wrong table', async () => {
  const outcome = { told: 0, harmless: 0 };
  for (let seed = 0; seed < RUNS; seed++) {
    const next = random(seed);
    const base = stores[next(stores.length)] as string;
    const directory = join(folder, 'damaged');
    rmSync(directory, { recursive: true, force: true });
    cpSync(join(folder, base), directory, { recursive: true });
    const files = readdirSync(directory).filter(
      (name) => /sqlite(-wal)?$/.test(name) && name !== 'lock.sqlite',
    );
    const name = files[next(files.length)] as string;
    const what = `seed ${seed}: ${base} ${name}, ${damage(join(directory, name), next)}`;
    try {
      await run(directory);
      assert.deepEqual([...readOutputs(directory)], expected, what);
      checkHistory(directory, what);
      outcome.harmless++;
    } catch (error) {
      if (!(error instanceof LinnetError)) throw new Error(what, { cause: error });
      assert.match(error.message, /recovery\.sqlite is damaged .*(--reset|backup)/, what);
      assert.equal(error.code, 'data.invalid', what);
      outcome.told++;
    }
  }
  process.stdout.write(
    `${RUNS} damaged stores: ${outcome.told} told, ${outcome.harmless} harmless, 0 wrong\n`,
  );
  assert.ok(outcome.told > 1 && outcome.harmless > 0);
});

test('a store that vanished or was emptied is no new store', async () => {
  for (const change of ['emptied', 'removed'] as const) {
    const directory = join(folder, change);
    cpSync(join(folder, 'closed'), directory, { recursive: true });
    const file = join(directory, 'recovery.sqlite');
    if (change === 'emptied') writeFileSync(file, '');
    else rmSync(file);
    await assert.rejects(run(directory), {
      code: 'data.invalid',
      message: /recovery\.sqlite is damaged .*--reset/,
    });
  }
});

test('the commands name a damaged file; --reset begins anew', async () => {
  const directory = join(folder, 'commands');
  const input = join(folder, 'input.jsonl');
  writeFileSync(
    input,
    readings(3000)
      .map((reading) => `${JSON.stringify(reading)}\n`)
      .join(''),
  );
  const flow = 'test/recovery/flow.ts';
  const command = (...args: string[]) =>
    linnet([...args, '--recovery', directory], { env: { INPUT: input } });
  assert.equal((await command('run', flow)).code, 0);
  assert.equal(readState(directory).outputs.length, 2);
  writeFileSync(
    join(directory, 'recovery.sqlite'),
    'no database at all, but some text that is long enough'.repeat(99),
  );
  for (const args of [['run', flow], ['state', flow], ['outputs']]) {
    const { code, stdout, stderr } = await command(...args);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^linnet: \S+recovery\.sqlite is damaged \(.*\): restore it from a backup, or begin anew with --reset\n$/,
    );
  }
  assert.equal((await command('run', flow, '--reset')).code, 0);
  assert.equal(
    (await command('outputs')).stdout.split('\n').length - 1,
    readState(directory).outputs.reduce((sum, { records: n }) => sum + n, 0),
  );
});
