import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { growForest } from './half-space/forest.ts';
import { CutTable } from './half-space/cut-table.ts';
import { LeafFinder } from './half-space/leaf-finder.ts';
import { halfSpaceTrees } from './half-space-trees.ts';
import { statisticImputer } from '../impute/statistic-imputer.ts';

type Limits = Record<string, [number, number]>;
type Node = [feature: string, threshold: number] | null;
interface Case {
  n_trees: number;
  height: number;
  window: number;
  seed: number;
  limits: Limits;
  inputs: 'S1' | 'S3';
  scores: number[];
  trees: Node[][] | string;
}
interface Edge {
  inputs: (number[] | number | Record<string, number>)[];
  scores: number[];
  trees: Node[][];
}
interface Golden {
  S1: number[][];
  S3: number[][];
  S3_names: string[];
  cases: Case[];
  edge: [Edge, Edge, Edge];
}

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const golden = JSON.parse(read('golden/hst_cases.json')) as Golden;
const hundred: Limits = { hum: [0, 100], pres: [0, 100], temp: [0, 100] };
const fleet = {
  features: ['x'],
  limits: { x: [0, 1200] },
  trees: 10,
  height: 8,
  window: 72,
  seed: 11,
} as const;

/** Pre-order, as the golden file has it. */
function dump(
  features: readonly string[],
  limits: Limits,
  trees: number,
  height: number,
  seed: number,
): Node[][] {
  const forest = growForest({ features, limits, trees, height, seed });
  return Array.from({ length: trees }, (_, tree) => {
    const nodes: Node[] = [];
    const visit = (node: number) => {
      if (node >= forest.leaves) return void nodes.push(null);
      const at = tree * forest.leaves + node;
      nodes.push([features[forest.column[at] as number] as string, forest.threshold[at] as number]);
      visit(2 * node);
      visit(2 * node + 1);
    };
    visit(1);
    return nodes;
  });
}

test('scores and split points of River: 4, 10, 25 trees x height 3, 8 x window 50, 72 x seed 11, 42 x 1, 3 features', () => {
  assert.equal(golden.cases.length, 48);
  for (const {
    n_trees: trees,
    height,
    window,
    seed,
    limits,
    inputs,
    scores,
    trees: splits,
  } of golden.cases) {
    const features = inputs === 'S1' ? ['x'] : golden.S3_names;
    const model = halfSpaceTrees({ features, trees, height, window, limits, seed }).create();
    const got = golden[inputs].map((x) => {
      const score = model.scoreOne(x);
      model.learnOne(x);
      return score;
    });
    assert.deepEqual(got, scores);
    if (typeof splits === 'string') continue;
    assert.deepEqual(dump(features, limits, trees, height, seed).slice(0, splits.length), splits);
  }
});

test('the features of a configuration may come in any order', () => {
  const [a, b] = [golden.S3_names, golden.S3_names.toReversed()].map((features) =>
    halfSpaceTrees({ features, trees: 4, height: 8, window: 50, limits: hundred }).create(),
  );
  for (const x of golden.S3) {
    assert.equal(a?.scoreOne(x), b?.scoreOne(x.toReversed()));
    a?.learnOne(x);
    b?.learnOne(x.toReversed());
  }
});

test('values at and beyond the limits score as in River', () => {
  const { inputs, scores } = golden.edge[0];
  const model = halfSpaceTrees({ ...fleet, trees: 4, height: 3, window: 50 }).create();
  for (const [i, x] of (inputs as number[][]).entries()) {
    assert.equal(model.scoreOne(x), scores[i]);
    model.learnOne(x);
  }
});

test('an absent feature takes the fuller side of a split, as in River', () => {
  const { inputs, scores, trees } = golden.edge[1];
  const features = golden.S3_names;
  const model = halfSpaceTrees({
    features,
    trees: 4,
    height: 3,
    window: 20,
    limits: hundred,
    seed: 42,
  }).create();
  for (const [i, record] of (inputs as Record<string, number>[]).entries()) {
    const x = features.map((name) => record[name] ?? NaN);
    assert.equal(model.scoreOne(x), scores[i]);
    model.learnOne(x);
  }
  assert.deepEqual(dump(features, hundred, 4, 3, 42), trees);
});

test('the example of River’s documentation', () => {
  const { inputs, scores } = golden.edge[2];
  const model = halfSpaceTrees({ features: ['x'], trees: 5, height: 3, window: 3, seed: 42 }).create();
  for (const x of inputs as number[]) model.learnOne([x]);
  assert.deepEqual(
    (inputs as number[]).map((x) => model.scoreOne([x])),
    scores,
  );
});

test('a value that is not finite is missing: not learned, its score NaN', () => {
  const [model, other] = [halfSpaceTrees(fleet).create(), halfSpaceTrees(fleet).create()];
  for (const [x] of golden.S1 as [number][]) {
    for (const missing of [NaN, Infinity, -Infinity]) {
      assert.ok(Number.isNaN(model.scoreOne([missing])));
      model.learnOne([missing]);
    }
    model.learnOne([x]);
    other.learnOne([x]);
  }
  assert.deepEqual(model.snapshot(), other.snapshot());
});

test('a constant column scores low and what differs from it high', () => {
  const model = halfSpaceTrees(fleet).create();
  for (let i = 0; i < 72; i++) model.learnOne([20]);
  assert.ok(model.ready);
  assert.ok(model.scoreOne([20]) < 0.01);
  assert.ok(model.scoreOne([900]) > 0.99);
});

