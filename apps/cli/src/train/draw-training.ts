import { LstmRunner, type LstmModel } from '@linnet/core/lstm';
import { drawLine } from '../prepare/draw-line.ts';
import type { EpochLoss } from './checkpoint.ts';
import type { Split } from './windows.ts';

/** The loss by epoch on a logarithmic scale, then for each sensor the tested rows and what the model makes of them. */
export function drawTraining(
  history: readonly EpochLoss[],
  model: LstmModel,
  { columns, tested }: Split,
): string {
  const losses = [
    history.map(({ loss }) => Math.log10(loss)),
    history.map((one) => Math.log10(one.validationLoss)),
  ];
  const runner = new LstmRunner(model);
  const { lookBack, features } = model.shape;
  const window = new Float64Array(lookBack * features);
  const real = model.sensors.map(() => new Float64Array(tested.length));
  const made = model.sensors.map(() => new Float64Array(tested.length));
  tested.forEach((start, i) => {
    for (let at = 0; at < window.length; at++) {
      window[at] = columns[at % features]?.[start + Math.floor(at / features)] as number;
    }
    const output = runner.run(window);
    const last = model.head === 'forecast' ? 0 : (lookBack - 1) * features;
    const row = start + (model.head === 'forecast' ? lookBack : lookBack - 1);
    for (let j = 0; j < features; j++) {
      (real[j] as Float64Array)[i] = columns[j]?.[row] as number;
      (made[j] as Float64Array)[i] = output[last + j] as number;
    }
  });
  const sensors = model.sensors.map((sensor, j) => {
    const [measured, output] = [real[j] as Float64Array, made[j] as Float64Array];
    return `sensor ${sensor}: measured\n${drawLine([measured])}sensor ${sensor}: from the model\n${drawLine([output])}`;
  });
  return `log10 of the loss, learned and validated, by epoch\n${drawLine(losses)}${sensors.join('')}`;
}
