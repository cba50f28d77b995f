/** Detection on the device over ten days of three real motes, with spikes put in: what is told of the ordinary, what is found. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { openDetector, type DetectorName } from '../../packages/agent/src/detect/detector.ts';

export interface Detection {
  /** Of ordinary readings, the part that was told, in percent. */
  readonly falsePercent: number;
  /** Of spikes, the part that was found, in percent. */
  readonly foundPercent: number;
  readonly readings: number;
  readonly spikes: number;
}

type Reading = Record<string, number>;
const FIELDS = ['temperature', 'humidity', 'light', 'voltage'];
const SPIKE_EVERY = 199;
/** A spike, and what follows it within so many readings, is not counted as ordinary. */
const AFTER = 10;

/** @param size of the spikes in standard deviations of the whole series; they hit the four fields in turn, upwards and downwards */
export async function detection(name: DetectorName, size: number): Promise<Detection> {
  let [readings, told, spikes, found] = [0, 0, 0, 0];
  for (const mote of motes()) {
    const { detect } = await openDetector(name);
    const spread = new Map(
      FIELDS.map((field) => [field, deviation(mote.map((one) => one[field] as number))]),
    );
    mote.forEach((reading, i) => {
      const turn = Math.floor(i / SPIKE_EVERY);
      const at = i % SPIKE_EVERY;
      const spiked = turn > 0 && at === 0;
      const field = FIELDS[turn % FIELDS.length] as string;
      const off = (turn % 8 < 4 ? 1 : -1) * size * (spread.get(field) as number);
      const strange = detect(spiked ? { ...reading, [field]: (reading[field] as number) + off } : reading);
      if (spiked) {
        spikes++;
        if (strange !== undefined) found++;
      } else if (turn === 0 || at > AFTER) {
        readings++;
        if (strange !== undefined) told++;
      }
    });
  }
  return { falsePercent: (100 * told) / readings, foundPercent: (100 * found) / spikes, readings, spikes };
}

/** Intel Berkeley Research Lab, motes 1, 4 and 6; `epoch` is a counter, and `uptime` one more that begins anew now and then. */
function motes(): Reading[][] {
  const file = new URL('../../examples/gateway/data/motes-1-4-6.txt.gz', import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  return [...Map.groupBy(lines, (line) => line.split(' ')[3]).values()].map((list) =>
    list.map((line, i) => {
      const [epoch, , ...values] = line.split(' ').slice(2).map(Number) as number[];
      const fields = FIELDS.map((field, at) => [field, values[at]]);
      return { epoch, uptime: (i % 5000) * 31, ...Object.fromEntries(fields) } as Reading;
    }),
  );
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