test('twenty features, some missing in every row', () => {
  const features = Array.from({ length: 20 }, (_, i) => `f${i}`);
  const model = halfSpaceTrees({ features, window: 50 }).create();
  const row = (level: number, gap: number) =>
    features.map((_, i) => (i % 7 === gap ? NaN : level + i / 1000));
  for (let i = 0; i < 100; i++) model.learnOne(row(0.4 + (i % 10) / 100, i % 7));
  assert.ok(model.scoreOne(row(0.95, 2)) > model.scoreOne(row(0.45, 2)) + 0.1);
});

test('the table of cuts leads to the same leaves as walking the trees', () => {
  const shape = { features: ['x'], limits: { x: [-3, 7] }, trees: 5, height: 6, seed: 1 } as const;
  const forest = growForest(shape);
  const table = new CutTable(forest);
  const walked = new LeafFinder({ ...forest, trees: 5 }, 2);
  const cut = fc.constantFrom(...forest.threshold.filter((_, i) => i % forest.leaves > 0));
  const value = fc.oneof(
    cut,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -4, max: 8, noNaN: true }),
  );
  fc.assert(
    fc.property(value, (x) => {
      const at = table.find(x);
      walked.find([x, 0], 0, [], 0);
      assert.deepEqual(table.leaf.slice(at, at + 5), walked.leaf);
    }),
    { numRuns: 2000 },
  );
});

test('a key takes at most 12 KB for 10 trees of height 8 and a window of 72', () => {
  const bank = halfSpaceTrees(fleet).bank?.();
  assert.equal(bank?.bytesPerSlot, 10 * 256 * (1 + 2) + 5);
});

test('bad configurations are refused by name', () => {
  assert.throws(() => halfSpaceTrees({ features: ['x'], limits: { y: [0, 1] } }), {
    code: 'config.invalid',
    message: 'half-space-trees.limits: y is none of its features x',
  });
  assert.throws(() => halfSpaceTrees({ features: ['x'], height: 17 }), /17 is above 16/);
});

/** The PurpleAir snapshot as a stream: sensor, ten-degree cell, pm1.0_cf_1 with the running mean in its gaps. */
function stream(): { sensor: string; cell: string; x: number }[] {
  const { fields, data } = JSON.parse(read('examples/purpleair/data.json')) as {
    fields: string[];
    data: (number | null)[][];
  };
  const [pm, latitude, longitude] = ['pm1.0_cf_1', 'latitude', 'longitude'].map((name) =>
    fields.indexOf(name),
  ) as [number, number, number];
  const imputer = statisticImputer({ features: ['pm1.0_cf_1'], statistic: 'mean' }).create();
  const x = new Float64Array(1);
  return data.map((record) => {
    x[0] = record[pm] ?? NaN;
    imputer.learnOne(x);
    imputer.transformOne(x, x);
    const [north, east] = [record[latitude], record[longitude]];
    const known = typeof north === 'number' && typeof east === 'number';
    const cell = known ? `${Math.floor(north / 10)},${Math.floor(east / 10)}` : 'none';
    return { sensor: String(record[0]), cell, x: x[0] };
  });
}

test('the stream of the whole PurpleAir fleet: 1,062 hits with running-mean imputation', () => {
  const { shared } = JSON.parse(read('golden/purpleair_stream.json')) as {
    shared: {
      first500: [string, number][];
      hits_gt_0_7: [string, number][];
      every100: number[];
      sum: number;
    };
  };
  const model = halfSpaceTrees(fleet).create();
  const scored = stream().map(({ sensor, x }): [string, number] => {
    const score = model.scoreOne([x]);
    model.learnOne([x]);
    return [sensor, score];
  });
  assert.deepEqual(scored.slice(0, 500), shared.first500);
  assert.deepEqual(
    scored.filter(([, score]) => score > 0.7),
    shared.hits_gt_0_7,
  );
  assert.deepEqual(
    scored.filter((_, i) => i % 100 === 0).map(([, score]) => score),
    shared.every100,
  );
  assert.equal(
    scored.reduce((sum, [, score]) => sum + score, 0),
    shared.sum,
  );
});

test('the same stream with one model a cell of ten degrees, in one bank: 456 hits in 172 cells', () => {
  const { per_cell } = JSON.parse(read('golden/purpleair_stream.json')) as {
    per_cell: { keys: number; first500: [string, string, number][]; hits_gt_0_7: [string, string, number][] };
  };
  const records = stream();
  const cells = [...new Set(records.map(({ cell }) => cell))];
  assert.equal(cells.length, per_cell.keys);
  const bank = halfSpaceTrees(fleet).bank?.();
  assert.ok(bank);
  bank.reserve(cells.length);
  const n = records.length;
  const slots = Int32Array.from(records, ({ cell }) => cells.indexOf(cell));
  const scores = new Float64Array(n);
  bank.scoreLearn(
    slots,
    Float64Array.from(records, ({ x }) => x),
    n,
    scores,
    new Uint8Array(n),
  );
  const scored = records.map(({ cell, sensor }, i): [string, string, number] => [
    cell,
    sensor,
    scores[i] as number,
  ]);
  assert.deepEqual(scored.slice(0, 500), per_cell.first500);
  assert.deepEqual(
    scored.filter(([, , score]) => score > 0.7),
    per_cell.hits_gt_0_7,
  );
});
