/**
 * Readings as bytes, all of one size: where memory was overwritten another reading stands, or none that can be read. So a bug shows in
 * what comes out and not in an error of a format.
 */
import assert from 'node:assert/strict';
import type { Delivered } from './source.ts';

const RECORD_BYTES = 256;

export function encodeReadings(readings: readonly Delivered[]): Uint8Array<ArrayBuffer> {
  const text = readings.map((reading) => {
    // JSON has no NaN.
    const record = JSON.stringify({ ...reading, time: String(reading.time) });
    assert.ok(record.length <= RECORD_BYTES);
    return record.padEnd(RECORD_BYTES);
  });
  return new TextEncoder().encode(text.join(''));
}

/** @returns undefined for a record that is no reading */
export function decodeReadings(bytes: Uint8Array): (Delivered | undefined)[] {
  const text = Buffer.from(bytes).toString('latin1');
  return Array.from({ length: bytes.length / RECORD_BYTES }, (_, i) =>
    decodeReading(text.slice(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)),
  );
}

function decodeReading(text: string): Delivered | undefined {
  try {
    const reading = JSON.parse(text) as Delivered;
    return { ...reading, time: Number(reading.time) };
  } catch {
    return undefined;
  }
}
