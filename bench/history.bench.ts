/** The history: readings into committed chunks, and a day of one sensor out of 20 million readings. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import {
  HistoryReader,
  HistoryWriter,
  backlogRows,
  compact,
  compactionDue,
  openStore,
  type HistoryBatch,
} from '@linnet/connectors/history';
import type { Scenario } from './scenario.ts';

const SENSORS = 100;
const START = Date.UTC(2024, 0, 1);
/** A reading of each sensor every 10 s: a day has 8,640. */
const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
const BATCH_ROWS = 100_000;
const READINGS = 20_000_000;

export const scenarios: readonly Scenario[] = [
  {
    id: 'history-ingest',
    unit: 'readings/s',
    target: 1_000_000,
    prepare() {
      const batches = Array.from({ length: 20 }, (_, number) => batch(number));
      return () =>
        inStore((database) => {
          const started = performance.now();
          ingest(database, batches);
          return (batches.length * BATCH_ROWS * 1000) / (performance.now() - started);
        });
    },
  },
  {
    id: 'history-day-of-20m',
    unit: 'ms',
    target: 5,
    prepare() {
      const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-history-'));
      process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      const database = openStore(folder);
      for (let number = 0; number * BATCH_ROWS < READINGS; number++) ingest(database, [batch(number)]);
      const days = Math.floor((READINGS / SENSORS) * (EVERY_MS / DAY_MS));
      const reader = new HistoryReader(database);
      return () => {
        const started = performance.now();
        // Other sensors and days each time: what a dashboard asks for is seldom what it asked for just before.
        for (let query = 0; query < 100; query++) {
          const from = START + ((query * 7) % days) * DAY_MS;
          const { time } = reader.downsample(`sensor ${(query * 31) % SENSORS}`, 'pm2.5', 500, {
            from,
            to: from + DAY_MS,
          });
          if (time.length < 400 || time.length > 500) throw new Error(`${time.length} points`);
        }
        return (performance.now() - started) / 100;
      };
    },
  },
];

/** Every batch is committed and synced, and compacted when that is due; what is left waiting is compacted too. */
function ingest(database: DatabaseSync, batches: readonly HistoryBatch[]): void {
  const writer = new HistoryWriter(database);
  for (const readings of batches) {
    database.exec('BEGIN IMMEDIATE');
    writer.append(readings);
    database.exec('COMMIT');
    if (compactionDue(database)) compact(database);
  }
  while (backlogRows(database) > 0) compact(database);
}

function inStore(work: (database: DatabaseSync) => number): number {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-history-'));
  const database = openStore(folder);
  try {
    return work(database);
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

/** A daily cycle and noise in tenths, a score of full precision, a rare anomaly. */
function batch(number: number): HistoryBatch {
  const sensor = new Int32Array(BATCH_ROWS);
  const columns = Array.from({ length: 4 }, () => new Float64Array(BATCH_ROWS));
  const [time, pm, score, anomaly] = columns as [Float64Array, Float64Array, Float64Array, Float64Array];
  let state = number + 1;
  for (let i = 0; i < BATCH_ROWS; i++) {
    const index = number * BATCH_ROWS + i;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = state / 2 ** 32;
    sensor[i] = index % SENSORS;
    time[i] = START + Math.floor(index / SENSORS) * EVERY_MS;
    pm[i] = Math.round(120 + 60 * Math.sin(index / 137_509) + 80 * noise) / 10;
    score[i] = noise * noise;
    anomaly[i] = Number(noise > 0.9999);
  }
  const sensors = Array.from({ length: SENSORS }, (_, id) => `sensor ${id}`);
  return { sensors, sensor, time, channels: { 'pm2.5': pm, score, anomaly } };
}
