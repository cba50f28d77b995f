/** A table for people: columns as wide as their widest value, numbers to the right. */
export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Characters of a value; the last column, which pushes nothing aside, may be wider. */
const CELL_MAX = 60;
const LAST_MAX = 240;

export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((value, position) => onOneLine(value, position < columns.length - 1 ? CELL_MAX : LAST_MAX)),
  );
  const widths = columns.map((_, position) =>
    lines.reduce((widest, line) => Math.max(widest, line[position]?.length ?? 0), 0),
  );
  const padded = lines.map((line) =>
    line.map((value, position) => {
      const width = widths[position] as number;
      return columns[position]?.align === 'right' ? value.padStart(width) : value.padEnd(width);
    }),
  );
  return padded.map((line) => `${line.join('  ').trimEnd()}\n`).join('');
}

/** Control characters of the input must not reach the terminal, and one long value must not push the others out of sight. */
function onOneLine(value: string, longest: number): string {
  const line = value.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ');
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
