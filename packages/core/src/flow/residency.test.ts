import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import type { Backend, Checkpoint, Epoch } from '../engine/backend.ts';
import type { Key } from '../engine/batch.ts';
import type { ColdStore } from '../engine/cold-store.ts';
import { runLocal, type RunResult } from '../engine/run.ts';
import type { Sink } from '../engine/sink.ts';
import type { StateEntry } from '../engine/state-entry.ts';
import { halfSpaceTrees } from '../model/half-space-trees.ts';
import { standardScaler } from '../scale/standard-scaler.ts';
import { tumbling } from '../window/tumbling.ts';
import type { FlowSteps } from './flow-steps.ts';
import { flow } from './flow.ts';
import { records } from './records.ts';

interface Reading {
  readonly key: number;
  readonly time: number;
  readonly value: number;
}

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const codec = {
  encode: (value: unknown) => new Uint8Array(serialize(value)),
  decode: (bytes: Uint8Array) => deserialize(bytes) as unknown,
};
const idOf = (step: string, key: Key) => `${step} ${typeof key} ${key}`;

/** What a spill does, in memory. */
class MemoryStore implements ColdStore {
  readonly rows = new Map<string, { step: string; key: Key; bytes: Uint8Array; touched: number | null }>();
  put(step: string, key: Key, bytes: Uint8Array, touched: number | null): void {
    this.rows.set(idOf(step, key), { step, key, bytes: bytes.slice(), touched });
  }
  get(step: string, key: Key): Uint8Array<ArrayBuffer> | undefined {
    return this.rows.get(idOf(step, key))?.bytes.slice();
  }
  remove(step: string, key: Key): void {
    this.rows.delete(idOf(step, key));
  }
  expire(step: string, cutoff: number): Key[] {
    const over = [...this.rows.values()].filter(
      (row) => row.step === step && row.touched !== null && row.touched < cutoff,
    );
    for (const { key } of over) this.remove(step, key);
    return over.map(({ key }) => key);
  }
  close(): void {}
}

/** Keeps epochs in memory; forgets all that comes after `lastEpoch`, as if the process had died there. */
class MemoryBackend implements Backend {
  checkpoint: Checkpoint | null = null;
  readonly entries = new Map<string, StateEntry>();
  readonly outputs: unknown[] = [];
  *states(): Iterable<StateEntry> {
    yield* this.entries.values();
  }
  commit({ checkpoint, states, outputs }: Epoch): void {
    this.checkpoint = structuredClone(checkpoint);
    for (const entry of states) {
      if (entry.bytes === null) this.entries.delete(idOf(entry.step, entry.key));
      else this.entries.set(idOf(entry.step, entry.key), { ...entry, bytes: entry.bytes.slice() });
    }
    for (const items of outputs.values()) this.outputs.push(...items);
  }
  *undelivered() {}
  delivered(): void {}
  close(): void {}
}

const trees = halfSpaceTrees({
  features: ['value'],
  limits: { value: [0, 100] },
  trees: 4,
  height: 3,
  window: 5,
  seed: 11,
});

function kept(list: unknown[]): Sink<unknown> {
  return {
    kind: 'table',
    transactional: true,
    open: () => ({
      write: (items) => Promise.resolve(void list.push(...items)),
      close: () => Promise.resolve(),
    }),
  };
}

/** A scaler, trees, a state and windows by one key. */
function build(
  readings: readonly Reading[],
  block: number,
  ttl: string | undefined,
  out: unknown[],
  windows: boolean,
): FlowSteps {
  const options = ttl === undefined ? {} : { ttl };
  const keyed = flow('keys')
    .source('in', records(readings, { block }))
    .eventTime('time', { at: ({ time }) => time, lateness: '5m' })
    .keyBy('key', ({ key }) => key)
    .transform('scale', standardScaler({ features: ['value'] }), options)
    .model('detect', trees, options)
    .stateful(
      'count',
      {
        initial: () => ({ n: 0 }),
        step: (state, { value, score }) => ({ key: value.key, value: value.value, n: ++state.n, score }),
      },
      options,
    );
  keyed.sink('out', kept(out));
  if (!windows) return keyed.flow;
  keyed
    .window(tumbling({ length: '10m' }))
    .count('windows')
    .sink('windows-out', kept(out));
  return keyed.flow;
}

interface How {
  readonly block: number;
  readonly hot?: number;
  readonly ttl?: string;
  readonly windows?: false;
  /** Stop after so many blocks and go on with a new process, again and again. */
  readonly life?: number;
}

async function run(
  readings: readonly Reading[],
  how: How,
): Promise<{ out: unknown[]; result: RunResult; left: number }> {
  const out: unknown[] = [];
  const backend = new MemoryBackend();
  for (;;) {
    let blocks = 0;
    const built = build(readings, how.block, how.ttl, out, how.windows ?? true);
    const result = await runLocal(built.graph, {
      clock: { now: () => START + 1000 * 24 * 60 * MINUTE },
      codec,
      print: () => Promise.resolve(),
      ...(how.hot !== undefined && {
        hot: { keysMax: how.hot, stateBytes: Infinity, open: () => new MemoryStore() },
      }),
      ...(how.life !== undefined && {
        recovery: { backend, commitMs: 0, sleep: () => Promise.resolve() },
        onBlock: ({ payload }) => {
          if ('items' in payload && payload.items.length > 0) blocks++;
        },
        stopped: () => blocks >= (how.life as number),
      }),
    });
    const isDone = how.life === undefined || blocks < how.life;
    if (!isDone) continue;
    return { out: how.life === undefined ? out : backend.outputs, result, left: backend.entries.size };
  }
}

