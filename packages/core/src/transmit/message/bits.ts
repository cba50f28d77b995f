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
    return this.bits(value === 0 ? 0 : 1, 1);
  }

  /** @param count 0 to 32; the bits of `value` above it are left out */
  bits(value: number, count: number): this {
    if (this.at + count > this.bytes.length * 8) this.grow();
    let left = count;
    while (left > 0) {
      const free = 8 - (this.at & 7);
      const take = left < free ? left : free;
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      this.bytes[this.at >> 3] = (this.bytes[this.at >> 3] as number) | (part << (free - take));
      this.at += take;
      left -= take;
    }
    return this;
  }

  /** A whole number from 0 on; small ones are short: 0 takes one bit. */
  gamma(value: number): this {
    const size = 32 - Math.clz32(value + 1);
    return this.bits(0, size - 1).bits(value + 1, size);
  }

  /** @param value 0 to 2^32 - 1 */
  rice(value: number, k: number): this {
    const quotient = value >>> k;
    if (quotient >= ESCAPE) return this.ones(ESCAPE).bits(value, 32);
    // The ones, and the zero that ends them.
    return this.bits((1 << (quotient + 1)) - 2, quotient + 1).bits(value, k);
  }

  append(other: BitWriter): this {
    const whole = other.at >> 3;
    for (let i = 0; i < whole; i++) this.bits(other.bytes[i] as number, 8);
    const rest = other.at & 7;
    return this.bits((other.bytes[whole] ?? 0) >> (8 - rest), rest);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, (this.at + 7) >> 3);
  }

  /** @param count at most 20 */
  private ones(count: number): this {
    return this.bits((1 << count) - 1, count);
  }

  private grow(): void {
    const grown = new Uint8Array(this.bytes.length * 2 + 8);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

/** Bits that `rice` takes for a number. */
export function riceLength(value: number, k: number): number {
  const quotient = value >>> k;
  return quotient >= ESCAPE ? ESCAPE + 32 : quotient + 1 + k;
}

export class BitReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  bit(): number {
    return this.bits(1);
  }

  /** @param count 0 to 32 */
  bits(count: number): number {
    if (this.at + count > this.bytes.length * 8)
      throw new LinnetError('data.invalid', 'message is cut short');
    let [value, left] = [0, count];
    while (left > 0) {
      const free = 8 - (this.at & 7);
      const take = left < free ? left : free;
      const part = ((this.bytes[this.at >> 3] as number) >> (free - take)) & ((1 << take) - 1);
      value = value * (1 << take) + part;
      this.at += take;
      left -= take;
    }
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
    return quotient === ESCAPE ? this.bits(32) : quotient * (1 << k) + this.bits(k);
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
