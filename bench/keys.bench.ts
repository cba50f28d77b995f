/**
 * A million keys with half-space trees of their own (4 trees, height 3, window 50) through the engine, each with 60 readings in two
 * turns: all keys in memory, and a tenth of them there with the others on disk. Every score is held against the model's own.
 * A process for each; memory is its maximum, everything included.
 */
import {
  flow,
  halfSpaceTrees,
  runLocal,
  type FlowSteps,
  type Scored,
  type Sink,
  type Source,
  type SourceBlock,
} from '@linnet/core';
import { hotKeys, stateCodec } from '@linnet/connectors/runtime';
import type { Scenario } from './scenario.ts';

const KEYS = 1_000_000;
const TURNS = 2;
const READINGS = 30;
const BLOCK_KEYS = 250;
const BUDGET_MB = 4096;

interface Reading {
  readonly sensor: number;
  readonly pm: number;
}

interface Checked {
  count: number;
  /** Scores as whole millionths: their sum does not depend on the order. */
  sum: number;
}

interface Done {
  readonly mb: number;
  readonly perSecond: number;
}

export const scenarios: readonly Scenario[] = [
  scenario('1m-keys-mb', 'MB', BUDGET_MB, undefined, ({ mb }) => mb),
  scenario('1m-keys-100k-hot-mb', 'MB', BUDGET_MB, KEYS / 10, ({ mb }) => mb),
  scenario('1m-keys-100k-hot', 'events/s', undefined, KEYS / 10, ({ perSecond }) => perSecond),
];

function scenario(
  id: string,
  unit: string,
  target: number | undefined,
  hot: number | undefined,
  figure: (done: Done) => number,
): Scenario {
  return {
    id,
    unit,
    ...(target !== undefined && { target }),
    rounds: 1,
    fresh: true,
    prepare() {
      const expected = expectedScores();
      return async () => figure(await once(hot, expected));
    },
  };
}

async function once(keys: number | undefined, expected: Checked): Promise<Done> {
  const checked: Checked = { count: 0, sum: 0 };
  const hot = hotKeys({ stateBytes: 2 ** 34, ...(keys !== undefined && { hotKeys: keys }) }, 1);
  const from = performance.now();
  const { steps } = await runLocal(build(checked).graph, {
    codec: stateCodec,
    print: () => Promise.resolve(),
    hot,
  });
  const seconds = (performance.now() - from) / 1000;
  hot.close();
  if (checked.count !== expected.count || checked.sum !== expected.sum)
    throw new Error(`scores ${JSON.stringify(checked)}, the model's own are ${JSON.stringify(expected)}`);
  if (keys !== undefined && !((steps['sensor']?.['restored'] ?? 0) > KEYS / 2))
    throw new Error('no keys came back from disk');
  return { mb: process.resourceUsage().maxRSS / 1024, perSecond: checked.count / seconds };
}

function build(checked: Checked): FlowSteps {
  const sum: Sink<Scored<Reading>> = {
    kind: 'sum',
    open: () => ({
      write(items) {
        for (const { score } of items) take(checked, score ?? 0);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    }),
  };
  return flow('keys')
    .source('in', readings())
    .keyBy('sensor', ({ sensor }) => sensor)
    .model('detect', detector())
    .sink('out', sum);
}

function readings(): Source<Reading> {
  return {
    kind: 'made',
    name: 'made readings',
    bounded: true,
    open() {
      let [turn, key] = [0, 0];
      const read = (): SourceBlock | null => {
        if (turn === TURNS) return null;
        const items: Reading[] = [];
        for (let sensor = key; sensor < key + BLOCK_KEYS; sensor++)
          for (let n = 0; n < READINGS; n++) items.push({ sensor, pm: pmOf(sensor, turn * READINGS + n) });
        const first = (turn * KEYS + key) * READINGS;
        key += BLOCK_KEYS;
        if (key >= KEYS) [turn, key] = [turn + 1, 0];
        return { payload: { items }, first };
      };
      return { read: () => Promise.resolve(read()), close: () => Promise.resolve() };
    },
    decode: (payload) => ({
      items: 'items' in payload ? (payload.items as readonly Reading[]) : [],
      positions: null,
      rejected: [],
    }),
  };
}

function detector() {
  return halfSpaceTrees({
    features: ['pm'],
    limits: { pm: [0, 1200] },
    trees: 4,
    height: 3,
    window: 50,
    seed: 11,
  });
}

/** What the model gives without any engine: one instance, begun anew for each key. */
function expectedScores(): Checked {
  const checked: Checked = { count: 0, sum: 0 };
  const bank = detector().bank?.();
  if (bank === undefined) throw new Error('half-space trees have a bank');
  bank.reserve(1);
  const n = TURNS * READINGS;
  const slots = new Int32Array(n);
  const [x, scores, ready] = [new Float64Array(n), new Float64Array(n), new Uint8Array(n)];
  for (let sensor = 0; sensor < KEYS; sensor++) {
    bank.reset(0);
    for (let i = 0; i < n; i++) x[i] = pmOf(sensor, i);
    bank.scoreLearn(slots, x, n, scores, ready);
    for (const score of scores) take(checked, score);
  }
  return checked;
}

function take(checked: Checked, score: number): void {
  checked.count++;
  checked.sum += Math.round(score * 1e6);
}

function pmOf(sensor: number, n: number): number {
  return (Math.imul(sensor * 64 + n, 0x9e3779b1) >>> 16) % 1200;
}
