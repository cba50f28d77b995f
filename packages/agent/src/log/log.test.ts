import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BLOCK } from '@linnet/core/wire';
import { MemoryDisk, type DiskFaults } from '../../sim/memory-disk.ts';
import { Log, type Draft, type LogOptions, type OnFull } from './log.ts';

const INCARNATION = '0123456789abcdef';
const draft = (n: number, size = 20): Draft => ({
  at: 1_700_000_000_000 + n,
  mono: n,
  payload: new TextEncoder().encode(JSON.stringify({ n, pad: 'x'.repeat(size) })),
});
const drafts = (from: number, to: number, size?: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => draft(from + i, size));
const open = (disk: MemoryDisk, more: Partial<LogOptions> = {}) =>
  new Log(disk, { bytesMax: 1 << 20, onFull: 'drop-oldest', newIncarnation: () => INCARNATION, ...more });
const all = { after: 0, through: Infinity, countMax: Infinity, bytesMax: Infinity, skip: () => false };
const sequences = (log: Log) => log.read(all).map((record) => record.sequence);

/** A log of one segment with 12 readings and an acknowledgement between them, as bytes. */
function sampleFile(): { name: string; bytes: Uint8Array; ends: number[] } {
  const disk = new MemoryDisk();
  const log = open(disk);
  const [name, file] = [...disk.files][0]!;
  const ends: number[] = [];
  for (let n = 1; n <= 12; n++) {
    log.append([draft(n)]);
    ends.push(file.bytes.length);
    if (n === 6) {
      log.ack([[2, 2]]);
      log.mark();
    }
  }
  return { name, bytes: file.bytes, ends };
}
const reopened = (name: string, bytes: Uint8Array) => {
  const disk = new MemoryDisk();
  disk.files.set(name, { bytes, durable: bytes.length });
  return open(disk);
};

test('a flip of any bit of a log costs at most the reading concerned, counted, and the agent starts', () => {
  const { name, bytes } = sampleFile();
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      const log = reopened(name, flipped);
      const kept = new Set([...sequences(log), 2]);
      assert.ok(kept.size >= 11, `byte ${at} bit ${bit}: ${[...kept].join()}`);
      const { corrupt, torn } = log.counters.dropped;
      assert.equal(kept.size + corrupt + torn, 12, `byte ${at} bit ${bit} is counted`);
      assert.equal(log.bootFirst, BLOCK);
    }
  }
});

test('a log cut at any byte keeps every reading before the cut, and counts the one that it goes through', () => {
  const { name, bytes, ends } = sampleFile();
  for (let cut = 0; cut <= bytes.length; cut++) {
    const log = reopened(name, bytes.slice(0, cut));
    const whole = ends.filter((end) => end <= cut).length;
    const acked = new Set([...sequences(log), ...(whole >= 2 ? [2] : [])]);
    assert.equal(acked.size, whole, `cut at ${cut}`);
    assert.equal(log.counters.dropped.corrupt, 0);
    log.append([draft(99)]);
    assert.equal(sequences(log).at(-1), BLOCK, 'a start never gives a sequence a second time');
  }
});

test('a reading leaves the disk on acknowledgement alone; the last segment keeps the block', () => {
  const disk = new MemoryDisk();
  const log = open(disk, { bytesMax: 64 << 10 });
  log.append(drafts(1, 400));
  const segments = disk.files.size;
  assert.ok(segments > 1);
  assert.equal(log.ack([[1, 399]]), 399);
  assert.equal(log.ack([[1, 399]]), 0);
  assert.deepEqual(sequences(log), [400]);
  assert.equal(disk.files.size, 1);
  assert.equal(log.floor, 400);
  log.ack([[400, 400]]);
  assert.equal(disk.files.size, 1);
  assert.equal(open(disk).bootFirst, BLOCK);
});

test('what was acknowledged and marked is not sent again after a restart', () => {
  const disk = new MemoryDisk();
  const log = open(disk);
  log.append(drafts(1, 10));
  log.ack([
    [1, 4],
    [7, 8],
  ]);
  log.mark();
  const next = open(disk);
  assert.deepEqual(sequences(next), [5, 6, 9, 10]);
  assert.equal(next.counters.recovered, 4);
  assert.equal(next.incarnation, INCARNATION);
});

for (const onFull of ['drop-oldest', 'drop-newest', 'block'] as const) {
  test(`a full buffer with ${onFull} loses what the policy says, counted exactly`, () => {
    const log = open(new MemoryDisk(), { bytesMax: 64 << 10, onFull });
    const { stored, taken } = log.append(drafts(1, 3000));
    const { evicted, full } = log.counters.dropped;
    const kept = sequences(log);
    assert.equal(kept.length, log.pending);
    assert.ok(log.bytes <= 64 << 10);
    if (onFull === 'drop-oldest') {
      assert.deepEqual([stored.length, evicted + kept.length, full], [3000, 3000, 0]);
      assert.deepEqual([kept[0], kept.at(-1)], [evicted + 1, 3000]);
    } else {
      assert.equal(evicted, 0);
      assert.deepEqual([kept[0], kept.length], [1, stored.length]);
      assert.equal(
        onFull === 'block' ? taken : stored.length + full,
        onFull === 'block' ? stored.length : 3000,
      );
    }
    log.ack([[1, 3000]]);
    assert.equal(log.append([draft(1)]).stored.length, 1, 'an acknowledgement makes room');
  });
}

