/**
 * A cover as bits: count, which values are missing, the last value of each channel, and what is filled in. Cells are counted channel
 * by channel, because gaps and steps run in time.
 */
import { LinnetError } from '../../base/error.ts';
import { anchorsOf, type Cover } from '../cover.ts';
import { BitWriter, type BitReader } from './bits.ts';
import { readNumbers, readPositions, writeNumbers, writePositions, writeShorter } from './sparse.ts';

/** Instants that one message covers at most. */
export const COVER_MAX = 65_536;
const CELLS_MAX = 2 ** 24;

/** @param absent by channel 1 where it had no value at the instant before the first */
export function writeCover(out: BitWriter, cover: Cover, absent: Int32Array): void {
  const { count, from, anchors, fine } = cover;
  out.gamma(count - 1).gamma(count - from);
  writeShorter(out, [
    (bits) => writePositions(bits, changes(cover, absent)),
    (bits) => writePositions(bits, gaps(cover)),
  ]);
  writeNumbers(
    out,
    [...fine].filter((_, j) => (anchors[j] as number) >= 0),
  );
  if (from === count) return;
  const steps = filled(cover).map((cell) => cover.steps[cell] as number);
  writeShorter(out, [
    (bits) => {
      writePositions(
        bits,
        steps.flatMap((step, i) => (step === 0 ? [] : [i])),
      );
      writeNumbers(
        bits,
        steps.filter((step) => step !== 0).map((step) => (step > 0 ? step - 1 : step)),
      );
    },
    (bits) => writeNumbers(bits, steps),
  ]);
}

/** @throws LinnetError `data.invalid` */
export function readCover(bits: BitReader, absent: Int32Array): Cover {
  const channels = absent.length;
  const count = bits.gamma() + 1;
  const from = count - bits.gamma();
  if (count > COVER_MAX || count * channels > CELLS_MAX || from < 0) fail('covers too much');
  const missing = bits.bit() === 0 ? readChanges(bits, count, absent) : readGaps(bits, count, channels);
  const anchors = anchorsOf(missing, count, channels);
  const fine = new Int32Array(channels);
  const known = [...anchors.keys()].filter((j) => (anchors[j] as number) >= 0);
  readNumbers(bits, known.length).forEach((value, i) => (fine[known[i] as number] = value));
  const cover = { count, missing, from, anchors, fine, steps: new Int32Array(count * channels) };
  if (from === count) return cover;
  const cells = filled(cover);
  if (bits.bit() === 1) {
    readNumbers(bits, cells.length).forEach((step, i) => (cover.steps[cells[i] as number] = step));
    return cover;
  }
  const positions = readPositions(bits, cells.length) ?? fail('fills in what is not there');
  readNumbers(bits, positions.length).forEach((step, i) => {
    cover.steps[cells[positions[i] as number] as number] = step >= 0 ? step + 1 : step;
  });
  return cover;
}

/** Cells that are filled in, channel by channel. */
function filled({ from, missing, anchors }: Cover): number[] {
  const channels = anchors.length;
  const cells: number[] = [];
  for (let j = 0; j < channels; j++) {
    for (let row = from; row < (anchors[j] as number); row++) {
      if (missing[row * channels + j] === 0) cells.push(row * channels + j);
    }
  }
  return cells;
}

/** Where a channel's value goes missing or comes back. */
function changes({ count, missing }: Cover, absent: Int32Array): number[] {
  const channels = absent.length;
  const found: number[] = [];
  for (let j = 0; j < channels; j++) {
    let before = absent[j] as number;
    for (let row = 0; row < count; row++) {
      const now = missing[row * channels + j] as number;
      if (now !== before) found.push(j * count + row);
      before = now;
    }
  }
  return found;
}

function readChanges(bits: BitReader, count: number, absent: Int32Array): Uint8Array {
  const channels = absent.length;
  const missing = new Uint8Array(count * channels);
  const found = readPositions(bits, count * channels) ?? fail('says that more is missing than there is');
  let next = 0;
  for (let j = 0; j < channels; j++) {
    let now = absent[j] as number;
    for (let row = 0; row < count; row++) {
      if (found[next] === j * count + row) {
        now = 1 - now;
        next++;
      }
      missing[row * channels + j] = now;
    }
  }
  return missing;
}

function gaps({ count, missing, anchors: { length: channels } }: Cover): number[] {
  const found: number[] = [];
  for (let j = 0; j < channels; j++) {
    for (let row = 0; row < count; row++) {
      if (missing[row * channels + j] === 1) found.push(j * count + row);
    }
  }
  return found;
}

function readGaps(bits: BitReader, count: number, channels: number): Uint8Array {
  const missing = new Uint8Array(count * channels);
  const found = readPositions(bits, count * channels) ?? fail('says that more is missing than there is');
  for (const position of found) missing[(position % count) * channels + Math.floor(position / count)] = 1;
  return missing;
}

function fail(why: string): never {
  throw new LinnetError('data.invalid', `message ${why}`);
}
