/**
 * Half-space trees, score and learn, one thread: blocks of 1,024 rows through a bank, as a flow does it. Values are the
 * PurpleAir fleet's pm1.0_cf_1 in the order of the file, over and over. The best of three rounds counts, so that work of
 * others on the machine does not.
 */
import { readFileSync } from 'node:fs';
import { halfSpaceTrees } from '@linnet/core';

export interface Scenario {
  readonly id: string;
  run(): { readonly value: number; readonly unit: string };
  /** What it must reach. */
  readonly target?: number;
  /** Another library on two cores of the same kind. */
  readonly peer?: { readonly name: string; readonly value: number };
}

const BLOCK = 1024;
const ROUNDS = 3;
const UNIT = 'events/s';
const river = (value: number) => ({ name: 'River 0.26.1 HalfSpaceTrees', value });

export const scenarios: readonly Scenario[] = [
  {
    id: 'hst-10-8-72-one-key',
    run: () => trees({ trees: 10, height: 8, window: 72 }, 1, 1_000_000),
    target: 2_500_000,
    peer: river(32_700),
  },
  {
    id: 'hst-10-8-72-1000-keys',
    run: () => trees({ trees: 10, height: 8, window: 72 }, 1000, 1_000_000),
    target: 1_500_000,
    peer: river(32_700),
  },
  {
    id: 'hst-4-3-50-one-key',
    run: () => trees({ trees: 4, height: 3, window: 50 }, 1, 4_000_000),
    target: 15_000_000,
    peer: river(225_000),
  },
];

interface Shape {
  readonly trees: number;
  readonly height: number;
  readonly window: number;
}

function trees(shape: Shape, keys: number, events: number): { value: number; unit: string } {
  const spec = halfSpaceTrees({ ...shape, features: ['pm'], limits: { pm: [0, 1200] }, seed: 11 });
  const bank = spec.bank?.();
  if (bank === undefined) throw new Error('half-space trees have a bank');
  bank.reserve(keys);
  const values = readings();
  const blocks = Array.from({ length: Math.floor(values.length / BLOCK) }, (_, block) => ({
    x: values.slice(block * BLOCK, (block + 1) * BLOCK),
    // Keys in a fixed disorder, as sensors report.
    slots: Int32Array.from(
      { length: BLOCK },
      (__, i) => (Math.imul(block * BLOCK + i, 0x9e3779b1) >>> 0) % keys,
    ),
  }));
  const scores = new Float64Array(BLOCK);
  const ready = new Uint8Array(BLOCK);
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    let done = 0;
    while (done < events) {
      for (const { x, slots } of blocks) bank.scoreLearn(slots, x, BLOCK, scores, ready);
      done += blocks.length * BLOCK;
    }
    best = Math.max(best, (done / (performance.now() - from)) * 1000);
  }
  return { value: best, unit: UNIT };
}

function readings(): Float64Array {
  const path = new URL('../examples/purpleair/data.json', import.meta.url);
  const { fields, data } = JSON.parse(readFileSync(path, 'utf8')) as {
    fields: string[];
    data: (number | null)[][];
  };
  const column = fields.indexOf('pm1.0_cf_1');
  return Float64Array.from(data, (record) => record[column] ?? 0);
}
