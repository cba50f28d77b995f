import { readFileSync } from 'node:fs';
import { LinnetError, type Decoded, type Payload, type Rejected, type Source } from '@linnet/core';
import { fileSize, shownPath } from './lines.ts';

const BLOCK_ENTRIES = 2048;

/** What a PurpleAir snapshot says of one sensor: its fields by name. */
export type PurpleAirRecord = Readonly<Record<string, string | number | null>>;

interface Snapshot {
  readonly fields: readonly string[];
  readonly data: readonly unknown[];
}

/**
 * A source over a snapshot of the PurpleAir API (GET /v1/sensors): `fields` names the columns of `data`. An entry that is
 * shorter than `fields` is rejected and counted.
 */
export function purpleAirSnapshot(path: string): Source<PurpleAirRecord> {
  return {
    kind: 'purpleair',
    name: shownPath(path),
    bounded: true,
    open({ limit, from }) {
      const { fields, data } = readSnapshot(path);
      const end = Math.min(data.length, limit);
      const head = JSON.stringify(fields);
      let at = typeof from === 'number' ? from : 0;
      return {
        read() {
          if (at >= end) return Promise.resolve(null);
          const first = at;
          at = Math.min(end, at + BLOCK_ENTRIES);
          return Promise.resolve({
            payload: { items: data.slice(first, at), head },
            first,
            progress: at / end,
          });
        },
        close: () => Promise.resolve(),
      };
    },
    decode: decodeEntries,
    place: (index) => `entry ${index + 1}`,
  };
}

function readSnapshot(path: string): Snapshot {
  fileSize(path);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new LinnetError('data.invalid', `${path} is not complete JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  const { fields, data } = (value ?? {}) as Partial<Snapshot>;
  if (!Array.isArray(fields) || !Array.isArray(data) || fields.some((field) => typeof field !== 'string')) {
    throw new LinnetError('data.invalid', `${path} is no PurpleAir snapshot: it has no "fields" and "data"`);
  }
  return { fields, data };
}

function decodeEntries(payload: Payload): Decoded<PurpleAirRecord> {
  const entries = 'items' in payload ? payload.items : [];
  const fields = JSON.parse(payload.head ?? '[]') as string[];
  const items: PurpleAirRecord[] = [];
  const positions: number[] = [];
  const rejected: Rejected[] = [];
  entries.forEach((entry, at) => {
    if (!Array.isArray(entry) || entry.length < fields.length) {
      rejected.push({ at, why: `shorter than the ${fields.length} fields` });
      return;
    }
    const record: Record<string, string | number | null> = {};
    for (let i = 0; i < fields.length; i++) record[fields[i] as string] = entry[i] as string | number | null;
    items.push(record);
    positions.push(at);
  });
  const whole = positions.length === entries.length;
  return { items, positions: whole ? null : Int32Array.from(positions), rejected };
}
