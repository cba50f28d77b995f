/**
 * Anomalies in a snapshot of the PurpleAir fleet, as a stream: decode, fill in what is missing with the running mean, score
 * each reading by half-space trees, keep the strange ones.
 *
 * INPUT   a PurpleAir snapshot (.json) or JSON lines (.jsonl, .jsonl.gz, -); the snapshot beside this example if not given
 * KEY     fleet | cell | sensor: whose readings one model sees
 * SCORES  all: print every record, not only the anomalies
 * SEED, TREES, HEIGHT, WINDOW   the half-space trees
 */
import { join } from 'node:path';
import { flow, halfSpaceTrees, jsonLines, print, purpleAirSnapshot, statisticImputer } from 'linnet';

type Reading = Readonly<Record<string, string | number | null>>;

/** One model for the whole fleet, for each cell of 10 degrees, or for each sensor. */
const keys = {
  fleet: () => 'fleet',
  cell: ({ latitude, longitude }: Reading) =>
    latitude == null ? 'none' : `${Math.floor(Number(latitude) / 10)},${Math.floor(Number(longitude) / 10)}`,
  sensor: (reading: Reading) => String(reading['sensor_index']),
};

const {
  INPUT = join(import.meta.dirname, '../purpleair/data.json'),
  KEY = 'fleet',
  SCORES = 'hits',
} = process.env;

if (!(KEY in keys)) throw new Error(`KEY=${KEY} is none of ${Object.keys(keys).join(', ')}`);
if (!['hits', 'all'].includes(SCORES)) throw new Error(`SCORES=${SCORES} is neither hits nor all`);
const key = keys[KEY as keyof typeof keys];

const detector = halfSpaceTrees({
  features: ['pm1.0_cf_1'],
  limits: { 'pm1.0_cf_1': [0, 1200] },
  trees: number('TREES', 10),
  height: number('HEIGHT', 8),
  window: number('WINDOW', 72),
  seed: number('SEED', 11),
});

export default flow('purpleair-stream')
  .source('in', INPUT.endsWith('.json') ? purpleAirSnapshot(INPUT) : jsonLines<Reading>(INPUT))
  .keyBy('fleet', () => 'fleet')
  .transform(
    'impute',
    statisticImputer({ features: ['temperature', 'humidity', 'pressure', 'pm1.0_cf_1'], statistic: 'mean' }),
  )
  .keyBy('key', key)
  .model('detect', detector)
  .filter('anomalous', ({ score, ready }) => SCORES === 'all' || (ready && score !== null && score > 0.7))
  .map('report', ({ value, score }): Reading => ({ ...value, anomaly_score: score }))
  .sink('out', print(line));

function number(name: string, fallback: number): number {
  const text = process.env[name] ?? String(fallback);
  if (!/^\d+$/.test(text)) throw new Error(`${name}=${text} is not a whole number`);
  return Number(text);
}

function line(hit: Reading): string {
  return `sensor ${hit['sensor_index']}  pm1.0 ${hit['pm1.0_cf_1']}  score ${Number(hit['anomaly_score']).toFixed(4)}`;
}
