import { decodePayload, type JsonObject } from '@linnet/core/wire';
import type { RowBuffer } from './row-buffer.ts';

/** Sets every number of a JSON object as a channel of the row. */
export function fieldsOf(payload: Uint8Array, rows: RowBuffer): void {
  for (const [name, value] of Object.entries(decodePayload(payload))) {
    if (typeof value === 'number') rows.set(name, value);
    else if (typeof value === 'boolean') rows.set(name, value ? 1 : 0);
  }
}

export function fieldsObject(payload: Uint8Array): JsonObject {
  return decodePayload(payload);
}
