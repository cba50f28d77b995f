import { LinnetError, isolationForest, knnImputer, momentsOf, type Moments } from '@linnet/core';
import type { Detection, Job, Method, Reason } from './job.ts';

/** Reasons that are told of an anomaly. */
const REASONS_MAX = 3;
/** |z| above which a reading is an anomaly when nothing else is asked for. */
const Z_THRESHOLD = 2;

type Say = (stage: string, fraction?: number) => void;

interface Scored {
  readonly scores: Float64Array<ArrayBuffer>;
  readonly anomalous: Uint8Array<ArrayBuffer>;
  readonly offset: number;
  /** How much each column sets a row apart. */
  explain(row: number): ArrayLike<number>;
  readonly seconds: { readonly fit: number; readonly score: number };
}

/** Fills in what is missing, scores every row, and says why the anomalies are some. */
export function detect({ x, rows, columns, method }: Job, say: Say): Detection {
  const begun = performance.now();
  say('filling in missing values');
  const filled = impute(x, rows, columns, method);
  const impute_ = secondsSince(begun);
  say('scoring');
  const found =
    method.detector === 'zscore'
      ? byZScore(filled, rows, columns, method)
      : byForest(filled, rows, columns, method);
  let imputed = 0;
  for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]) && !Number.isNaN(filled[i])) imputed++;
  const { scores, anomalous, offset } = found;
  const reasons = reasonsOf(filled, rows, columns, found);
  return {
    x: filled,
    imputed,
    scores,
    anomalous,
    offset,
    reasons,
    seconds: { impute: impute_, ...found.seconds },
  };
}

function impute(
  x: Float64Array,
  rows: number,
  columns: number,
  { impute: how, neighbors }: Method,
): Float64Array<ArrayBuffer> {
  const filled = new Float64Array(x);
  if (how === 'none') return filled;
  if (how === 'knn') {
    const imputer = knnImputer({ neighbors }).create();
    imputer.fit(filled, rows, columns);
    return new Float64Array(imputer.transform(filled, rows));
  }
  for (let column = 0; column < columns; column++) {
    const { mean } = momentsOf(columnOf(filled, rows, columns, column));
    for (let at = column; at < filled.length; at += columns) if (Number.isNaN(filled[at])) filled[at] = mean;
  }
  return filled;
}

function byForest(x: Float64Array, rows: number, columns: number, method: Method): Scored {
  const { trees, contamination, seed, threshold } = method;
  const begun = performance.now();
  const forest = isolationForest({ trees, contamination, seed }).create();
  forest.fit(x, rows, columns);
  const fit = secondsSince(begun);
  const scoring = performance.now();
  const scores = new Float64Array(forest.scoreSamples(x, rows));
  const offset = threshold ?? forest.offset;
  const anomalous = Uint8Array.from(scores, (value) => (value - offset < 0 ? 1 : 0));
  const explain = (row: number) => forest.explain(x.subarray(row * columns, (row + 1) * columns));
  return { scores, anomalous, offset, explain, seconds: { fit, score: secondsSince(scoring) } };
}

/** A row's score is its largest |z|, as scikit-learn's StandardScaler measures it: by the population's deviation. */
function byZScore(
  x: Float64Array,
  rows: number,
  columns: number,
  { threshold = Z_THRESHOLD, contamination }: Method,
): Scored {
  if (contamination === undefined) throw new LinnetError('config.invalid', 'contamination is missing');
  const begun = performance.now();
  const moments = Array.from({ length: columns }, (_, column) =>
    momentsOf(columnOf(x, rows, columns, column)),
  );
  const fit = secondsSince(begun);
  const scoring = performance.now();
  const z = (row: number, column: number): number => {
    const { mean, deviation } = moments[column] as Moments;
    const value = x[row * columns + column] as number;
    return Number.isNaN(value) || deviation === 0 ? 0 : Math.abs(value - mean) / deviation;
  };
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    // A record without any value has no score.
    let most = NaN;
    for (let column = 0; column < columns; column++) {
      if (!Number.isNaN(x[row * columns + column]))
        most = Math.max(Number.isNaN(most) ? 0 : most, z(row, column));
    }
    scores[row] = most;
  }
  const anomalous = Uint8Array.from(scores, (value) => (value > threshold ? 1 : 0));
  const explain = (row: number) => Float64Array.from({ length: columns }, (_, column) => z(row, column));
  return { scores, anomalous, offset: threshold, explain, seconds: { fit, score: secondsSince(scoring) } };
}

/** For each anomaly the columns that set it apart most, with the fleet's usual range. */
function reasonsOf(
  x: Float64Array,
  rows: number,
  columns: number,
  { anomalous, explain }: Scored,
): Map<number, Reason[]> {
  const usual = Array.from({ length: columns }, (_, column) => usualRange(x, rows, columns, column));
  const reasons = new Map<number, Reason[]>();
  anomalous.forEach((is, row) => {
    if (is === 0) return;
    const weights = explain(row);
    const order = Array.from(weights, (weight, column) => ({ weight, column }))
      .filter(({ weight }) => weight > 0)
      .toSorted((a, b) => b.weight - a.weight);
    reasons.set(
      row,
      order.slice(0, REASONS_MAX).map(({ column }) => {
        const [low, high] = usual[column] as readonly [number, number];
        return { column, value: x[row * columns + column] as number, low, high };
      }),
    );
  });
  return reasons;
}

function columnOf(x: Float64Array, rows: number, columns: number, column: number): Float64Array {
  const values = new Float64Array(rows);
  for (let row = 0, at = column; row < rows; row++, at += columns) values[row] = x[at] as number;
  return values;
}

/** The 1st and the 99th percentile of a column. */
function usualRange(
  x: Float64Array,
  rows: number,
  columns: number,
  column: number,
): readonly [number, number] {
  const values = columnOf(x, rows, columns, column)
    .filter((value) => !Number.isNaN(value))
    .toSorted();
  const at = (share: number) => values[Math.round(share * (values.length - 1))] as number;
  return [at(0.01), at(0.99)];
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}
