/**
 * Delimited lines without quotes, each put to those of the worker that owns its key. Lines keep their order, and their line end; a
 * last one gets one where it has none. An empty line is left out.
 */
import { hashBytes, hashSeed } from '../base/hash.ts';
import { fieldsOf } from './fields-of.ts';
import { divideLinesWasm } from './divide-lines.wasm.ts';
import { Kernel, type KernelInstance } from './kernel.ts';

const LF = 0x0a;

/** Who owns a line: whoever owns the key that one of its fields holds. */
export interface LineOwners {
  readonly delimiter: number;
  /** Fields of a line; one with another number is wrong. */
  readonly width: number;
  /** The field of the key, from 0. */
  readonly key: number;
  /** True for keys that are numbers. */
  readonly numeric: boolean;
  readonly workers: number;
}

/** The lines of one worker. */
export interface LinesPart {
  readonly bytes: Uint8Array;
  /** Of each its number among all lines. */
  readonly places: Int32Array;
}

/** Valid until the next call of what made it. */
export interface DividedLines {
  /** By worker. */
  readonly parts: readonly LinesPart[];
  /** Pairs: a line with another number of fields, and that number. */
  readonly wrong: Int32Array;
}

export type DivideLines = (bytes: Uint8Array, owners: LineOwners) => DividedLines;

interface DivideLinesExports {
  find(
    input: number,
    size: number,
    delimiter: number,
    width: number,
    key: number,
    seed: number,
    workers: number,
    found: number,
    parts: number,
    wrong: number,
    capacity: number,
  ): number;
  gather(input: number, found: number, count: number, parts: number): void;
}

const kernel = new Kernel<DivideLinesExports>(divideLinesWasm);

/** In WebAssembly, or in TypeScript where the runtime has none. */
export function lineDivider(): DivideLines {
  const instance = kernel.open();
  if (instance === undefined) return twinDivide;
  const own = new KernelDivider(instance);
  return own.divide.bind(own);
}

/** The worker that owns the key that a field holds, by its bytes. */
export function ownerOfField(
  bytes: Uint8Array,
  start: number,
  end: number,
  { numeric, workers }: LineOwners,
): number {
  return hashBytes(bytes, start, end, hashSeed(numeric)) % workers;
}

/** The reference. */
export function twinDivide(bytes: Uint8Array, owners: LineOwners): DividedLines {
  const parts = Array.from({ length: owners.workers }, () => ({
    bytes: [] as number[],
    places: [] as number[],
  }));
  const wrong: number[] = [];
  for (let [at, line] = [0, 0]; at < bytes.length; line++) {
    const found = bytes.indexOf(LF, at);
    const end = found < 0 ? bytes.length : found;
    const fields = fieldsOf(bytes, at, end, owners.delimiter);
    const empty = fields.length === 1 && fields[0]?.[0] === fields[0]?.[1];
    if (!empty && fields.length === owners.width) {
      const [from, to] = fields[owners.key] as [number, number];
      const part = parts[ownerOfField(bytes, from, to, owners)];
      part?.bytes.push(...bytes.subarray(at, end), LF);
      part?.places.push(line);
    } else if (!empty) {
      wrong.push(line, fields.length);
    }
    at = end + 1;
  }
  return {
    parts: parts.map((part) => ({
      bytes: Uint8Array.from(part.bytes),
      places: Int32Array.from(part.places),
    })),
    wrong: Int32Array.from(wrong),
  };
}

/** Bytes of what is found of a line, of a part's entry in the table, and of a wrong line. */
const [LINE, PART, WRONG] = [16, 16, 8];

export class KernelDivider {
  private readonly instance: KernelInstance<DivideLinesExports>;
  private readonly start: number;
  private size = 0;
  private capacity = 4096;
  private workers = 0;
  private at = { input: 0, output: 0, found: 0, places: 0, parts: 0, wrong: 0 };

  constructor(instance: KernelInstance<DivideLinesExports>) {
    this.instance = instance;
    this.start = instance.mark();
  }

  divide(bytes: Uint8Array, owners: LineOwners): DividedLines {
    const { instance } = this;
    if (bytes.length > this.size) this.reserve(Math.max(bytes.length, 2 * this.size), owners.workers);
    else if (owners.workers !== this.workers) this.reserve(this.size, owners.workers);
    const count = this.find(bytes, owners);
    const { input, output, found, places, parts, wrong } = this.at;
    const table = instance.i32(parts, (owners.workers * PART) / 4);
    const cut: { bytes: [number, number]; places: [number, number] }[] = [];
    let [to, place] = [output, places];
    for (let at = 0; at < table.length; at += PART / 4) {
      const [size, lines] = [table[at] as number, table[at + 1] as number];
      cut.push({ bytes: [to, size], places: [place, lines] });
      table[at] = to;
      table[at + 1] = place;
      to += size;
      place += lines * 4;
    }
    instance.call.gather(input, found, count, parts);
    return {
      parts: cut.map((part) => ({ bytes: instance.u8(...part.bytes), places: instance.i32(...part.places) })),
      wrong: instance.i32(wrong + WRONG, 2 * (instance.i32(wrong, 1)[0] as number)),
    };
  }

  private find(bytes: Uint8Array, { delimiter, width, key, numeric, workers }: LineOwners): number {
    const { instance } = this;
    const size = bytes.length;
    for (;;) {
      const { at, capacity } = this;
      const input = instance.u8(at.input, size + 16);
      input.set(bytes);
      input[size] = LF;
      input.fill(0, size + 1);
      instance.u8(at.parts, workers * PART).fill(0);
      const seed = hashSeed(numeric) | 0;
      const count = instance.call.find(
        at.input,
        size,
        delimiter,
        width,
        key,
        seed,
        workers,
        at.found,
        at.parts,
        at.wrong,
        capacity,
      );
      if (count >= 0) return count;
      this.capacity *= 2;
      this.reserve(this.size, workers);
    }
  }

  private reserve(size: number, workers: number): void {
    const { instance, capacity } = this;
    instance.release(this.start);
    this.size = size;
    this.workers = workers;
    this.at = {
      input: instance.allocate(size + 16),
      output: instance.allocate(size + 16),
      found: instance.allocate(capacity * LINE),
      places: instance.allocate(capacity * 4),
      parts: instance.allocate(workers * PART),
      wrong: instance.allocate((capacity + 1) * WRONG),
    };
  }
}

/** An instance of the kernel, for tests. */
export function openDivideLines(): KernelInstance<DivideLinesExports> | undefined {
  return kernel.open();
}
