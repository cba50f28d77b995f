/**
 * The application's acknowledgement: sent by the server after its durable commit, the only message on which a reading leaves the device's disk.
 *
 *     envelope 'A' | incarnation receivedAt round [pauseMs] count (first - last before, length)*
 *
 * Flag 1: a frame of `round` was refused because one before it is missing; the device begins again from its oldest. Version 2 has the pause, and
 * says that the server reads version 2 of the frame; a device that has not said it understands that reads what it always has.
 */
import { isSealed, openSealed, seal, startSealed } from './envelope.ts';
import { INCARNATION_BYTES } from './identity.ts';
import type { Run } from './ranges.ts';

export const ACK_VERSION = 2;
const KIND = 'A';
const FLAG_REFUSED = 1;
const RUNS_MAX = 65_536;

export interface Ack {
  readonly incarnation: string;
  /** The server's clock when it committed, epoch ms. */
  readonly receivedAt: number;
  /** Round of the frame that this answers. */
  readonly round: number;
  readonly refused: boolean;
  /** So long the device sends no more of its backlog, ms: a whole fleet must not send its own at once. Absent in version 1. */
  readonly pauseMs?: number;
  /** What is durable: ascending, disjoint. */
  readonly runs: readonly Run[];
}

export function encodeAck(ack: Ack): Uint8Array<ArrayBuffer> {
  const version = ack.pauseMs === undefined ? 1 : ACK_VERSION;
  const out = startSealed(KIND, version, ack.refused ? FLAG_REFUSED : 0, 48).hex(ack.incarnation);
  out.varint(ack.receivedAt).varint(ack.round);
  if (ack.pauseMs !== undefined) out.varint(ack.pauseMs);
  out.varint(ack.runs.length);
  let before = 0;
  for (const [first, last] of ack.runs) {
    out.varint(first - before).varint(last - first);
    before = last;
  }
  return seal(out);
}

export function isAck(bytes: Uint8Array): boolean {
  return isSealed(bytes, KIND);
}

/** @throws LinnetError `data.invalid` for anything that encodeAck did not make */
export function decodeAck(bytes: Uint8Array): Ack {
  const { version, flags, reader } = openSealed(bytes, KIND, 'acknowledgement', ACK_VERSION, FLAG_REFUSED);
  const incarnation = reader.hex(INCARNATION_BYTES);
  const [receivedAt, round] = [reader.varint(), reader.varint()];
  const pause = version > 1 ? { pauseMs: reader.varint() } : {};
  const count = reader.varint();
  if (count > RUNS_MAX || count * 2 > reader.left) reader.fail('is cut short');
  const runs: Run[] = [];
  let before = 0;
  for (let i = 0; i < count; i++) {
    const delta = reader.varint();
    const first = before + delta;
    const last = first + reader.varint();
    if (delta === 0 || !Number.isSafeInteger(last)) reader.fail('has runs that do not ascend');
    runs.push([first, last]);
    before = last;
  }
  reader.finish();
  return { incarnation, receivedAt, round, refused: flags === FLAG_REFUSED, ...pause, runs };
}
