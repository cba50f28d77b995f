import { numericText } from './numeric-text.ts';

const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const DIGITS_MAX = 15;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const MISSING = /^(?:N\/?A|NaN|null)?$/i;

/**
 * The number in a field: exactly what `Number` makes of its text. Null where it is missing (empty, NA, N/A, NaN, null), undefined
 * where it is something else. Most fields are digits with a point: their digits as one whole number, divided by a power of ten, is
 * rounded once and therefore right as long as both are exact (Clinger 1990).
 */
export function fieldNumber(bytes: Buffer, start: number, end: number): number | null | undefined {
  let at = start;
  const negative = bytes[at] === 0x2d;
  if (negative) at++;
  const first = at;
  let [whole, point, code] = [0, -1, 0];
  for (; at < end; at++) {
    code = bytes[at] as number;
    if (code >= 0x30 && code <= 0x39) whole = whole * 10 + (code - 0x30);
    else if (code === 0x2e && point < 0) point = at;
    else break;
  }
  const digits = at - first - (point < 0 ? 0 : 1);
  if (at < end || digits === 0 || digits > DIGITS_MAX)
    return slowNumber(bytes.toString('latin1', start, end));
  const value = point < 0 ? whole : whole / (POWERS[at - point - 1] as number);
  return negative ? -value : value;
}

function slowNumber(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  if (MISSING.test(trimmed)) return null;
  const infinite = INFINITE.exec(trimmed);
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? -Infinity : Infinity;
}

/** A field of which nothing is known: a number where it reads as one and no name would, null where it is missing, or text. */
export function fieldValue(text: string): string | number | null {
  const number = numericText(text);
  if (number !== undefined) return number;
  return MISSING.test(text.trim()) ? null : text;
}
