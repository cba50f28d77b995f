import { numericText, type Column, type NumberColumn, type Table } from '@linnet/connectors/file';
import { LinnetError } from '@linnet/core';

export interface Features {
  readonly features: readonly NumberColumn[];
  /** Names of columns without a single value. */
  readonly missing: readonly string[];
}

/**
 * The columns to score: those named, or every numeric one. A column without a single value is left out.
 * @throws LinnetError `config.unknown` for a name that the table lacks, `data.invalid` when none is numeric
 */
export function chooseFeatures(table: Table, names: readonly string[] | undefined): Features {
  const chosen =
    names === undefined
      ? table.columns.filter((column) => column.kind === 'number')
      : names.map((name) => asNumbers(columnOf(table, name), table.name));
  const features = chosen.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
  if (features.length === 0) {
    const columns = list(table.columns);
    throw new LinnetError(
      'data.invalid',
      `${table.name} has no column of numbers to score (columns: ${columns})`,
    );
  }
  const missing = chosen.filter((column) => !features.includes(column)).map(({ name }) => name);
  return { features, missing };
}

/** The columns side by side, row-major. */
export function matrixOf(features: readonly NumberColumn[], rows: number): Float64Array<ArrayBuffer> {
  const width = features.length;
  const x = new Float64Array(rows * width);
  features.forEach(({ values }, position) => {
    for (let row = 0; row < rows; row++) x[row * width + position] = values[row] as number;
  });
  return x;
}

function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new LinnetError(
    'config.unknown',
    `${table.name} has no column ${JSON.stringify(name)}; it has ${list(table.columns)}`,
  );
}

/** A column of text is taken when all of it reads as numbers: it was asked for by name. */
function asNumbers(column: Column, source: string): NumberColumn {
  if (column.kind === 'number') return column;
  const values = Float64Array.from(column.values, (value, row) => {
    const number =
      value === null ? Number.NaN : typeof value === 'string' ? numericText(value) : (value as unknown);
    if (typeof number === 'number') return number;
    throw new LinnetError(
      'data.invalid',
      `column ${column.name} of ${source} is not numeric: record ${row + 1} holds ${JSON.stringify(value)}`,
    );
  });
  return { name: column.name, kind: 'number', values };
}

function list(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(', ');
}
