/** The whole state of a link as bytes: of a snapshot message, and of what either side keeps on disk. */
import { ByteReader, ByteWriter } from '../../wire/bytes.ts';
import { NONE } from '../fixed-point.ts';
import type { TrackState } from '../track.ts';
import { BitReader, BitWriter, unzigzag, zigzag } from './bits.ts';
import { checkLink, CHANNELS_MAX, type LinkConfig } from './link.ts';
import { readSwitch, writeSwitch } from './messages.ts';

const NAME_BYTES_MAX = 1024;
const STATE_MAX = 2 ** 22;

export function writeLink(out: ByteWriter, link: LinkConfig): void {
  out.varint(link.channels.length);
  for (const { name, epsilon } of link.channels) out.text(name).f64(epsilon);
  out.signed(link.startMs).f64(link.everyMs);
  out.varint(link.deadline).varint(link.heartbeat).varint(link.tolerance);
}

/** @throws LinnetError `data.invalid`, `config.invalid` */
export function readLink(reader: ByteReader): LinkConfig {
  const count = reader.varint();
  if (count > CHANNELS_MAX) reader.fail(`has ${count} channels, at most ${CHANNELS_MAX}`);
  const channels = Array.from({ length: count }, () => ({
    name: reader.text(NAME_BYTES_MAX),
    epsilon: reader.f64(),
  }));
  const [startMs, everyMs] = [reader.signed(), reader.f64()];
  const [deadline, heartbeat, tolerance] = [reader.varint(), reader.varint(), reader.varint()];
  return checkLink({ channels, startMs, everyMs, deadline, heartbeat, tolerance });
}

export function writeState(out: ByteWriter, state: TrackState): void {
  const bits = new BitWriter();
  writeSwitch(bits, state.choice);
  const choice = bits.finish();
  out
    .varint(state.tick + 1)
    .varint(choice.length)
    .raw(choice);
  for (const words of [state.last, state.absent, state.history, state.predictor]) writeWords(out, words);
}

export function readState(reader: ByteReader): TrackState {
  const tick = reader.varint() - 1;
  const choice = readSwitch(new BitReader(reader.raw(reader.varint()))) ?? reader.fail('names no predictor');
  const [last, absent] = [readWords(reader), readWords(reader)];
  const [history, predictor] = [readWords(reader), readWords(reader)];
  return { tick, choice, last, absent, history, predictor };
}

/** Each number as the difference from the one before; runs of equal numbers are a count. */
function writeWords(out: ByteWriter, words: Int32Array): void {
  out.varint(words.length);
  let before = 0;
  for (let i = 0; i < words.length;) {
    const word = words[i] as number;
    let run = 1;
    while (i + run < words.length && words[i + run] === word) run++;
    out.varint(run);
    if (word === NONE) out.varint(0);
    else out.varint(1 + zigzag(word - before));
    if (word !== NONE) before = word;
    i += run;
  }
}

function readWords(reader: ByteReader): Int32Array {
  const count = reader.varint();
  if (count > STATE_MAX) reader.fail(`has a state of ${count} numbers, at most ${STATE_MAX}`);
  const words = new Int32Array(count);
  let before = 0;
  for (let i = 0; i < count;) {
    const run = reader.varint();
    const code = reader.varint();
    if (run < 1 || i + run > count) reader.fail('has a state that contradicts itself');
    if (code === 0) words.fill(NONE, i, i + run);
    else {
      before += unzigzag(code - 1);
      words.fill(before, i, i + run);
    }
    i += run;
  }
  return words;
}

/** What a snapshot message holds before the cover that may come with it. */
export function writeSnapshotHead(out: ByteWriter, link: LinkConfig, state: TrackState): void {
  writeLink(out, link);
  writeState(out, state);
}

export function readSnapshotHead(reader: ByteReader): {
  link: LinkConfig;
  state: TrackState;
  covers: boolean;
} {
  const link = readLink(reader);
  const state = readState(reader);
  return { link, state, covers: reader.u8() === 1 };
}

export function skipSnapshotHead(reader: ByteReader): void {
  readSnapshotHead(reader);
}
