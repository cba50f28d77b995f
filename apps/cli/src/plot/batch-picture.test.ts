import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NumberColumn, Table } from '@linnet/connectors/file';
import { BATCH_DEFAULTS, type BatchResult, type Reason } from '../batch/job.ts';
import { linearAxis, logAxis } from './axis.ts';
import { batchPicture } from './batch-picture.ts';
import { extentOf, mostCrowded, placesOf } from './places.ts';

interface Fleet {
  readonly scores: readonly number[];
  readonly threshold: number;
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly name?: string;
  readonly detector?: 'isolation-forest' | 'zscore';
}

function resultOf({
  scores,
  threshold,
  columns,
  name = 'fleet.csv',
  detector = 'isolation-forest',
}: Fleet): BatchResult {
  const features = Object.entries(columns).map(([column, values]): NumberColumn => ({
    name: column,
    kind: 'number',
    values: Float64Array.from(values),
  }));
  const rows = scores.length;
  const table: Table = {
    name,
    format: 'csv',
    columns: features,
    rows,
    skipped: 0,
    skippedNote: undefined,
    notes: [],
  };
  const isBelow = detector === 'isolation-forest';
  const anomalies = scores.flatMap((score, row) =>
    (isBelow ? score < threshold : score > threshold) ? [row] : [],
  );
  const why: Reason[] = [{ column: 0, value: 1, low: 2, high: 3 }];
  return {
    table,
    features,
    method: { ...BATCH_DEFAULTS, detector },
    detection: {
      x: new Float64Array(rows * features.length),
      imputed: 0,
      scores: Float64Array.from(scores),
      anomalous: Uint8Array.from(scores, (_, row) => Number(anomalies.includes(row))),
      offset: threshold,
      reasons: new Map(anomalies.map((row) => [row, why])),
      seconds: { impute: 0, fit: 0, score: 0 },
    },
    anomalies,
    readSeconds: 0,
  };
}

const spread = (count: number, low: number, high: number) =>
  Array.from({ length: count }, (_, index) => low + ((high - low) * index) / Math.max(1, count - 1));

/** Every element is closed in its order, every attribute is quoted, and there is no bare ampersand. */
function checkWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [tag, slash, name, attributes, empty] of svg.matchAll(
    /<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (slash === '/') assert.equal(open.pop(), name, tag);
    else if (empty !== '/') open.push(name ?? '');
    assert.doesNotMatch(attributes ?? '', /NaN|undefined|Infinity/, tag);
  }
  assert.deepEqual(open, []);
  const rest = svg.replaceAll(/<\/?[A-Za-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '');
  assert.doesNotMatch(rest, /[<>]|&(?!#\d+;)/);
}

test('the picture has a title with the counts, bars on both sides of the threshold, reasons, a map and its legend', () => {
  const { svg, note } = batchPicture(
    resultOf({
      scores: [...spread(200, -0.5, -0.4), -0.7, -0.8],
      threshold: -0.6,
      columns: { latitude: [...spread(199, -50, 70), Number.NaN, 0, 10], longitude: spread(202, -170, 170) },
    }),
  );
  checkWellFormed(svg);
  assert.equal(note, undefined);
  assert.match(svg, />2 of 202 records stand out</);
  assert.match(svg, />threshold −0\.6</);
  assert.match(svg, />What sets them apart</);
  assert.match(svg, />Where the sensors are</);
  assert.equal(svg.match(/<circle[^>]*><title>/g)?.length, 2);
  assert.match(svg, /\(1 record without coordinates: not on the map\)/);
  assert.doesNotMatch(svg, /href|url\(|<image|@import|<script/);
});

test('without coordinates there is no map, and that is said', () => {
  const { svg, note } = batchPicture(
    resultOf({ scores: [-0.4, -0.5, -0.7], threshold: -0.6, columns: { t: [1, 2, 3] } }),
  );
  checkWellFormed(svg);
  assert.equal(note, 'fleet.csv has no latitude and longitude: the picture has no map');
  assert.match(svg, />No map: the table has no latitude and longitude\.</);
  assert.doesNotMatch(svg, /Where the sensors are/);
});

test('names from the input are text and nothing else', () => {
  const name = '</title><script>alert("1 & 2")</script>\u0000.csv';
  const { svg } = batchPicture(
    resultOf({
      scores: [-0.4, -0.7],
      threshold: -0.6,
      name,
      columns: { [name]: [1, 2], lat: [1, 2], lon: [3, 4] },
    }),
  );
  checkWellFormed(svg);
  assert.doesNotMatch(svg, /<script/);
  assert.ok(!svg.includes(String.fromCharCode(0)));
});

test('degenerate inputs still make a picture: equal scores, no anomaly, one place, the poles, missing scores', () => {
  const cases: Fleet[] = [
    { scores: [-0.5, -0.5], threshold: -0.5, columns: { lat: [10, 10], lon: [20, 20] } },
    {
      scores: [0.1, 5000, Number.NaN, 3],
      threshold: 2,
      detector: 'zscore',
      columns: { lat: [90, -90, 0, 1], lon: [-180, 180, 0, 1] },
    },
    { scores: [0, 0, 0], threshold: 2, detector: 'zscore', columns: { t: [1, 1, 1] } },
    {
      scores: [-0.4, -0.45],
      threshold: -0.9,
      columns: { latitude: [42.71, 42.72], longitude: [-73.7, -73.71] },
    },
  ];
  for (const fleet of cases) checkWellFormed(batchPicture(resultOf(fleet)).svg);
});

test('places: only rows with coordinates in range; the crowd is found', () => {
  const { table } = resultOf({
    scores: [0, 0, 0, 0],
    threshold: 1,
    columns: { Lat: [40, 41, 91, Number.NaN], LNG: [-120, -119, 0, 0] },
  });
  const places = placesOf(table);
  assert.ok(places !== undefined);
  assert.deepEqual([...places.rows], [0, 1]);
  const { area, share } = mostCrowded(places);
  assert.equal(share, 1);
  assert.ok(area[0] <= -120 && area[2] >= -119 && area[1] <= 40 && area[3] >= 41);
  const [west, south, east, north] = extentOf(places);
  assert.ok(west < -120 && east > -119 && south < 40 && north > 41);
});

test('axes: ticks are round and within, both ends are met', () => {
  const linear = linearAxis([-0.83, -0.34], [0, 100]);
  assert.deepEqual(linear.ticks, [-0.8, -0.7, -0.6, -0.5, -0.4]);
  assert.equal(linear.at(-0.83), 0);
  assert.equal(linear.at(-0.34), 100);
  assert.deepEqual(logAxis([0.6, 4000], [0, 1]).ticks, [1, 10, 100, 1000]);
  assert.deepEqual(logAxis([0.6, 40], [0, 1]).ticks, [1, 2, 5, 10, 20]);
});
