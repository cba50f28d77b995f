import { digest } from '../digest.ts';
import type { Forecaster } from './forecast.ts';

/** What a forecaster makes of a fixed input, as a digest of its bits: equal on both ends, or the model is not used. */
export function selfTest(forecaster: Forecaster): number {
  const { lookBack, channels } = forecaster;
  const input = Float64Array.from({ length: lookBack * channels }, (_, i) => 20 + ((i * 37) % 64) / 16);
  const output = Float64Array.from(forecaster.run(input));
  return digest(lookBack, new Int32Array(output.buffer));
}
