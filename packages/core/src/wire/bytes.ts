/**
 * Bytes of a message, written and read field by field: fixed integers little endian, whole numbers up to 2^53 as varints
 * (LEB128). Reading trusts no length: whatever does not fit throws LinnetError `data.invalid`.
 */
import { LinnetError } from '../base/error.ts';

const VARINT_BYTES_MAX = 8;

/** Grows as it is written to; `finish` gives the bytes written. */
export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  private at = 0;

  constructor(capacity = 64) {
    this.bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.at;
  }

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.at++] = value;
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    for (let shift = 0; shift < 32; shift += 8) this.bytes[this.at++] = value >>> shift;
    return this;
  }

  f64(value: number): this {
    this.reserve(8);
    new DataView(this.bytes.buffer).setFloat64(this.at, value, true);
    this.at += 8;
    return this;
  }

  /** @param value whole, 0 to 2^53 - 1 */
  varint(value: number): this {
    this.reserve(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
    return this;
  }

  /** A whole number of either sign, at most 2^52 from zero. */
  signed(value: number): this {
    return this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  raw(value: Uint8Array): this {
    this.reserve(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
    return this;
  }

  /** Bytes given as hexadecimal digits. */
  hex(digits: string): this {
    for (let i = 0; i < digits.length; i += 2) this.u8(Number.parseInt(digits.slice(i, i + 2), 16));
    return this;
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    return this.varint(bytes.length).raw(bytes);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.at);
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}

/** Reads what a ByteWriter wrote. */
export class ByteReader {
  at = 0;
  private readonly bytes: Uint8Array;
  private readonly what: string;

  /** @param what names the message in errors */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.what = what;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.at++] as number;
  }

  u32(): number {
    this.need(4);
    let value = 0;
    for (let shift = 0; shift < 32; shift += 8) value |= (this.bytes[this.at++] as number) << shift;
    return value >>> 0;
  }

  f64(): number {
    this.need(8);
    const value = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 8).getFloat64(0, true);
    this.at += 8;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : this.fail('holds a number above 2^53');
      scale *= 0x80;
    }
    return this.fail('holds a number above 2^53');
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view of the next bytes, not a copy. */
  raw(count: number): Uint8Array {
    this.need(count);
    const value = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return value;
  }

  hex(count: number): string {
    return Array.from(this.raw(count), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  text(bytesMax: number): string {
    const count = this.varint();
    if (count > bytesMax) return this.fail(`holds a text of ${count} bytes, at most ${bytesMax}`);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.raw(count));
    } catch {
      return this.fail('holds a text that is not UTF-8');
    }
  }

  /** Refuses bytes left over. */
  finish(): void {
    if (this.left !== 0) this.fail(`has ${this.left} bytes left over`);
  }

  fail(why: string): never {
    throw new LinnetError('data.invalid', `${this.what} ${why}`);
  }

  private need(count: number): void {
    if (count > this.left) this.fail('is cut short');
  }
}
