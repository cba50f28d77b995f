/**
 * The clock of one key: its watermark is its own latest event time less the lateness, and moves on with processing time while
 * the key is silent. Bytewax 0.21.1's `EventClock`, with one departure: the watermark is kept when the key's windows have
 * closed (Bytewax forgets it, so that an old record is taken for a new one).
 */
export interface KeyClock {
  /** Watermark when it was last moved by a record. */
  base: number;
  /** Processing time then. */
  at: number;
  /** Latest processing time seen: a system clock that is set back is waited for. */
  now: number;
}

export function newClock(): KeyClock {
  return { base: -Infinity, at: 0, now: -Infinity };
}

/** The watermark at a processing time. */
export function keyWatermark(clock: KeyClock, now: number): number {
  clock.now = Math.max(clock.now, now);
  return clock.base === -Infinity ? -Infinity : clock.base + (clock.now - clock.at);
}

/** Takes a record's time, and returns the watermark from it on. */
export function observe(clock: KeyClock, time: number, latenessMs: number, now: number): number {
  const watermark = keyWatermark(clock, now);
  const own = time - latenessMs;
  if (own <= watermark) return watermark;
  clock.base = own;
  clock.at = clock.now;
  return own;
}
