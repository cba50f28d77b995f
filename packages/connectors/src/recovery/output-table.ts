import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DamagedRow, outputCrc } from './row-checks.ts';
import type { Tally } from './tally.ts';

interface Row {
  readonly sink: string;
  readonly number: number;
  readonly crc: number;
  readonly record: string;
}

/** Appends records of a sink as JSON, in the caller's transaction. */
export class OutputTable {
  private readonly insert: StatementSync;

  constructor(database: DatabaseSync) {
    this.insert = database.prepare(
      'INSERT INTO output (sink, number, epoch, crc, record) VALUES (?, ?, ?, ?, ?)',
    );
  }

  append(sink: string, epoch: number, items: readonly unknown[], { outputs }: Tally): void {
    let [number, crc] = outputs.get(sink) ?? [0, 0];
    for (const item of items) {
      const record = JSON.stringify(item);
      crc = outputCrc(crc, record);
      this.insert.run(sink, number++, epoch, crc, record);
    }
    outputs.set(sink, [number, crc]);
  }
}

/**
 * The JSON of each record, in order: of all sinks, or one.
 * @throws DamagedRow for a record that is not what was written, or where one is missing
 */
export function* readRecords(database: DatabaseSync, { outputs }: Tally, only?: string): Generator<string> {
  const statement = database.prepare(
    'SELECT sink, number, crc, record FROM output WHERE sink = ? ORDER BY number',
  );
  for (const [sink, [rows, last]] of [...outputs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (only !== undefined && sink !== only) continue;
    let [next, crc] = [0, 0];
    for (const row of statement.iterate(sink) as Iterable<unknown> as Iterable<Row>) {
      crc = outputCrc(crc, row.record);
      if (row.number !== next++ || row.crc !== crc)
        throw new DamagedRow(`record ${next - 1} of sink "${sink}"`);
      yield row.record;
    }
    if (next !== rows || crc !== last)
      throw new DamagedRow(`the table of sink "${sink}" (${next} records, written were ${rows})`);
  }
}
