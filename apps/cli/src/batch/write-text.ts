import { textTable, type TextColumn } from '../text-table.ts';
import { inputColumns, rowsToWrite, sentenceOf, short, type OutputColumn } from './cells.ts';
import type { BatchResult } from './job.ts';

/** Columns of text that are shown beside the first column, and reasons for a row. */
const TEXT_COLUMNS = 2;
const REASONS = 3;

/** A table for people: which record, its score, and why. */
export function batchText(result: BatchResult, all: boolean): string {
  const { detection } = result;
  const shown = identifying(result);
  const columns: TextColumn[] = [
    { title: 'record', align: 'right' },
    ...shown.map(({ column, isNumeric }): TextColumn => ({
      title: column.name,
      align: isNumeric ? 'right' : 'left',
    })),
    { title: 'score', align: 'right' },
    { title: 'why (usual: 1st to 99th percentile)', align: 'left' },
  ];
  const rows = Array.from(rowsToWrite(result, all), (row) => [
    String(row + 1),
    ...shown.map(({ column }) => cellText(column.at(row))),
    scoreText(detection.scores[row]),
    sentenceOf(result, detection.reasons.get(row)?.slice(0, REASONS), ''),
  ]);
  return rows.length === 0 ? '' : textTable(columns, rows);
}

/** The first column and the first few of text: most likely they say which sensor it is, and when. */
function identifying({ table, ...rest }: BatchResult): { column: OutputColumn; isNumeric: boolean }[] {
  const kinds = new Map(table.columns.map(({ name, kind }) => [name, kind]));
  const columns = inputColumns({ table, ...rest });
  const texts = columns.filter(({ name }, position) => position > 0 && kinds.get(name) === 'other');
  return [...columns.slice(0, 1), ...texts.slice(0, TEXT_COLUMNS)].map((column) => ({
    column,
    isNumeric: kinds.get(column.name) === 'number',
  }));
}

function cellText(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'number') return short(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value).replace(/\.000Z$/, 'Z');
}

function scoreText(score: number | undefined): string {
  return score === undefined || Number.isNaN(score) ? '' : score.toFixed(4);
}
