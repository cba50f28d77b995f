/**
 * Where the fields of delimited lines are that have no quotes. Positions are bytes of the input; a field has a span, its begin and
 * its end, and a third number that is 0.
 */
import { fieldsOf } from './fields-of.ts';
import { fieldScanWasm } from './field-scan.wasm.ts';
import { Kernel, type KernelInstance } from './kernel.ts';

const [LF, CR] = [0x0a, 0x0d];

/** Numbers of a field's span. */
export const SPAN = 3;

/** What is wanted of each line. */
export interface FieldLayout {
  readonly delimiter: number;
  /** By field of a line: its column, or -1 where nobody wants it. A line with another number of fields is wrong. */
  readonly columns: Int32Array;
}

/** Whole lines at the beginning of some bytes. */
export interface LineCut {
  /** Where they end. */
  readonly end: number;
  /** How many hold something. */
  readonly entries: number;
  readonly lines: number;
}

export interface FieldScan {
  /** What was scanned, where it is at hand: perhaps a copy. */
  readonly bytes: Uint8Array;
  /** Column c of record i has its span at (i × columns + c) × SPAN. Valid until the next scan, as are the others. */
  readonly spans: Int32Array;
  /** Line of each record. */
  readonly lines: Int32Array;
  /** Pairs: a line with another number of fields, and that number. An empty line is neither a record nor wrong. */
  readonly wrong: Int32Array;
  /** @returns how many records there are */
  scan(bytes: Uint8Array): number;
}

interface FieldScanExports {
  scan(
    input: number,
    size: number,
    delimiter: number,
    width: number,
    places: number,
    columns: number,
    spans: number,
    lines: number,
    wrong: number,
    capacity: number,
  ): number;
  cut(input: number, size: number, max: number, found: number): number;
}

const kernel = new Kernel<FieldScanExports>(fieldScanWasm);

/** In WebAssembly, or in TypeScript where the runtime has none. */
export function fieldScan(layout: FieldLayout): FieldScan {
  const instance = kernel.open();
  return instance === undefined ? new TwinFieldScan(layout) : new KernelFieldScan(instance, layout);
}

/** The reference. */
export class TwinFieldScan implements FieldScan {
  bytes: Uint8Array = new Uint8Array(0);
  spans = new Int32Array(0);
  lines = new Int32Array(0);
  wrong = new Int32Array(0);
  private readonly layout: FieldLayout;

  constructor(layout: FieldLayout) {
    this.layout = layout;
  }

  scan(bytes: Uint8Array): number {
    const { delimiter, columns } = this.layout;
    const [spans, lines, wrong]: [number[], number[], number[]] = [[], [], []];
    for (let [at, line] = [0, 0]; at < bytes.length; line++) {
      const found = bytes.indexOf(LF, at);
      const end = found < 0 ? bytes.length : found;
      const fields = fieldsOf(bytes, at, end, delimiter);
      const empty = fields.length === 1 && fields[0]?.[0] === fields[0]?.[1];
      if (fields.length !== columns.length) {
        if (!empty) wrong.push(line, fields.length);
      } else if (!empty) {
        spans.push(...wantedOf(fields, columns));
        lines.push(line);
      }
      at = end + 1;
    }
    this.bytes = bytes;
    this.spans = Int32Array.from(spans);
    this.lines = Int32Array.from(lines);
    this.wrong = Int32Array.from(wrong);
    return lines.length;
  }
}

function wantedOf(fields: readonly [number, number][], columns: Int32Array): number[] {
  const spans = new Array<number>((Math.max(-1, ...columns) + 1) * SPAN).fill(0);
  fields.forEach(([start, end], field) => {
    const column = columns[field] as number;
    if (column < 0) return;
    spans[column * SPAN] = start;
    spans[column * SPAN + 1] = end;
  });
  return spans;
}

