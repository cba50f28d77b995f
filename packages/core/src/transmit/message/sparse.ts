import { BitReader, BitWriter, riceLength, unzigzag, zigzag } from './bits.ts';

const K_BITS = 4;
const K_MAX = 15;

/** The Rice parameter under which the numbers are shortest: near the logarithm of their mean. */
function bestK(numbers: readonly number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  const near = Math.min(K_MAX, Math.floor(Math.log2(sum / numbers.length + 1)));
  let [best, least] = [0, Infinity];
  for (let k = Math.max(0, near - 1); k <= Math.min(K_MAX, near + 1); k++) {
    let bits = 0;
    for (const number of numbers) bits += riceLength(number, k);
    if (bits < least) [best, least] = [k, bits];
  }
  return best;
}

/** Whole numbers of either sign whose count the reader knows. */
export function writeNumbers(out: BitWriter, values: readonly number[]): void {
  if (values.length === 0) return;
  const numbers = values.map(zigzag);
  const k = bestK(numbers);
  out.bits(k, K_BITS);
  for (const number of numbers) out.rice(number, k);
}

export function readNumbers(bits: BitReader, count: number): number[] {
  if (count === 0) return [];
  const k = bits.bits(K_BITS);
  return Array.from({ length: count }, () => unzigzag(bits.rice(k)));
}

/** Ascending positions: how many, then the gaps between them. */
export function writePositions(out: BitWriter, positions: readonly number[]): void {
  out.gamma(positions.length);
  if (positions.length === 0) return;
  const gaps = positions.map((position, i) => position - (i === 0 ? 0 : (positions[i - 1] as number) + 1));
  const k = bestK(gaps);
  out.bits(k, K_BITS);
  for (const gap of gaps) out.rice(gap, k);
}

/** Positions below `limit`, or undefined where the bits say otherwise. */
export function readPositions(bits: BitReader, limit: number): number[] | undefined {
  const count = bits.gamma();
  if (count > limit) return undefined;
  if (count === 0) return [];
  const k = bits.bits(K_BITS);
  let next = 0;
  const positions = Array.from({ length: count }, () => {
    const position = next + bits.rice(k);
    next = position + 1;
    return position;
  });
  return next <= limit ? positions : undefined;
}

/** One bit, then the shorter of two ways to write the same. */
export function writeShorter(out: BitWriter, ways: readonly ((bits: BitWriter) => void)[]): void {
  const written = ways.map((way) => {
    const bits = new BitWriter();
    way(bits);
    return bits;
  });
  const [first, second] = written as [BitWriter, BitWriter];
  const choice = second.length < first.length ? 1 : 0;
  out.bit(choice).append(choice === 1 ? second : first);
}
