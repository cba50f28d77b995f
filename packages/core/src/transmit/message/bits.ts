/**
 * Bits of a message, most significant first: fixed fields, Elias gamma for counts, Rice codes for residuals.
 * Reading trusts nothing: whatever does not fit throws LinnetError `data.invalid`.
 */
import { LinnetError } from '../../base/error.ts';

/** A quotient of this many ones is followed by the whole number in 32 bits. */
const ESCAPE = 20;
const GAMMA_BITS_MAX = 31;

export class BitWriter {
  private bytes = new Uint8Array(32);
  private at = 0;

  /** Bits written. */
  get length(): number {
    return this.at;
  }

  bit(value: number): this {
    if (this.at === this.bytes.length * 8) {
      const grown = new Uint8Array(this.bytes.length * 2);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    if (value !== 0) {
      this.bytes[this.at >> 3] = (this.bytes[this.at >> 3] as number) | (0x80 >> (this.at & 7));
    }
    this.at++;
    return this;
  }

  /** @param count 0 to 32 */
  bits(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.bit((value >>> i) & 1);
    return this;
  }

  /** A whole number from 0 on; small ones are short: 0 takes one bit. */
  gamma(value: number): this {
    const size = 32 - Math.clz32(value + 1);
    return this.bits(0, size - 1).bits(value + 1, size);
  }

  /** @param value 0 to 2^32 - 1 */
  rice(value: number, k: number): this {
    const quotient = Math.floor(value / 2 ** k);
    if (quotient >= ESCAPE) return this.ones(ESCAPE).bits(value, 32);
    return this.ones(quotient).bit(0).bits(value, k);
  }

  append(other: BitWriter): this {
    for (let i = 0; i < other.at; i++) this.bit((other.bytes[i >> 3] as number) & (0x80 >> (i & 7)));
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, (this.at + 7) >> 3);
  }

  private ones(count: number): this {
    for (let i = 0; i < count; i++) this.bit(1);
    return this;
  }
}

/** Bits that `rice` takes for a number. */
export function riceLength(value: number, k: number): number {
  const quotient = Math.floor(value / 2 ** k);
  return quotient >= ESCAPE ? ESCAPE + 32 : quotient + 1 + k;
}

export class BitReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  bit(): number {
    if (this.at >= this.bytes.length * 8) throw new LinnetError('data.invalid', 'message is cut short');
    const value = ((this.bytes[this.at >> 3] as number) >> (7 - (this.at & 7))) & 1;
    this.at++;
    return value;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  gamma(): number {
    let size = 0;
    while (this.bit() === 0) {
      if (++size > GAMMA_BITS_MAX) throw new LinnetError('data.invalid', 'message holds a count above 2^31');
    }
    return 2 ** size + this.bits(size) - 1;
  }

  rice(k: number): number {
    let quotient = 0;
    while (quotient < ESCAPE && this.bit() === 1) quotient++;
    return quotient === ESCAPE ? this.bits(32) : quotient * 2 ** k + this.bits(k);
  }

  /** Refuses whole bytes left over, and ones in what fills the last byte. */
  finish(): void {
    const left = this.bytes.length * 8 - this.at;
    if (left >= 8 || this.bits(left) !== 0) {
      throw new LinnetError('data.invalid', 'message has bytes left over');
    }
  }
}

/** 0, -1, 1, -2 … as 0, 1, 2, 3 … */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