export class KernelFieldScan implements FieldScan {
  bytes: Uint8Array = new Uint8Array(0);
  spans = new Int32Array(0);
  lines = new Int32Array(0);
  wrong = new Int32Array(0);
  private readonly instance: KernelInstance<FieldScanExports>;
  private readonly layout: FieldLayout;
  /** Number of columns. */
  private readonly width: number;
  private readonly places: number;
  private readonly start: number;
  private size = 0;
  private capacity = 4096;
  private at = { input: 0, spans: 0, lines: 0, wrong: 0 };

  constructor(instance: KernelInstance<FieldScanExports>, layout: FieldLayout) {
    this.instance = instance;
    this.layout = layout;
    this.width = Math.max(-1, ...layout.columns) + 1;
    this.places = instance.allocate(layout.columns.length * 4);
    instance.i32(this.places, layout.columns.length).set(layout.columns);
    this.start = instance.mark();
  }

  scan(bytes: Uint8Array): number {
    if (bytes.length > this.size || this.at.input === 0) this.reserve(Math.max(bytes.length, 2 * this.size));
    for (;;) {
      const count = this.attempt(bytes);
      if (count >= 0) return count;
      this.capacity *= 2;
      this.reserve(this.size);
    }
  }

  private attempt(bytes: Uint8Array): number {
    const { instance, layout, at, capacity, width } = this;
    const size = bytes.length;
    const input = instance.u8(at.input, size + 16);
    input.set(bytes);
    input[size] = LF;
    input.fill(0, size + 1);
    const { delimiter, columns } = layout;
    const count = instance.call.scan(
      at.input,
      size,
      delimiter,
      columns.length,
      this.places,
      width,
      at.spans,
      at.lines,
      at.wrong,
      capacity,
    );
    if (count < 0) return count;
    this.bytes = input.subarray(0, size);
    this.spans = instance.i32(at.spans, count * width * SPAN);
    this.lines = instance.i32(at.lines, count);
    const wrongs = instance.i32(at.wrong, 1)[0] as number;
    this.wrong = instance.i32(at.wrong + 8, wrongs * 2);
    return count;
  }

  /** Memory for inputs of that many bytes; one record more than the capacity is begun before it is seen to be too many. */
  private reserve(size: number): void {
    const { instance, capacity, width } = this;
    instance.release(this.start);
    this.size = size;
    this.at = {
      input: instance.allocate(size + 16),
      spans: instance.allocate((capacity + 1) * width * SPAN * 4),
      lines: instance.allocate(capacity * 4),
      wrong: instance.allocate((capacity + 1) * 8),
    };
  }
}

/** Finds whole lines at the beginning of bytes, until `max` of them hold something; what is behind the last line end is no line. */
export type LineCutter = (bytes: Uint8Array, max: number) => LineCut;

/** In WebAssembly, or in TypeScript where the runtime has none. */
export function lineCutter(): LineCutter {
  const instance = kernel.open();
  return instance === undefined ? twinCut : kernelCutter(instance);
}

/** The reference. */
export function twinCut(bytes: Uint8Array, max: number): LineCut {
  let [start, entries, lines] = [0, 0, 0];
  while (entries < max) {
    const at = bytes.indexOf(LF, start);
    if (at < 0) break;
    if (at - start > (bytes[at - 1] === CR ? 1 : 0)) entries++;
    lines++;
    start = at + 1;
  }
  return { end: start, entries, lines };
}

export function kernelCutter(instance: KernelInstance<FieldScanExports>): LineCutter {
  const found = instance.allocate(8);
  const start = instance.mark();
  let size = 0;
  return (bytes, max) => {
    if (bytes.length > size) {
      instance.release(start);
      size = bytes.length;
      instance.allocate(size + 16);
    }
    const input = instance.u8(start, bytes.length + 16);
    input.set(bytes);
    input.fill(0, bytes.length);
    const end = instance.call.cut(start, bytes.length, Math.min(max, 0x7fffffff), found);
    const [entries, lines] = instance.i32(found, 2) as unknown as [number, number];
    return { end, entries, lines };
  };
}

/** An instance of the kernel, for tests. */
export function openFieldScan(): KernelInstance<FieldScanExports> | undefined {
  return kernel.open();
}
