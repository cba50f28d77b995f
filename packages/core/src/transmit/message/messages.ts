/**
 * Messages of a link, version 1. Each begins with version and kind (4 bits each), session (16 bits), sequence (varint). Bytes are trusted
 * by nobody: what does not fit throws LinnetError `data.invalid`.
 *
 *     data 0, heartbeat 1   digest u24 | bits: switch?, cover
 *     snapshot 2            digest u24 | link, state, 1 and a cover's bits where the first instants come with it
 *     nack 3                1 where a snapshot is wanted; the sequence is the first that is missing
 *     offer 4, ready 5      address of a model (32 bytes), digest u32 of its self-test (ready: 1 before it where the model is there)
 *     alert 6               digest u24 | instant, channel, value f64, score f64
 *
 * The digest is of the sender's state after the message. Data, heartbeats and alerts count on one sequence; a snapshot without a cover gives
 * the state after its sequence.
 */
import { ByteReader, ByteWriter } from '../../wire/bytes.ts';
import { PREDICTORS, type PredictorChoice } from '../predict/choice.ts';
import { AR_ORDER } from '../predict/autoregressive.ts';
import { BitReader, BitWriter } from './bits.ts';

export const VERSION = 1;
export const KINDS = ['data', 'heartbeat', 'snapshot', 'nack', 'offer', 'ready', 'alert'] as const;
export type Kind = (typeof KINDS)[number];

export interface Header {
  readonly kind: Kind;
  /** Of one encoder's life, drawn at random. */
  readonly session: number;
  readonly sequence: number;
}

export function startMessage({ kind, session, sequence }: Header): ByteWriter {
  const out = new ByteWriter(32).u8((VERSION << 4) | KINDS.indexOf(kind));
  return out
    .u8(session >> 8)
    .u8(session & 255)
    .varint(sequence);
}

/** @throws LinnetError `data.invalid` */
export function openMessage(bytes: Uint8Array): { header: Header; reader: ByteReader } {
  const reader = new ByteReader(bytes, 'message');
  const first = reader.u8();
  if (first >> 4 !== VERSION) {
    reader.fail(`has version ${first >> 4}, this release knows ${VERSION}`);
  }
  const kind = KINDS[first & 15] ?? reader.fail(`is of kind ${first & 15}, which this release does not know`);
  const session = reader.u8() * 256 + reader.u8();
  return { header: { kind, session, sequence: reader.varint() }, reader };
}

/** Whether bytes may be a message of a link. */
export function isLinkMessage(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 5 && (bytes[0] as number) >> 4 === VERSION && (bytes[0] as number & 15) < KINDS.length
  );
}

export function writeDigest(out: ByteWriter, digest: number): void {
  out
    .u8(digest >> 16)
    .u8((digest >> 8) & 255)
    .u8(digest & 255);
}

export function readDigest(reader: ByteReader): number {
  return reader.u8() * 65_536 + reader.u8() * 256 + reader.u8();
}

export function writeSwitch(bits: BitWriter, choice: PredictorChoice | undefined): void {
  bits.bit(choice === undefined ? 0 : 1);
  if (choice === undefined) return;
  bits.bits(PREDICTORS.indexOf(choice.name), 4);
  if (choice.name === 'autoregressive') {
    for (let i = 0; i < AR_ORDER; i++) bits.bits((choice.coefficients?.[i] ?? 0) + 512, 10);
  }
  if (choice.name === 'lstm') {
    for (const digit of choice.model ?? '') bits.bits(Number.parseInt(digit, 16), 4);
  }
}

export function readSwitch(bits: BitReader): PredictorChoice | undefined {
  if (bits.bit() === 0) return undefined;
  const index = bits.bits(4);
  const name =
    PREDICTORS[index] ?? new ByteReader(new Uint8Array(), 'message').fail(`names predictor ${index}`);
  if (name === 'autoregressive') {
    return { name, coefficients: Array.from({ length: AR_ORDER }, () => bits.bits(10) - 512) };
  }
  if (name !== 'lstm') return { name };
  return { name, model: Array.from({ length: 64 }, () => bits.bits(4).toString(16)).join('') };
}

export interface Nack {
  readonly session: number;
  /** The first sequence that is missing. */
  readonly sequence: number;
  /** The cloud has no state to go on from. */
  readonly snapshot: boolean;
}

export function encodeNack({ session, sequence, snapshot }: Nack): Uint8Array<ArrayBuffer> {
  return startMessage({ kind: 'nack', session, sequence })
    .u8(snapshot ? 1 : 0)
    .finish();
}

export function decodeNack({ session, sequence }: Header, reader: ByteReader): Nack {
  const snapshot = reader.u8() === 1;
  reader.finish();
  return { session, sequence, snapshot };
}

/** A model that a gateway would use, or the cloud's answer. */
export interface ModelNote {
  readonly session: number;
  /** SHA-256 of the weights and the kernel, 64 hexadecimal digits. */
  readonly model: string;
  readonly selfTest: number;
  /** False when the cloud does not have the model. */
  readonly here: boolean;
}

export function encodeModelNote(kind: 'offer' | 'ready', note: ModelNote): Uint8Array<ArrayBuffer> {
  const out = startMessage({ kind, session: note.session, sequence: 0 }).u8(note.here ? 1 : 0);
  for (let i = 0; i < 64; i += 2) out.u8(Number.parseInt(note.model.slice(i, i + 2), 16));
  return out.u32(note.selfTest).finish();
}

export function decodeModelNote({ session }: Header, reader: ByteReader): ModelNote {
  const here = reader.u8() === 1;
  const model = reader.hex(32);
  const selfTest = reader.u32();
  reader.finish();
  return { session, model, selfTest, here };
}

export interface LinkAlert {
  readonly session: number;
  readonly sequence: number;
  /** Instant of the link. */
  readonly tick: number;
  readonly channel: number;
  /** As it was measured. */
  readonly value: number;
  readonly score: number;
}

export function encodeAlert(alert: LinkAlert, digest: number): Uint8Array<ArrayBuffer> {
  const { session, sequence, tick, channel, value, score } = alert;
  const out = startMessage({ kind: 'alert', session, sequence });
  writeDigest(out, digest);
  return out.varint(tick).varint(channel).f64(value).f64(score).finish();
}

export function decodeAlert(
  { session, sequence }: Header,
  reader: ByteReader,
): LinkAlert & { digest: number } {
  const digest = readDigest(reader);
  const [tick, channel] = [reader.varint(), reader.varint()];
  const [value, score] = [reader.f64(), reader.f64()];
  reader.finish();
  return { session, sequence, tick, channel, value, score, digest };
}
