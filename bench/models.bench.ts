/**
 * Half-space trees, score and learn, one thread: blocks of 1,024 rows through a bank, as a flow does it. Values are the
 * PurpleAir fleet's pm1.0_cf_1 in the order of the file, over and over.
 */
import { readFileSync } from 'node:fs';
import { halfSpaceTrees } from '@linnet/core';
import type { Scenario, ScriptPeer } from './scenario.ts';

const BLOCK = 1024;
const LARGE = { trees: 10, height: 8, window: 72 };
const SMALL = { trees: 4, height: 3, window: 50 };

export const scenarios: readonly Scenario[] = [
  trees('hst-10-8-72-one-key', LARGE, 1, 1_000_000, 2_500_000, river('hst-10-8-72', 32_700)),
  trees('hst-10-8-72-1000-keys', LARGE, 1000, 1_000_000, 1_500_000, river('hst-10-8-72', 32_700)),
  trees('hst-4-3-50-one-key', SMALL, 1, 4_000_000, 15_000_000, river('hst-4-3-50', 225_000)),
];

function river(figure: string, recorded: number): ScriptPeer {
  return { name: 'River 0.26.1', recorded, script: 'river_trees.py', figure };
}

interface Shape {
  readonly trees: number;
  readonly height: number;
  readonly window: number;
}

function trees(
  id: string,
  shape: Shape,
  keys: number,
  events: number,
  target: number,
  peer: ScriptPeer,
): Scenario {
  return { id, unit: 'events/s', target, peer, prepare: () => rounds(shape, keys, events) };
}

function rounds(shape: Shape, keys: number, events: number): () => number {
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
  return () => {
    const from = performance.now();
    let done = 0;
    while (done < events) {
      for (const { x, slots } of blocks) bank.scoreLearn(slots, x, BLOCK, scores, ready);
      done += blocks.length * BLOCK;
    }
    return (done / (performance.now() - from)) * 1000;
  };
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
