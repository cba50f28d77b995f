/**
 * The encoder-decoder of the gateway: 9 sensors, 128 units, windows of 5. An epoch learns 5,465 windows and validates 608, as
 * the peer's does.
 *
 * The recorded figure of the peer is the fastest epoch of peers/lstm_keras.py (Keras 3.15.1, TensorFlow 2.21.0) on both cores
 * of an AMD EPYC machine, in four runs that took turns with ours. Its epochs went from 0.51 to 1.40 s with what else ran; the
 * targets are parts of the fastest, the hardest to meet.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLstmCrew } from '@linnet/connectors/lstm';
import { LstmRunner, LstmTraining, type LstmModel } from '@linnet/core/lstm';
import type { Scenario, ScriptPeer } from './scenario.ts';

const shape = { features: 9, units: 128, lookBack: 5, steps: 5, activation: 'relu' } as const;
const SERIES = join(import.meta.dirname, '../examples/gateway/data/nine-motes-2min.csv.gz');
const CLI = join(import.meta.dirname, '../apps/cli/src/main.ts');
const WINDOWS = 5465;
const VALIDATED = 608;
const keras: ScriptPeer = {
  name: 'Keras 3.15.1',
  recorded: 0.506,
  script: 'lstm_keras.py',
  figure: 'epoch',
  requirements: 'requirements-lstm.txt',
};

const table = Float32Array.from({ length: (WINDOWS + VALIDATED + 5) * 9 }, (_, i) => {
  const [row, sensor] = [Math.floor(i / 9), i % 9];
  return 1.4 * Math.sin((2 * Math.PI * row) / 720 + 0.1 * sensor) + 0.05 * Math.sin(row * (sensor + 7));
});
const windows = Int32Array.from({ length: WINDOWS }, (_, i) => i);
const validated = Int32Array.from({ length: VALIDATED }, (_, i) => WINDOWS + i);

export const scenarios: readonly Scenario[] = [
  epoch('lstm-epoch-1-thread', 1, 'relaxed', 0.7),
  epoch('lstm-epoch-2-threads', 2, 'relaxed', 0.4),
  epoch('lstm-epoch-strict-1-thread', 1, 'strict', 0.7),
  {
    id: 'lstm-score-5465-windows-2-threads',
    unit: 's',
    target: 0.13,
    peer: { name: 'ONNX Runtime on two threads', recorded: 0.08 },
    async prepare() {
      const trained = await training(2, 'relaxed');
      return () => seconds(() => trained.score(windows));
    },
  },
  {
    id: 'lstm-train-rss',
    unit: 'MB',
    target: 200,
    peer: { ...keras, recorded: 617, figure: 'rss' },
    rounds: 3,
    warmup: 0,
    prepare: () => trainingMb,
  },
  {
    id: 'lstm-score-one-window',
    unit: 'ms',
    target: 0.08,
    peer: { name: 'ONNX Runtime', recorded: 0.09 },
    async prepare() {
      const runner = new LstmRunner(model((await training(1, 'strict')).network.weights()));
      // A thousand of them take as many seconds as one takes milliseconds.
      return () => seconds(() => scoreThousand(runner));
    },
  },
];

/** The most memory that the command takes which trains on the example's series, from source. */
async function trainingMb(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-'));
  const args = ['train', 'lstm', SERIES, '--epochs', '3', '--out', join(folder, 'model.linnet')];
  const child = spawn(process.execPath, ['--conditions=source', CLI, ...args], { stdio: 'ignore' });
  let peak = 0;
  const look = setInterval(() => {
    const status = `/proc/${child.pid}/status`;
    if (existsSync(status)) peak = Math.max(peak, peakOf(readFileSync(status, 'utf8')));
  }, 20);
  const [code] = (await once(child, 'exit')) as [number];
  clearInterval(look);
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(`linnet ${args.join(' ')} failed`);
  return peak;
}

/** 0 once the process has given its memory back. */
function peakOf(status: string): number {
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function epoch(id: string, threads: number, arithmetic: 'strict' | 'relaxed', part: number): Scenario {
  return {
    id,
    unit: 's',
    target: { timesPeer: part },
    peer: keras,
    async prepare() {
      const trained = await training(threads, arithmetic);
      return () =>
        seconds(() => {
          trained.learn(windows);
          trained.score(validated);
        });
    },
  };
}

async function training(threads: number, arithmetic: 'strict' | 'relaxed'): Promise<LstmTraining> {
  const settings = { head: 'reconstruct', batch: 32, rate: 0.001, seed: 42, arithmetic } as const;
  const made = new LstmTraining(shape, settings, table, WINDOWS, { threads });
  await startLstmCrew(made.job);
  return made;
}

function model(weights: LstmModel['weights']): LstmModel {
  return {
    shape,
    head: 'reconstruct',
    sensors: Array.from({ length: 9 }, (_, j) => String(j)),
    everyMs: 120_000,
    mean: new Float64Array(9),
    scale: new Float64Array(9).fill(1),
    weights,
    thresholds: new Float64Array(9),
    falseAlarmRate: 0.001,
  };
}

function scoreThousand(runner: LstmRunner): void {
  for (let i = 0; i < 1000; i++) runner.run(table.subarray(i * 9, i * 9 + 45));
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
