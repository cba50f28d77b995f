import type { BatchResult } from './job.ts';

/** The summary for programs: one line of JSON. */
export function summaryJson({ table, detection, anomalies, readSeconds }: BatchResult): string {
  const { impute, fit, score } = detection.seconds;
  return JSON.stringify({
    rows: table.rows,
    skipped: table.skipped,
    imputed: detection.imputed,
    anomalies: anomalies.length,
    offset: detection.offset,
    seconds: { read: toMs(readSeconds), impute: toMs(impute), fit: toMs(fit), score: toMs(score) },
  });
}

/** The summary for people: what was found, how, and how long it took. */
export function summaryText(result: BatchResult): string {
  const { table, detection, anomalies, readSeconds } = result;
  const digits = { minimumSignificantDigits: 2, maximumSignificantDigits: 2 };
  const share = ((anomalies.length / table.rows) * 100).toLocaleString('en', digits);
  const found =
    anomalies.length === 0
      ? `no anomaly in ${count(table.rows, 'record')} of ${table.name}: ${ruleOf(result)}`
      : `${count(anomalies.length, 'anomaly', 'anomalies')} in ${count(table.rows, 'record')} of ${table.name} (${share} %): ${ruleOf(result)}`;
  const { impute, fit, score } = detection.seconds;
  const seconds = Object.entries({ read: readSeconds, impute, fit, score }).map(
    ([stage, value]) => `${stage} ${value.toFixed(2)} s`,
  );
  return `${found}\n${methodOf(result)}; ${seconds.join(', ')}\n`;
}

/** `score below -0.6886`, the sentence that also stands in the picture. */
export function ruleOf({ method, detection }: BatchResult): string {
  return method.detector === 'zscore'
    ? `a |z| above ${Number(detection.offset.toPrecision(4))}`
    : `score below ${detection.offset.toFixed(4)}`;
}

export function methodOf({ method, detection, features }: BatchResult): string {
  const columns = count(features.length, 'column');
  const model =
    method.detector === 'zscore'
      ? `z-score of ${columns}`
      : `isolation forest of ${count(method.trees, 'tree')} on ${columns}, seed ${method.seed}`;
  if (method.impute === 'none') return model;
  const by = method.impute === 'knn' ? `from ${count(method.neighbors, 'neighbour')}` : 'by the mean';
  return detection.imputed === 0 ? model : `${model}; ${count(detection.imputed, 'value')} imputed ${by}`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
