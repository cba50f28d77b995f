import type { Table } from '@linnet/connectors/file';
import { LinnetError } from '@linnet/core';
import type { Progress } from '../progress.ts';
import { RESULT_COLUMNS } from './cells.ts';
import { Detector } from './detector.ts';
import { chooseFeatures, matrixOf, type Features } from './features.ts';
import type { BatchOptions, BatchResult, Method } from './job.ts';
import { openTable } from './open-table.ts';

type Sayer = (sentence: string) => void;
type Asked = Method & Pick<BatchOptions, 'file' | 'format' | 'columns' | 'output'>;

/** Reads the table and finds its anomalies; warnings go to `say`, and progress to the bar. */
export async function findAnomalies(options: Asked, say: Sayer, progress: Progress): Promise<BatchResult> {
  // The thread that computes starts up while this one reads.
  const detector = new Detector();
  try {
    const begun = performance.now();
    progress.update('reading');
    const table = await openTable(options, say);
    const { features, missing } = chooseFeatures(table, options.columns);
    const x = matrixOf(features, table.rows);
    const readSeconds = (performance.now() - begun) / 1000;
    check(table, { features, missing }, options);
    for (const warning of warnings(table, { features, missing }, options)) say(warning);
    const job = { method: options, x, rows: table.rows, columns: features.length };
    const detection = await detector.run(job, (stage, fraction) => progress.update(stage, fraction));
    const anomalies: number[] = [];
    detection.anomalous.forEach((is, row) => is === 1 && anomalies.push(row));
    return { table, features, method: options, detection, anomalies, readSeconds };
  } finally {
    detector.close();
  }
}

function check(table: Table, { features }: Features, { impute, detector }: Asked): void {
  if (table.rows === 1) {
    throw new LinnetError('data.invalid', `${table.name} holds one record: there is none to compare it with`);
  }
  if (impute !== 'none' || detector === 'zscore') return;
  const gaps = features
    .map(({ name, values }) => ({
      name,
      gaps: values.reduce((sum, value) => sum + Number(Number.isNaN(value)), 0),
    }))
    .filter(({ gaps: number }) => number > 0);
  if (gaps.length === 0) return;
  const named = gaps.map(({ name, gaps: number }) => `${name} ${number}`).join(', ');
  throw new LinnetError(
    'data.invalid',
    `an isolation forest takes no missing values, and ${table.name} has some (${named}): ` +
      '--impute knn or mean fills them in, --columns leaves columns out, --detector zscore passes over them',
  );
}

function* warnings(table: Table, { features, missing }: Features, asked: Asked): Generator<string> {
  const { detector, threshold, output } = asked;
  // For programs the summary counts what was skipped; a person is told where it began.
  if (table.skippedNote !== undefined && output !== 'json') yield table.skippedNote;
  yield* table.notes;
  for (const name of missing) yield `column ${name} has no value in any record and is left out`;
  const clashing = table.columns.filter(({ name }) => (RESULT_COLUMNS as readonly string[]).includes(name));
  for (const { name } of clashing)
    yield `column ${name} of the input is not written: the result has one of that name`;
  if (detector !== 'zscore' || threshold === undefined) return;
  const most = Math.max(
    ...features.map(({ values }) => values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0)),
  );
  const limit = Math.sqrt(most - 1);
  if (threshold >= limit) {
    yield (
      `no |z| of ${most} readings can exceed ${Number(limit.toPrecision(6))}, the square root of ${most} - 1: ` +
      `a threshold of ${threshold} finds nothing`
    );
  }
}
