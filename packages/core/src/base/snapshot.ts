/**
 * Versioned bytes of a component's state: `LNS1`, the component's name, its format version, fields in the order they were
 * written, CRC-32 of all before it. Little endian. Reading never runs code and never trusts a length.
 */
import { crc32 } from './crc32.ts';
import { LinnetError } from './error.ts';

const MAGIC = 0x31534e4c; // "LNS1" little endian

/** One for all: making one costs more than encoding a name. */
const encoder = new TextEncoder();

/** Writes the fields of a snapshot; `finish` returns the bytes. One writer makes many that begin alike: see `rewind`. */
export class SnapshotWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  constructor(component: string, version: number) {
    this.u32(MAGIC);
    this.text(component);
    this.u32(version);
  }

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
    return this;
  }

  f64(value: number): this {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
    return this;
  }

  text(value: string): this {
    return this.blob(encoder.encode(value));
  }

  f64s(values: ArrayLike<number>): this {
    this.u32(values.length);
    for (let i = 0; i < values.length; i++) this.f64(values[i] as number);
    return this;
  }

  /** Bytes of any typed array, with their length; the reader says what they are. */
  blob(value: Uint8Array): this {
    this.u32(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
    return this;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.length;
  }

  /** Goes back to a `size` of before: what was written since is given up. */
  rewind(size: number): this {
    this.length = size;
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.u32(crc32(this.bytes.subarray(0, this.length)));
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** One for all: making one costs more than decoding a name. */
const decoder = new TextDecoder();

/** Reads what a SnapshotWriter wrote, in the same order. Throws `snapshot.invalid` on anything else. */
export class SnapshotReader {
  readonly version: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly component: string;
  private readonly end: number;
  private at = 0;

  /** @param newest the newest format version that the caller can read; every older one must still load */
  constructor(bytes: Uint8Array, component: string, newest: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.component = component;
    this.end = bytes.length - 4;
    if (this.end < 12 || this.view.getUint32(0, true) !== MAGIC) throw this.invalid('no snapshot');
    if (crc32(bytes.subarray(0, this.end)) !== this.view.getUint32(this.end, true)) {
      throw this.invalid('the checksum does not match');
    }
    this.at = 4;
    const name = this.text();
    if (name !== component) throw this.invalid(`it holds the state of ${JSON.stringify(name)}`);
    this.version = this.u32();
    if (this.version < 1 || this.version > newest) {
      throw this.invalid(`format version ${this.version} is not known to this release (newest ${newest})`);
    }
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.at++] as number;
  }

  u32(): number {
    this.need(4);
    const value = this.view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  f64(): number {
    this.need(8);
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  text(): string {
    const count = this.u32();
    this.need(count);
    const value = decoder.decode(this.bytes.subarray(this.at, this.at + count));
    this.at += count;
    return value;
  }

  f64s(): Float64Array {
    const count = this.u32();
    this.need(count * 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.f64();
    return values;
  }

  blob(): Uint8Array<ArrayBuffer> {
    const count = this.u32();
    this.need(count);
    const value = this.bytes.slice(this.at, this.at + count);
    this.at += count;
    return value;
  }

  /** Checks a stored value against the running configuration; a difference is refused by name. */
  expect(what: string, stored: unknown, running: unknown): void {
    if (stored === running) return;
    const [a, b] = [JSON.stringify(stored), JSON.stringify(running)];
    if (a !== b) throw this.invalid(`it was made with ${what} = ${a}, not ${b}`);
  }

  /** Must be called last: bytes left over mean that writer and reader disagree. */
  finish(): void {
    if (this.at !== this.end) throw this.invalid(`${this.end - this.at} bytes are left over`);
  }

  private need(count: number): void {
    if (this.at + count > this.end) throw this.invalid('it is cut short');
  }

  private invalid(why: string): LinnetError {
    return new LinnetError('snapshot.invalid', `cannot restore ${this.component}: ${why}`);
  }
}
