import type { DatabaseSync } from 'node:sqlite';
import type { Foretold } from './select-readings.ts';

/**
 * What the cloud foretells of the sensors behind gateways and no message has confirmed yet.
 * @param to epoch ms, not included; now when left out
 * @param models folder of the forecasters that gateways use
 */
export async function provisionalRows(
  database: DatabaseSync,
  to?: number,
  models?: string,
): Promise<Foretold> {
  const { readProvisional } = await import('@linnet/server');
  const { openModels } = await import('@linnet/gateway');
  const until = to === undefined ? Date.now() : to - 1;
  const find = models === undefined ? undefined : openModels(models);
  const { sensors, problems } = readProvisional(database, until, find);
  for (const problem of problems) process.stderr.write(`linnet: nothing is foretold of ${problem}\n`);
  return (sensor, metrics, from = -Infinity) => {
    const known = sensors.get(String(sensor));
    if (known === undefined) return undefined;
    const { time, channels } = known;
    const first = time.findIndex((at) => at >= from);
    if (first < 0) return undefined;
    const missing = new Float64Array(time.length).fill(Number.NaN);
    const columns = metrics.map((metric) => (channels.get(metric) ?? missing).subarray(first));
    return { sensor, time: time.subarray(first), columns };
  };
}
