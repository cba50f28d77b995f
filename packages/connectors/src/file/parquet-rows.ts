import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnRows, ColumnWords, ColumnWriter, Put } from './column-rows.ts';

const ROW_GROUP = 100_000;

/** Gathers rows into row groups, so that memory does not grow with the table. */
export class ParquetRows implements ColumnWriter {
  private readonly names: readonly string[];
  private readonly put: Put;
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private sensors: string[] = [];
  private times: Date[] = [];
  private values: (number | string | null)[][];
  private readonly spoken: readonly (ColumnWords[string] | undefined)[];

  constructor(names: readonly string[], put: Put, words: ColumnWords = {}) {
    this.names = names;
    this.spoken = names.map((name) => words[name]);
    this.put = put;
    this.values = names.map(() => []);
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: [
        { name: 'root', num_children: names.length + 2 },
        { name: 'sensor', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        { name: 'time', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
        ...names.map((name) =>
          words[name] === undefined
            ? ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' } as const)
            : ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const),
        ),
      ],
    });
  }

  async write({ sensor, time, columns }: ColumnRows): Promise<void> {
    for (let row = 0; row < time.length; row++) {
      this.sensors.push(String(sensor));
      this.times.push(new Date(time[row] as number));
      for (let i = 0; i < columns.length; i++) {
        const value = (columns[i] as Float64Array)[row] as number;
        const word = this.spoken[i];
        const shown = word === undefined ? value : word(value);
        (this.values[i] as (number | string | null)[]).push(Number.isNaN(value) ? null : shown);
      }
    }
    if (this.sensors.length >= ROW_GROUP) await this.group();
  }

  async finish(): Promise<void> {
    if (this.sensors.length > 0) await this.group();
    await this.writer.finish();
    await this.flush();
  }

  private async group(): Promise<void> {
    const columnData = [
      { name: 'sensor', data: this.sensors },
      { name: 'time', data: this.times },
      ...this.names.map((name, i) => ({ name, data: this.values[i] as (number | string | null)[] })),
    ];
    await this.writer.write({ columnData, rowGroupSize: this.sensors.length });
    [this.sensors, this.times, this.values] = [[], [], this.names.map(() => [])];
    await this.flush();
  }

  /** Hands out what was encoded; offsets in the file go on. */
  private async flush(): Promise<void> {
    const bytes = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    await this.put(bytes);
  }
}
