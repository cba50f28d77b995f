/** A table for people: columns as wide as their widest value, numbers to the right. */
export interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((row) => row.map(onOneLine));
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

/** Control characters of the input must not reach the terminal. */
function onOneLine(value: string): string {
  return value.replaceAll(/\p{Cc}+/gu, ' ');
}
