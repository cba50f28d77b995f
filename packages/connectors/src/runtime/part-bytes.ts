import type { BytesPayload, Payload } from '@linnet/core/engine';

/** A part of a block in memory of its own, which can be transferred. */
export function copyOf(part: BytesPayload): BytesPayload {
  const { bytes, places } = part;
  return { ...part, bytes: bytes.slice(), ...(places !== undefined && { places: places.slice() }) };
}

/** Gives the memory of a block back that was decoded: it would wait for a collection of all there is. */
export function release(payload: Payload): void {
  for (const buffer of buffersOf(payload)) buffer.transfer(0);
}

/** What of a payload can be transferred instead of copied. */
export function buffersOf(payload: Payload): ArrayBuffer[] {
  if (!('bytes' in payload)) return [];
  return [payload.bytes, payload.places].flatMap((view) =>
    view === undefined ? [] : [view.buffer as ArrayBuffer],
  );
}
