/** The history against a plain list in memory. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  HistoryReader,
  HistoryWriter,
  backlogRows,
  compact,
  openStore,
  retain,
  type HistoryBatch,
  type SensorName,
} from './index.ts';

const CHANNELS = ['value', 'score', 'anomaly'] as const;
const someRow: fc.Arbitrary<Row> = fc.record({
  sensor: fc.constantFrom<(string | number)[]>('a', 'b', 7, '7', 'Ω "x", y'),
  time: fc.oneof(
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: -1e6, max: 1e6 }).map((n) => n * 1000),
    // SQLite knows no -0, and it is the same instant.
    fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((time) => time + 0),
  ),
  value: fc.oneof(
    fc.integer({ min: -99, max: 999 }).map((n) => n / 10),
    fc.double(),
  ),
  score: fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 1 })),
  anomaly: fc.constantFrom(0, 0, 0, 1, Number.NaN),
});
type Action =
  | { do: 'append' | 'appendAndRollBack' | 'appendAndCrash'; rows: Row[] }
  | { do: 'compact'; rowsMax: number }
  | { do: 'compactAndCrash' }
  | { do: 'retain'; age: number }
  | { do: 'reopen' };
const someRows = fc.array(someRow, { maxLength: 40 });
const someAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), rows: someRows }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('appendAndRollBack', 'appendAndCrash'), rows: someRows }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('compact' as const), rowsMax: fc.integer({ min: 1, max: 80 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('compactAndCrash' as const, 'reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('retain' as const), age: fc.integer({ min: 0, max: 2e9 }) }),
  },
);

test('any appends, crashes, compactions and retention read back as a plain list in memory does', () => {
  fc.assert(
    fc.property(fc.array(someAction, { maxLength: 20 }), (actions) => {
      const store = mkdtempSync(join(tmpdir(), 'linnet-history-'));
      const model = new ModelHistory(CHANNELS);
      let db = openStore(store);
      let writer = new HistoryWriter(db);
      const reopen = () => {
        db.close();
        db = openStore(store);
        writer = new HistoryWriter(db);
      };
      for (const action of actions) {
        switch (action.do) {
          case 'append':
            db.exec('BEGIN IMMEDIATE');
            writer.append(batchOf(action.rows, CHANNELS));
            db.exec('COMMIT');
            model.append(action.rows);
            break;
          case 'appendAndRollBack':
          case 'appendAndCrash':
            db.exec('BEGIN IMMEDIATE');
            writer.append(batchOf(action.rows, CHANNELS));
            if (action.do === 'appendAndCrash') reopen();
            else db.exec('ROLLBACK');
            break;
          case 'compact':
            compact(db, action.rowsMax);
            break;
          case 'compactAndCrash':
            crashWhileCompacting(db);
            reopen();
            break;
          case 'retain':
            model.retain(retain(db, { ageMs: action.age }, 1e9).horizon);
            break;
          case 'reopen':
            reopen();
        }
      }
      model.check(new HistoryReader(db));
      while (compact(db).rows > 0);
      model.check(new HistoryReader(db));
      db.close();
      rmSync(store, { recursive: true });
    }),
    { numRuns: 150 },
  );
});

/** Ends the compaction's transaction at its last statement but one, as a lost process would. */
function crashWhileCompacting(db: DatabaseSync): void {
  db.exec(
    "CREATE TEMP TRIGGER crash BEFORE INSERT ON history_meta WHEN new.name = 'revision' BEGIN SELECT raise(ROLLBACK, 'crash'); END",
  );
  if (backlogRows(db) > 0) assert.throws(() => compact(db), /crash/);
}

interface Row {
  readonly sensor: SensorName;
  readonly time: number;
  readonly value: number;
  readonly score: number;
  readonly anomaly: number;
}

type Channel = 'value' | 'score' | 'anomaly';

