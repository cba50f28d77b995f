/** Three sensors as a gateway hears them, and what the cloud must have of them. */
import assert from 'node:assert/strict';
import { HistoryReader, openStoreReadOnly } from '@linnet/connectors/history';
import { readProvisional } from '@linnet/server';

export const EVERY_MS = 60_000;
export const START = Date.parse('2024-03-01T00:00:00Z');
export const EPSILON = 0.5;
export const SENSORS = ['1', '4', '6'];

/** A reading of a sensor and an instant, or nothing. */
export function real(sensor: number, instant: number): number | undefined {
  if ((instant * 7 + sensor * 5 + 3) % 23 === 0) return undefined;
  return 20 + sensor + 4 * Math.sin(instant / 25 + sensor) + ((instant * 37) % 11) / 20;
}

export function readings(from: number, to: number): object[] {
  const list: object[] = [];
  for (let instant = from; instant < to; instant++) {
    for (const [i, sensor] of SENSORS.entries()) {
      const temperature = real(i, instant);
      const time = new Date(START + instant * EVERY_MS + 1000 * i).toISOString();
      if (temperature !== undefined) list.push({ sensor, time, temperature });
    }
  }
  return list;
}

/** Holds every stored instant against what was measured, `instants` of them. */
export function compare(data: string, id: string, instants: number): { statuses: Map<number, number> } {
  const db = openStoreReadOnly(data);
  try {
    return { statuses: compareIn(new HistoryReader(db), id, instants) };
  } finally {
    db.close();
  }
}

/** @returns readings by status */
function compareIn(reader: HistoryReader, id: string, instants: number): Map<number, number> {
  const statuses = new Map<number, number>();
  for (const [i, sensor] of SENSORS.entries()) {
    const { time, channels } = reader.read(`${id}/${sensor}`);
    const expected = Array.from({ length: instants }, (_, instant) => START + instant * EVERY_MS);
    assert.deepEqual([...time], expected, `sensor ${sensor}: each instant once, in order`);
    time.forEach((_, instant) => {
      const [value, status, bound] = ['temperature', '_status', '_bound'].map(
        (name) => channels[name]?.[instant] as number,
      ) as [number, number, number];
      const wanted = real(i, instant);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (wanted === undefined) return assert.equal(status, 0, `instant ${instant} was missing`);
      assert.ok(status >= 2 && Math.abs(value - wanted) <= bound && bound <= EPSILON);
    });
  }
  return statuses;
}

/**
 * The same while messages may still be under way: what is confirmed is within its bound and in order, what is provisional comes after it.
 * @returns instants that are confirmed, and that are foretold up to instant `until`
 */
export function compareMidway(
  data: string,
  id: string,
  until: number,
): { confirmed: number; foretold: number } {
  const db = openStoreReadOnly(data);
  try {
    // One state of the store, whatever is stored meanwhile.
    db.exec('BEGIN');
    const reader = new HistoryReader(db);
    const first = `${id}/${SENSORS[0]}`;
    const confirmed = reader.sensors().includes(first) ? reader.read(first).time.length : 0;
    const foretold = [...(readProvisional(db, START + until * EVERY_MS).sensors.get(first)?.time ?? [])];
    const expected = Array.from({ length: foretold.length }, (_, i) => START + (confirmed + i) * EVERY_MS);
    assert.deepEqual(foretold, expected);
    if (confirmed > 0) compareIn(reader, id, confirmed);
    return { confirmed, foretold: foretold.length };
  } finally {
    db.close();
  }
}
