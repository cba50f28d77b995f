import { setTimeout as after } from 'node:timers/promises';
import type { KafkaAdmin, KafkaPort, Position } from './port.ts';

export interface RestoreOptions {
  readonly port: KafkaPort;
  readonly admin: KafkaAdmin;
  readonly changelog: Position;
  /** Asked often; true gives up: the lane went elsewhere. */
  cancelled(): boolean;
  /** Called once when the changelog ends in a transaction that stays open. */
  heldUp(): Promise<void>;
  onRecord(id: string, bytes: Uint8Array | null): void;
  /** Everything before this offset has been given. */
  onRead?(offset: number): void;
  onRemaining(records: number): void;
}

const POLL_MAX = 10_000;
const LOOK_MS = 50;
/** A transaction that somebody works on is over sooner. */
const HELD_UP_MS = 1000;

/**
 * Reads a lane's changelog from an offset to its end, committed transactions only. A transaction that a dead member left
 * open is waited for, for behind it there can be committed records; the broker ends it when its time is up. The end is
 * where the client says so, not a number: the last offsets of a log are control records, which no consumer ever gets.
 *
 * @returns the offset behind what was read; undefined when it was given up
 */
export async function restore(options: RestoreOptions): Promise<number | undefined> {
  const { port, admin, changelog, cancelled } = options;
  const offsetOf = async (isolation: 'committed' | 'all') =>
    ((await admin.ends([changelog], isolation))[0] as Position).offset;
  const end = await offsetOf('all');
  const started = performance.now();
  for (let asked = false; (await offsetOf('committed')) < end;) {
    if (cancelled()) return undefined;
    if (!asked && performance.now() - started > HELD_UP_MS) {
      asked = true;
      await options.heldUp();
    }
    await after(LOOK_MS);
  }
  if (end <= changelog.offset) return end;
  const consumer = await port.read([changelog]);
  try {
    for (;;) {
      if (cancelled()) return undefined;
      const { messages, ends } = await consumer.poll(POLL_MAX, LOOK_MS);
      for (const { key, value } of messages)
        if (key !== null) options.onRecord(Buffer.from(key).toString(), value);
      const last = messages.at(-1);
      if (last !== undefined) {
        options.onRead?.(last.offset + 1);
        options.onRemaining(Math.max(0, end - last.offset - 1));
      }
      const over = ends.find(({ offset }) => offset >= end);
      if (over !== undefined) return over.offset;
    }
  } finally {
    await consumer.close();
  }
}