function batchOf(rows: readonly Row[], channels: readonly Channel[]): HistoryBatch {
  const sensors = [...new Set(rows.map(({ sensor }) => sensor))];
  return {
    sensors,
    sensor: Int32Array.from(rows, ({ sensor }) => sensors.indexOf(sensor)),
    time: Float64Array.from(rows, ({ time }) => time),
    channels: Object.fromEntries(channels.map((name) => [name, Float64Array.from(rows, (row) => row[name])])),
  };
}

class ModelHistory {
  private rows: Row[] = [];
  private horizon = -Infinity;
  private readonly seen = new Set<SensorName>();
  private readonly channels: readonly Channel[];

  constructor(channels: readonly Channel[]) {
    this.channels = channels;
  }

  append(rows: readonly Row[]): void {
    this.rows.push(...rows);
    for (const { sensor } of rows) this.seen.add(sensor);
  }

  retain(horizon: number): void {
    this.horizon = horizon;
  }

  check(reader: HistoryReader): void {
    assert.deepEqual(new Set(reader.sensors()), this.seen);
    if (this.seen.size === 0) return;
    const alive = this.rows.filter(({ time }) => time > this.horizon).toSorted((a, b) => a.time - b.time);
    for (const sensor of this.seen) {
      const own = alive.filter((row) => row.sensor === sensor);
      this.checkSensor(reader, sensor, own, {});
      const [from, to] = [own[own.length >> 2]?.time ?? 0, own[own.length >> 1]?.time ?? 9];
      this.checkSensor(
        reader,
        sensor,
        own.filter(({ time }) => time >= from && time < to),
        { from, to },
      );
    }
    assert.deepEqual(
      reader.anomalies().map(({ sensor, time, values }) => [sensor, time, values]),
      alive.filter(({ anomaly }) => anomaly === 1).map((row) => [row.sensor, row.time, this.valuesOf(row)]),
    );
    const last = new Map<SensorName, Row>(alive.map((row) => [row.sensor, row]));
    assert.deepEqual(
      new Map(reader.last().map(({ sensor, time, values }) => [sensor, [time, values]])),
      new Map([...last.values()].map((row) => [row.sensor, [row.time, this.valuesOf(row)]])),
    );
  }

  private checkSensor(
    reader: HistoryReader,
    sensor: SensorName,
    own: readonly Row[],
    span: { from?: number; to?: number },
  ): void {
    const read = reader.read(sensor, span);
    assert.deepEqual(
      read.time,
      Float64Array.from(own, ({ time }) => time),
    );
    for (const name of this.channels) {
      assert.deepEqual(
        read.channels[name],
        Float64Array.from(own, (row) => row[name]),
      );
    }
    const points = reader.downsample(sensor, 'value', 12, span);
    checkThinned(
      own,
      [...points.time].map((time, i) => [time, points.value[i] as number]),
      12,
    );
  }

  private valuesOf(row: Row): Record<string, number> {
    const there = this.channels.filter((name) => !Number.isNaN(row[name]));
    return Object.fromEntries(there.map((name) => [name, row[name]]));
  }
}

/** Keeps all of a short series; of a longer one first, last, least and greatest, in time order. */
function checkThinned(rows: readonly Row[], points: readonly (readonly number[])[], most: number): void {
  const all = rows.filter(({ value }) => !Number.isNaN(value)).map(({ time, value }) => [time, value]);
  assert.ok(points.length <= most);
  if (all.length <= most) return assert.deepEqual(points, all);
  const values = all.map(([, value]) => value as number);
  const kept = points.map(([, value]) => value);
  const known = new Set(all.map((pair) => pair.join()));
  assert.ok(
    points.every((pair, i) => known.has(pair.join()) && Number(pair[0]) >= (points[i - 1]?.[0] ?? -Infinity)),
  );
  assert.deepEqual([points[0], points.at(-1)], [all[0], all.at(-1)]);
  for (const extreme of [Math.min(...values), Math.max(...values)])
    assert.ok(kept.some((value) => value === extreme));
}
