import { LinnetError } from '../base/error.ts';
import { SnapshotReader, SnapshotWriter } from '../base/snapshot.ts';
import { ByteReader, ByteWriter } from '../wire/bytes.ts';
import type { Covered } from './covered.ts';
import { channelsOf } from './encoder.ts';
import { decodeModelNote, encodeModelNote, openMessage, type ModelNote } from './message/messages.ts';
import { readLink, readState, writeLink, writeState } from './message/snapshot.ts';
import { noForecaster, type FindForecaster } from './predict/choice.ts';
import { selfTest } from './predict/self-test.ts';
import { Session, type Received } from './session.ts';
import { Track } from './track.ts';

/** Lives of a gateway's encoder that are kept: the newest, and some whose last messages may still be under way. */
const SESSIONS_MAX = 8;
const NAME = 'dual-prediction';
const FORMAT = 1;

/**
 * The cloud's side of the link with one gateway: messages in, instants out. Sans-IO: keep `save()` in one transaction with what `receive` gave,
 * acknowledge after it, and nothing is lost or counted twice.
 */
export class CloudDecoder {
  private readonly find: FindForecaster;
  /** The session that spoke last is last. */
  private readonly sessions = new Map<number, Session>();

  constructor({ find = noForecaster }: { find?: FindForecaster } = {}) {
    this.find = find;
  }

  /** Takes a message in. One that makes no sense is told under `problems`, and nothing changes by it. */
  receive(bytes: Uint8Array): Received {
    const out: Received = { covered: [], alerts: [], replies: [], problems: [] };
    try {
      const { header, reader } = openMessage(bytes);
      if (header.kind === 'offer') out.replies.push(this.answer(decodeModelNote(header, reader)));
      else if (header.kind === 'nack' || header.kind === 'ready') reader.fail('is not for the cloud');
      else this.session(header.session).receive(header, reader, bytes, out);
    } catch (error) {
      if (!(error instanceof LinnetError)) throw error;
      out.problems.push(error.message);
    }
    return out;
  }

  /** Whether something is known to be missing, so that `retry` has something to ask for. */
  get waits(): boolean {
    return [...this.sessions.values()].some((session) => session.waits);
  }

  /** Asks again for what is missing: to be called now and then. */
  retry(): Uint8Array<ArrayBuffer>[] {
    const out: Received = { covered: [], alerts: [], replies: [], problems: [] };
    for (const session of this.sessions.values()) session.retry(out);
    return out.replies;
  }

  /** What the newest session foretells up to a time; unconfirmed. */
  provisional(nowMs: number): Covered | undefined {
    return [...this.sessions.values()].at(-1)?.provisional(nowMs);
  }

  /** Messages that came a second time. */
  get duplicates(): number {
    let sum = 0;
    for (const session of this.sessions.values()) sum += session.duplicates;
    return sum;
  }

  save(): Uint8Array<ArrayBuffer> {
    const writer = new SnapshotWriter(NAME, FORMAT).u32(this.sessions.size);
    for (const session of this.sessions.values()) writer.blob(saveSession(session));
    return writer.finish();
  }

  /** @throws LinnetError `snapshot.invalid` */
  static restore(bytes: Uint8Array, options: { find?: FindForecaster } = {}): CloudDecoder {
    const decoder = new CloudDecoder(options);
    const reader = new SnapshotReader(bytes, NAME, FORMAT);
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      const session = restoreSession(reader.blob(), decoder.find);
      decoder.sessions.set(session.id, session);
    }
    reader.finish();
    return decoder;
  }

  private session(id: number): Session {
    const session = this.sessions.get(id) ?? new Session(id, this.find);
    this.sessions.delete(id);
    this.sessions.set(id, session);
    const [oldest] = this.sessions.keys();
    if (this.sessions.size > SESSIONS_MAX && oldest !== undefined) this.sessions.delete(oldest);
    return session;
  }

  private answer({ session, model }: ModelNote): Uint8Array<ArrayBuffer> {
    const forecaster = this.find(model);
    const [here, digest] = forecaster === undefined ? [false, 0] : [true, selfTest(forecaster)];
    return encodeModelNote('ready', { session, model, selfTest: digest, here });
  }
}

function saveSession(session: Session): Uint8Array {
  const { id, link, track, expected, broken, held, told, duplicates } = session;
  const out = new ByteWriter(512)
    .varint(id)
    .varint(expected)
    .u8(broken ? 1 : 0)
    .varint(duplicates);
  out.varint(held.size);
  for (const [sequence, bytes] of held) out.varint(sequence).varint(bytes.length).raw(bytes);
  out.varint(told.size);
  for (const sequence of told) out.varint(sequence);
  out.u8(track === undefined ? 0 : 1);
  if (link !== undefined && track !== undefined) {
    writeLink(out, link);
    writeState(out, track.save());
  }
  return out.finish();
}

function restoreSession(bytes: Uint8Array, find: FindForecaster): Session {
  const reader = new ByteReader(bytes, 'saved session');
  const session = new Session(reader.varint(), find);
  session.expected = reader.varint();
  session.broken = reader.u8() === 1;
  session.duplicates = reader.varint();
  for (let left = reader.varint(); left > 0; left--) {
    const sequence = reader.varint();
    session.held.set(sequence, reader.raw(reader.varint()).slice());
  }
  for (let left = reader.varint(); left > 0; left--) session.told.add(reader.varint());
  if (reader.u8() === 1) {
    const link = readLink(reader);
    const state = readState(reader);
    session.link = link;
    session.track = new Track(channelsOf(link).units, state.choice, find);
    session.track.restore(state);
  }
  reader.finish();
  return session;
}
