import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checksum, decodeChunk, encodeChunk, encodeExtremes, type SensorRows } from './chunk.ts';
import { seal } from './seal.ts';

/** A chunk's row in the database, without its blob. */
export interface StoredSpan {
  readonly id: number;
  readonly sensor: number;
  readonly from_time: number;
  readonly to_time: number;
  readonly rows: number;
}

/** Writes and reads chunks in the database. */
export class ChunkTable {
  private readonly content: StatementSync;
  private readonly update: StatementSync;

  constructor(db: DatabaseSync) {
    this.content = db.prepare('SELECT crc, data FROM history_chunk WHERE id = ?');
    this.update = db.prepare(
      `UPDATE history_chunk SET from_time = ?, to_time = ?, rows = ?, bytes = ?, crc = ?, extremes = ?, data = ?
       WHERE id = ?`,
    );
  }

  /** Its readings in time order; undefined when it is damaged. */
  read({ id, sensor, from_time: from, to_time: to, rows }: StoredSpan): SensorRows | undefined {
    const { crc, data } = this.content.get(id) as { crc: number; data: Uint8Array };
    return checksum([sensor, from, to, rows], data) === crc ? decodeChunk(data) : undefined;
  }

  /** Puts other readings of the same sensor, in time order, in place of a chunk's; at least one. */
  replace(id: number, sensor: number, part: SensorRows): void {
    const { time } = part;
    const [from, to] = [time[0] as number, time[time.length - 1] as number];
    const extremes = sealedExtremes(sensor, part);
    const data = encodeChunk(part);
    const crc = checksum([sensor, from, to, time.length], data);
    const bytes = data.length + (extremes?.length ?? 0);
    this.update.run(from, to, time.length, bytes, crc, extremes, data, id);
  }
}

/** Extremes of a chunk's rows, as they are stored. */
export function sealedExtremes(sensor: number, part: SensorRows): Uint8Array | null {
  const extremes = encodeExtremes(part);
  const { time } = part;
  return extremes && seal([sensor, time[0] as number, time.at(-1) as number, time.length], extremes);
}
