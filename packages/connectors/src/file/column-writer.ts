import type { ColumnFormat, ColumnRows, ColumnWriter, Put } from './column-rows.ts';

const LINES_AT_ONCE = 4096;

/**
 * Writes rows of readings as they come: CSV with a head, a JSON object a line, or Parquet. The first two columns are
 * `sensor` and `time`: ISO UTC, in Parquet a timestamp. Missing is an empty cell, in JSON and Parquet null.
 */
export async function columnWriter(
  format: ColumnFormat,
  names: readonly string[],
  put: Put,
): Promise<ColumnWriter> {
  if (format === 'parquet') {
    const { ParquetRows } = await import('./parquet-rows.ts');
    return new ParquetRows(names, put);
  }
  return format === 'csv'
    ? new TextRows(csvHead(names), csvLine(), put)
    : new TextRows('', jsonLine(names), put);
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

function csvLine(): Line {
  return (sensor, time, columns, row) => {
    let line = `${csvCell(String(sensor))},${new Date(time).toISOString()}`;
    for (const column of columns) {
      const value = column[row] as number;
      line += Number.isNaN(value) ? ',' : `,${value}`;
    }
    return `${line}\n`;
  };
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonLine(names: readonly string[]): Line {
  const heads = names.map((name) => `,${JSON.stringify(name)}:`);
  return (sensor, time, columns, row) => {
    let line = `{"sensor":${JSON.stringify(sensor)},"time":"${new Date(time).toISOString()}"`;
    for (let i = 0; i < heads.length; i++) {
      const value = (columns[i] as Float64Array)[row] as number;
      line += `${heads[i]}${Number.isFinite(value) ? value : 'null'}`;
    }
    return `${line}}\n`;
  };
}
