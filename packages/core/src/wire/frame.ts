/**
 * A frame: one MQTT message with readings of one device, live or backlog.
 *
 *     envelope 'F' | device incarnation floor prev round bootFirst sentAt sentMono count rawBytes | body
 *
 * The body holds columns (sequence, device time, monotonic time, marks, length), then the payloads end to
 * end; where flag 2 is set it is compressed as raw deflate. Compression is a port, because this code runs everywhere.
 * Version 2 is compressed with a dictionary (flag 8), and its columns begin at `prev`, `sentAt` and `sentMono` instead of at 0.
 */
import { ByteReader, ByteWriter } from './bytes.ts';
import { FRAME_DICTIONARY } from './dictionary.ts';
import { flagsOf, isSealed, openSealed, seal, startSealed } from './envelope.ts';
import { DEVICE_BYTES_MAX, INCARNATION_BYTES, isDevice } from './identity.ts';

export const FRAME_VERSION = 2;
const KIND = 'F';
const FLAG = { backlog: 1, deflated: 2, urgent: 4, dictionary: 8 } as const;
/** Flags that a frame of each version may have. */
const FLAGS = { 1: 7, 2: 15 } as const;
const MARK_SCORED = 1;

/** One reading as it stands on the device's disk. */
export interface FrameRecord {
  readonly sequence: number;
  /** Device's wall clock when it was recorded, epoch ms: may be wrong, may jump. */
  readonly at: number;
  /** Device's monotonic clock, ms: comparable within one start of the agent. */
  readonly mono: number;
  /** Score of the detector on the device, for an anomaly alone. */
  readonly score?: number;
  /** UTF-8 JSON of one object. */
  readonly payload: Uint8Array;
}

export interface Frame {
  readonly device: string;
  readonly incarnation: string;
  /** Live readings are sent as they are recorded; the rest is backlog: old news, no alert of now. */
  readonly live: boolean;
  /** Holds an anomaly found on the device. */
  readonly urgent: boolean;
  /** Every sequence below is stored or given up: none will come again. */
  readonly floor: number;
  /** Last sequence of the frame before in this lane and round, 0 for the first: a frame whose `prev` is not stored came too soon. */
  readonly prev: number;
  /** Grows each time that the sender begins again; a refusal repeats it. */
  readonly round: number;
  /** First sequence of the agent's running start: from there on `mono` compares with `sentMono`. */
  readonly bootFirst: number;
  readonly sentAt: number;
  readonly sentMono: number;
  /** Sequences ascend. */
  readonly records: readonly FrameRecord[];
}

export interface FrameLimits {
  readonly recordsMax: number;
  /** Of the body before compression. */
  readonly bytesMax: number;
}

export const FRAME_LIMITS: FrameLimits = { recordsMax: 4096, bytesMax: 1 << 20 };

export type Deflate = (bytes: Uint8Array, dictionary?: Uint8Array) => Uint8Array;
/** Must throw rather than give more than `bytesMax`. */
export type Inflate = (bytes: Uint8Array, bytesMax: number, dictionary?: Uint8Array) => Uint8Array;

/**
 * @param deflate compresses the body; left out, or when it does not help, the body is plain
 * @param newest 2, with the dictionary, for a server that has said it reads that; it is for frames of few readings
 */
export function encodeFrame(frame: Frame, deflate?: Deflate, newest: 1 | 2 = 1): Uint8Array<ArrayBuffer> {
  const version = frame.prev < (frame.records[0]?.sequence ?? 0) ? newest : 1;
  const body = encodeBody(frame.records, originOf(frame, version));
  const packed = deflate?.(body, version === 2 ? FRAME_DICTIONARY : undefined);
  const deflated = packed !== undefined && packed.length < body.length;
  const sent = deflated ? packed : body;
  const flags =
    (frame.live ? 0 : FLAG.backlog) |
    (deflated ? FLAG.deflated : 0) |
    (frame.urgent ? FLAG.urgent : 0) |
    (deflated && version === 2 ? FLAG.dictionary : 0);
  const out = startSealed(KIND, version, flags, sent.length + 128);
  out.text(frame.device).hex(frame.incarnation);
  out.varint(frame.floor).varint(frame.prev).varint(frame.round).varint(frame.bootFirst);
  out.signed(frame.sentAt).varint(frame.sentMono).varint(frame.records.length).varint(body.length).raw(sent);
  return seal(out);
}

export function isFrame(bytes: Uint8Array): boolean {
  return isSealed(bytes, KIND);
}

/** Whether a frame says of itself that it is backlog; nothing of it is checked. */
export function isBacklogFrame(bytes: Uint8Array): boolean {
  return isFrame(bytes) && (flagsOf(bytes) & FLAG.backlog) !== 0;
}