const someReadings = fc
  .array(fc.record({ key: fc.nat(12), minutes: fc.nat(9), value: fc.nat(100) }), { maxLength: 120 })
  .map((list) => {
    let minute = 0;
    return list.map(({ key, minutes, value }): Reading => {
      minute += minutes;
      return { key, time: START + minute * MINUTE, value };
    });
  });

test('whatever is kept in memory, and however often it is started again, every score and count is the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      someReadings,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(undefined, '20m', '1h'),
      fc.integer({ min: 1, max: 12 }),
      async (readings, block, hot, ttl, life) => {
        const options = ttl === undefined ? {} : { ttl };
        const sorted = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item)).toSorted();
        const { out: expected } = await run(readings, { block: 1000, ...options });
        const small = await run(readings, { block, hot, ...options });
        assert.deepEqual(sorted(small.out), sorted(expected));
        const restarted = await run(readings, { block, hot, life, ...options });
        assert.deepEqual(sorted(restarted.out), sorted(expected));
        const roomy = await run(readings, { block, life, ...options });
        assert.deepEqual(sorted(roomy.out), sorted(expected));
      },
    ),
    { numRuns: 100 },
  );
});

test('keys beyond what fits are moved out and come back, and are counted', async () => {
  const readings = Array.from({ length: 600 }, (_, i): Reading => ({
    key: (i * 7) % 60,
    time: START + i * 1000,
    value: i % 100,
  }));
  const { result } = await run(readings, { block: 10, hot: 20, windows: false });
  const { keys, evicted, restored } = result.steps['key'] as Record<string, number>;
  assert.ok((keys as number) <= 20, `${keys} keys in memory`);
  assert.ok((evicted as number) > 400);
  assert.ok((restored as number) > 400);
});

test('a key that was silent for longer than its TTL begins anew, and its state is gone from the store', async () => {
  const readings: Reading[] = [
    { key: 1, time: START, value: 1 },
    { key: 1, time: START + 20 * MINUTE, value: 2 },
    { key: 1, time: START + 41 * MINUTE, value: 3 },
    { key: 2, time: START + 42 * MINUTE, value: 4 },
    { key: 2, time: START + 200 * MINUTE, value: 5 },
  ];
  for (const block of [1, 2, 5]) {
    const { out, result, left } = await run(readings, { block, ttl: '20m', life: 100 });
    const counts = out.flatMap((item) => ('n' in (item as object) ? [(item as { n: number }).n] : []));
    assert.deepEqual(counts, [1, 2, 1, 1, 1], `block ${block}`);
    assert.equal(result.steps['count']?.['expired'], 3);
    assert.equal(result.steps['key']?.['keys'], 1);
    // One key in each of three steps; windows that closed leave nothing behind.
    assert.equal(left, 3);
  }
});

test('cold keys that expired are removed from the store without being seen again', async () => {
  const readings = Array.from({ length: 4000 }, (_, i): Reading => ({
    key: i,
    time: START + i * MINUTE,
    value: 1,
  }));
  const { result, left } = await run(readings, { block: 10, hot: 5, ttl: '1h', life: 1000 });
  assert.ok(left < 3 * 800, `${left} states are left`);
  assert.ok((result.steps['key']?.['expired'] as number) > 3 * 3000);
});

test('without event time keys expire by processing time; a TTL can be given and taken away later', async () => {
  let now = START;
  const backend = new MemoryBackend();
  const start = async (items: number[], ttl?: string) => {
    const out: unknown[] = [];
    const built = flow('clock')
      .source('in', { ...records(items, { block: 1 }), bounded: false })
      .keyBy('key', () => 'all')
      .stateful(
        'count',
        { initial: () => ({ n: 0 }), step: (state) => ++state.n },
        ttl === undefined ? {} : { ttl },
      )
      .sink('out', kept(out));
    await runLocal(built.graph, {
      clock: { now: () => now },
      print: () => Promise.resolve(),
      recovery: { backend, commitMs: 0, sleep: () => Promise.resolve() },
      onBlock: () => {
        now += 10 * MINUTE;
      },
    });
    return backend.outputs.splice(0);
  };
  assert.deepEqual(await start([1, 2], undefined), [1, 2]);
  assert.deepEqual(await start([1, 2, 3, 4], '1h'), [3, 4]);
  now += 120 * MINUTE;
  assert.deepEqual(await start([1, 2, 3, 4, 5], '1h'), [1]);
  now += 120 * MINUTE;
  assert.deepEqual(await start([1, 2, 3, 4, 5, 6]), [2]);
});

test('a TTL that is none is refused, with its step', () => {
  const keyed = flow('f')
    .source('in', records([1]))
    .keyBy('key', (n) => n);
  const functions = { initial: () => 0, step: () => 0 };
  for (const ttl of ['soon', 0, Infinity, -1])
    assert.throws(() => keyed.stateful('s', functions, { ttl }), {
      code: 'config.invalid',
      message: /step "s": ttl/,
    });
});
