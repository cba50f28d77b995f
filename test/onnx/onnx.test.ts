import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { LstmRunner, LstmTraining, lstmToOnnx, standardisation, standardise } from '@linnet/core/lstm';

const folder = import.meta.dirname;

/** What of ONNX Runtime's interface is used here. */
interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array): Promise<{ run(feeds: object): Promise<{ output: { data: Float32Array } }> }>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => object;
}

before(() => {
  if (existsSync(join(folder, 'node_modules/onnxruntime-node/package.json'))) return;
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  });
  assert.equal(status, 0, `cannot install ONNX Runtime: ${stderr}`);
});

const columns = Array.from({ length: 9 }, (_, j) =>
  Float64Array.from({ length: 300 }, (_unused, i) => 22 + Math.sin(i / (20 + j)) * (1 + j / 4)),
);

for (const [activation, head, steps] of [
  ['relu', 'reconstruct', 5],
  ['tanh', 'forecast', 3],
] as const) {
  test(`ONNX Runtime gives the output of our ${activation} model that learned to ${head}`, async () => {
    const shape = { features: 9, units: 128, lookBack: 5, steps, activation };
    const scaling = standardisation(columns, 300);
    const table = standardise(columns, scaling);
    const windows = Int32Array.from({ length: 290 }, (_, i) => i);
    const settings = { head, batch: 32, rate: 0.001, seed: 1, arithmetic: 'strict' } as const;
    const training = new LstmTraining(shape, settings, table, windows.length);
    training.learn(windows);
    const model = {
      ...scaling,
      shape,
      head,
      sensors: columns.map((_, j) => String(j)),
      everyMs: 1000,
      weights: training.network.weights(),
      thresholds: new Float64Array(9),
      falseAlarmRate: 0.001,
    };
    const { InferenceSession, Tensor } = createRequire(join(folder, 'package.json'))(
      'onnxruntime-node',
    ) as Runtime;
    const session = await InferenceSession.create(lstmToOnnx(model));
    const runner = new LstmRunner(model);
    const starts = [0, 77, 200];
    const values = starts.map((start) =>
      Float32Array.from({ length: 45 }, (_, i) => columns[i % 9]?.[start + Math.floor(i / 9)] as number),
    );
    const window = new Tensor('float32', Float32Array.from(values.flatMap((one) => [...one])), [3, 5, 9]);
    const { data } = (await session.run({ window })).output;
    const ours = values.flatMap((one) => [...runner.run(one)]);
    assert.equal(data.length, ours.length);
    ours.forEach((value, i) =>
      assert.ok(Math.abs(value - (data[i] as number)) < 2e-5, `${i}: ${value}, ${data[i]}`),
    );
  });
}