test('a disk that fills up: the policy is applied, and recovery needs nobody', () => {
  for (const onFull of ['drop-oldest', 'drop-newest', 'block'] as const) {
    const faults = { capacity: 20_000 };
    const disk = new MemoryDisk(faults);
    const log = open(disk, { onFull, bytesMax: 256 << 10 });
    const { stored, taken, failed } = log.append(drafts(1, 1000));
    const { evicted, noSpace } = log.counters.dropped;
    if (onFull === 'block') assert.deepEqual([taken, failed], [stored.length, 'noSpace']);
    else assert.equal(stored.length + noSpace, 1000);
    assert.equal(log.pending, stored.length - evicted);
    assert.equal(sequences(log).length, log.pending);
    log.ack([[1, 1000]]);
    const pending = log.append(drafts(1, 3)).stored.length;
    assert.equal(pending, 3, onFull);
  }
});

test('a disk that one acknowledged segment fills is used again, whatever the policy', () => {
  for (const onFull of ['drop-oldest', 'drop-newest', 'block'] as const) {
    const disk = new MemoryDisk({ capacity: 20_000 });
    const log = open(disk, { onFull, bytesMax: 64 << 20 });
    log.append(drafts(1, 1000));
    log.ack([[1, 1000]]);
    assert.equal(log.append([draft(1)]).stored.length, 1, onFull);
    assert.equal(log.pending, 1);
    assert.ok(sequences(open(disk)).includes(sequences(log)[0]!), 'a restart finds it');
  }
});

/** Any order of readings, acknowledgements and restarts on a disk that fails at random. */
const story = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('append' as const), fc.integer({ min: 1, max: 60 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('ack' as const), fc.integer({ min: 1, max: 90 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('restart' as const), fc.constant(0)) },
  ),
  { maxLength: 30 },
);
const policies = fc.constantFrom<OnFull>('drop-oldest', 'drop-newest', 'block');

test('of a group that was written twice the second copy counts after a restart, and is not removed', () => {
  const disk = new MemoryDisk();
  const log = open(disk);
  const first = [...disk.files.values()][0]!;
  log.append(drafts(1, 1));
  const synced = first.bytes.length;
  const { stored } = log.append(drafts(2, 3));
  // The sync of the first file failed; that of the second works.
  assert.equal(log.rewrite(stored), undefined);
  log.sync(() => undefined);
  open(disk);
  first.durable = synced;
  disk.crash(() => 0);
  assert.deepEqual(sequences(open(disk)), [1, 2, 3]);
});

test('what was counted as dropped after it had been written does not come back with a restart', () => {
  const disk = new MemoryDisk();
  const log = open(disk);
  const { stored } = log.append(drafts(1, 3));
  log.rewrite(stored);
  log.giveUp(stored, 'io');
  log.append(drafts(4, 4));
  log.mark();
  assert.deepEqual(sequences(open(disk)), [4]);
});

test('recovered + stored = acknowledged + pending + evicted + corrupt, on a disk that fails at random', () => {
  fc.assert(
    fc.property(
      story,
      policies,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 50 }),
      run,
    ),
    { numRuns: 300 },
  );
});

function run(steps: [string, number][], onFull: OnFull, chances: number[]): void {
  let turn = 0;
  let failing = true;
  const chance = () => chances[turn++ % chances.length] as number;
  const fault: DiskFaults['fault'] = (call) => {
    if (!failing || call === 'read' || call === 'remove') return undefined;
    const roll = chance();
    if (roll < 0.05) return 'EIO';
    if (roll < 0.1) return 'ENOSPC';
    return roll < 0.2 && call === 'write' ? 'short' : undefined;
  };
  const disk = new MemoryDisk({ fault, capacity: 90_000 });
  const given = new Set<number>();
  let log = open(disk, { onFull, bytesMax: 64 << 10 });
  let stored = 0;
  for (const [kind, value] of steps) {
    if (kind === 'append') {
      const appended = log.append(drafts(1, value, 60));
      stored += appended.stored.length;
      for (const { sequence } of appended.stored) {
        assert.ok(!given.has(sequence), 'a sequence is given once');
        given.add(sequence);
      }
    } else if (kind === 'ack') {
      const pending = sequences(log).slice(0, value);
      log.ack(pending.map((sequence) => [sequence, sequence]));
      log.mark();
    } else {
      const pending = new Set(sequences(log));
      log = open(disk, { onFull, bytesMax: 64 << 10 });
      for (const sequence of pending) assert.ok(log.isPending(sequence), 'a restart loses nothing');
      stored = 0;
    }
    const { recovered, acked, dropped } = log.counters;
    assert.equal(recovered + stored, acked + log.pending + dropped.evicted);
  }
  failing = false;
  log.ack([[1, Number.MAX_SAFE_INTEGER]]);
  assert.equal(log.append([draft(1)]).stored.length, 1, 'a disk that works again is used again');
}