/** @throws LinnetError `data.invalid` for anything that encodeFrame did not make, or beyond the limits */
export function decodeFrame(bytes: Uint8Array, inflate: Inflate, limits = FRAME_LIMITS): Frame {
  const { version, flags, reader } = openSealed(bytes, KIND, 'frame', FRAME_VERSION, FLAGS[2]);
  if (version === 1 && flags > FLAGS[1]) reader.fail(`has unknown flags ${flags}`);
  const device = reader.text(DEVICE_BYTES_MAX);
  if (!isDevice(device)) reader.fail(`names no valid device: ${JSON.stringify(device)}`);
  const incarnation = reader.hex(INCARNATION_BYTES);
  const [floor, prev, round, bootFirst] = [
    reader.varint(),
    reader.varint(),
    reader.varint(),
    reader.varint(),
  ];
  const [sentAt, sentMono] = [reader.signed(), reader.varint()];
  const count = reader.varint();
  const rawBytes = reader.varint();
  if (count > limits.recordsMax) reader.fail(`has ${count} readings, at most ${limits.recordsMax}`);
  if (rawBytes > limits.bytesMax) reader.fail(`has a body of ${rawBytes} bytes, at most ${limits.bytesMax}`);
  const body = inflated(reader, flags, rawBytes, inflate);
  const records = decodeBody(body, count, originOf({ prev, sentAt, sentMono }, version));
  const [live, urgent] = [(flags & FLAG.backlog) === 0, (flags & FLAG.urgent) !== 0];
  return {
    device,
    incarnation,
    live,
    urgent,
    floor,
    prev,
    round,
    bootFirst,
    sentAt,
    sentMono,
    records,
  };
}

/**
 * How old a reading was when its frame was sent, in ms: by the monotonic clock where that compares, so that a jump of the wall clock
 * does not matter; else by the device's wall clock, which may be wrong, never below 0.
 */
export function ageMs(frame: Frame, record: FrameRecord): { ms: number; exact: boolean } {
  const exact = record.sequence >= frame.bootFirst && frame.sentMono >= record.mono;
  return { ms: exact ? frame.sentMono - record.mono : Math.max(0, frame.sentAt - record.at), exact };
}

/** What the columns begin at: differences to what the head says take a byte each where the whole number takes six. */
type Origin = readonly [sequence: number, at: number, mono: number];

function originOf(
  { prev, sentAt, sentMono }: Pick<Frame, 'prev' | 'sentAt' | 'sentMono'>,
  version: number,
): Origin {
  return version === 1 ? [0, 0, 0] : [prev, sentAt, sentMono];
}

function encodeBody(records: readonly FrameRecord[], origin: Origin): Uint8Array {
  const out = new ByteWriter(256);
  let [sequence, at, mono] = origin;
  for (const record of records) {
    out.varint(record.sequence - sequence);
    sequence = record.sequence;
  }
  for (const record of records) {
    out.signed(record.at - at);
    at = record.at;
  }
  for (const record of records) {
    out.signed(record.mono - mono);
    mono = record.mono;
  }
  for (const { score } of records) {
    if (score === undefined) out.u8(0);
    else out.u8(MARK_SCORED).f64(score);
  }
  for (const record of records) out.varint(record.payload.length);
  for (const record of records) out.raw(record.payload);
  return out.finish();
}

function decodeBody(body: Uint8Array, count: number, origin: Origin): FrameRecord[] {
  const reader = new ByteReader(body, 'frame body');
  // Five columns of at least a byte: a count that cannot be true is refused before anything is allocated for it.
  if (count * 5 > body.length) reader.fail('is cut short');
  const column = (read: (last: number) => number, from = 0): number[] => {
    let last = from;
    return Array.from({ length: count }, () => (last = read(last)));
  };
  const sequences = column((last) => {
    const delta = reader.varint();
    return delta > 0 ? last + delta : reader.fail('has sequences that do not ascend');
  }, origin[0]);
  const ats = column((last) => last + reader.signed(), origin[1]);
  const monos = column((last) => last + reader.signed(), origin[2]);
  const scores = Array.from({ length: count }, () => decodeScore(reader));
  const lengths = column(() => reader.varint());
  const records = sequences.map((sequence, i): FrameRecord => {
    const [at, mono, score] = [ats[i] as number, monos[i] as number, scores[i]];
    if (!Number.isSafeInteger(sequence) || !Number.isSafeInteger(at) || !Number.isSafeInteger(mono)) {
      reader.fail('holds a number above 2^53');
    }
    const payload = reader.raw(lengths[i] as number);
    return score === undefined ? { sequence, at, mono, payload } : { sequence, at, mono, score, payload };
  });
  reader.finish();
  return records;
}

function decodeScore(reader: ByteReader): number | undefined {
  const mark = reader.u8();
  if (mark > MARK_SCORED) reader.fail(`has an unknown mark ${mark}`);
  return mark === MARK_SCORED ? reader.f64() : undefined;
}

function inflated(reader: ByteReader, flags: number, rawBytes: number, inflate: Inflate): Uint8Array {
  const sent = reader.raw(reader.left);
  let body = sent;
  if ((flags & FLAG.deflated) !== 0) {
    try {
      body = inflate(sent, rawBytes, (flags & FLAG.dictionary) === 0 ? undefined : FRAME_DICTIONARY);
    } catch {
      reader.fail('cannot be decompressed');
    }
  }
  return body.length === rawBytes ? body : reader.fail(`says ${rawBytes} bytes and holds ${body.length}`);
}
