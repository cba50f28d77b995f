import { SnapshotReader, SnapshotWriter } from '../base/snapshot.ts';
import { ByteReader, ByteWriter } from '../wire/bytes.ts';
import type { CourseState } from './course.ts';
import type { LinkConfig } from './message/link.ts';
import { readLink, readState, writeLink, writeState } from './message/snapshot.ts';
import type { TrackState } from './track.ts';

/** All that an encoder must find again after a restart. */
export interface EncoderState {
  readonly link: LinkConfig;
  readonly session: number;
  readonly sequence: number;
  /** Data, heartbeats, alerts, instants, readings. */
  readonly counts: readonly number[];
  readonly track: TrackState;
  readonly course: CourseState;
  readonly base: { readonly sequence: number; readonly state: TrackState };
  readonly messages: readonly Uint8Array<ArrayBuffer>[];
}

const NAME = 'dual-prediction-gateway';
const VERSION = 1;

export function encodeState(state: EncoderState): Uint8Array<ArrayBuffer> {
  const { link, session, sequence, counts, track, course, base, messages } = state;
  const out = new ByteWriter(2048).varint(session).varint(sequence);
  for (const count of counts) out.varint(count);
  writeLink(out, link);
  writeState(out, track);
  out.signed(course.from).signed(course.timer).varint(course.violations).varint(base.sequence);
  writeState(out, base.state);
  out.varint(messages.length);
  for (const bytes of messages) out.varint(bytes.length).raw(bytes);
  return new SnapshotWriter(NAME, VERSION).blob(out.finish()).f64s(course.values).finish();
}

/** @throws LinnetError `snapshot.invalid`, `data.invalid` */
export function decodeState(bytes: Uint8Array): EncoderState {
  const snapshot = new SnapshotReader(bytes, NAME, VERSION);
  const reader = new ByteReader(snapshot.blob(), 'saved gateway');
  const values = snapshot.f64s();
  snapshot.finish();
  const [session, sequence] = [reader.varint(), reader.varint()];
  const counts = Array.from({ length: 5 }, () => reader.varint());
  const link = readLink(reader);
  const track = readState(reader);
  const [from, timer, violations] = [reader.signed(), reader.signed(), reader.varint()];
  const baseSequence = reader.varint();
  const base = { sequence: baseSequence, state: readState(reader) };
  const messages = Array.from({ length: reader.varint() }, () => reader.raw(reader.varint()).slice());
  reader.finish();
  return {
    link,
    session,
    sequence,
    counts,
    track,
    course: { values, from, timer, violations },
    base,
    messages,
  };
}
