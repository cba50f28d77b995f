import type { ColumnFormat, ColumnRows, ColumnWords, ColumnWriter, Put } from './column-rows.ts';

const LINES_AT_ONCE = 4096;

/**
 * Writes rows of readings as they come: CSV with a head, a JSON object a line, or Parquet. The first two columns are
 * `sensor` and `time`: ISO UTC, in Parquet a timestamp. Missing is an empty cell, in JSON and Parquet null. Columns that have words are
 * written in them.
 */
export async function columnWriter(
  format: ColumnFormat,
  names: readonly string[],
  put: Put,
  words: ColumnWords = {},
): Promise<ColumnWriter> {
  if (format === 'parquet') {
    const { ParquetRows } = await import('./parquet-rows.ts');
    return new ParquetRows(names, put, words);
  }
  return format === 'csv'
    ? new TextRows(csvHead(names), csvLine(names, words), put)
    : new TextRows('', jsonLine(names, words), put);
}

type Line = (sensor: string | number, time: number, columns: readonly Float64Array[], row: number) => string;

class TextRows implements ColumnWriter {
  private text: string;
  private readonly line: Line;
  private readonly put: Put;

  constructor(head: string, line: Line, put: Put) {
    this.text = head;
    this.line = line;
    this.put = put;
  }

  async write({ sensor, time, columns }: ColumnRows): Promise<void> {
    for (let row = 0; row < time.length; row++) {
      this.text += this.line(sensor, time[row] as number, columns, row);
      if (row % LINES_AT_ONCE === LINES_AT_ONCE - 1) await this.flush();
    }
    await this.flush();
  }

  finish(): Promise<void> {
    return this.flush();
  }

  private async flush(): Promise<void> {
    const { text } = this;
    this.text = '';
    if (text !== '') await this.put(text);
  }
}

function csvHead(names: readonly string[]): string {
  return `${['sensor', 'time', ...names].map(csvCell).join(',')}\n`;
}

function csvLine(names: readonly string[], words: ColumnWords): Line {
  const spoken = names.map((name) => words[name]);
  return (sensor, time, columns, row) => {
    let line = `${csvCell(String(sensor))},${new Date(time).toISOString()}`;
    for (let i = 0; i < columns.length; i++) {
      const value = (columns[i] as Float64Array)[row] as number;
      const word = spoken[i];
      line += Number.isNaN(value) ? ',' : `,${word === undefined ? value : csvCell(word(value))}`;
    }
    return `${line}\n`;
  };
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonLine(names: readonly string[], words: ColumnWords): Line {
  const heads = names.map((name) => `,${JSON.stringify(name)}:`);
  const spoken = names.map((name) => words[name]);
  return (sensor, time, columns, row) => {
    let line = `{"sensor":${JSON.stringify(sensor)},"time":"${new Date(time).toISOString()}"`;
    for (let i = 0; i < heads.length; i++) {
      const value = (columns[i] as Float64Array)[row] as number;
      const word = spoken[i];
      const text = word === undefined ? value : JSON.stringify(word(value));
      line += `${heads[i]}${Number.isFinite(value) ? text : 'null'}`;
    }
    return `${line}}\n`;
  };
}
