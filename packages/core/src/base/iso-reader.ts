const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
/** Character codes of `2022-07-18T00:00:00.000Z`'s fixed places. */
const [DASH, COLON, POINT, T, SPACE, Z] = [0x2d, 0x3a, 0x2e, 0x54, 0x20, 0x5a];

/**
 * Reads ISO stamps one after the other. Most are `2022-07-18T00:00:00Z`, with or without milliseconds, and of the day of the one
 * before, or the same: those are read from their digits. All others go to `slow`, which decides.
 */
export class IsoReader {
  private readonly slow: (text: string) => number;
  private text = '';
  private time = NaN;
  /** Year, month and day as one number, and when that day begins. */
  private day = -1;
  private dayStart = NaN;

  constructor(slow: (text: string) => number) {
    this.slow = slow;
  }

  /** Epoch milliseconds; NaN for what is no stamp. */
  read(stamp: unknown): number {
    if (typeof stamp !== 'string') return NaN;
    if (stamp === this.text) return this.time;
    this.text = stamp;
    this.time = this.quick(stamp);
    return this.time;
  }

  private quick(text: string): number {
    const { length } = text;
    if ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== Z) return this.slow(text);
    const time = clock(text, length);
    const day = date(text);
    // A negative number: a letter stands where a digit should.
    if (time < 0 || day < 0) return this.slow(text);
    if (day !== this.day) {
      this.dayStart = this.slow(text) - time;
      this.day = day;
    }
    return this.dayStart + time;
  }
}

/** Year, month and day as one number; negative where that is not what stands there. */
function date(text: string): number {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return -1;
  const [century, years, month, day] = [two(text, 0), two(text, 2), two(text, 5), two(text, 8)];
  return century < 0 || years < 0 || month < 0 || day < 0
    ? -1
    : ((century * 100 + years) * 100 + month) * 100 + day;
}

/** Milliseconds since the day began; negative where that is not what stands there. */
function clock(text: string, length: number): number {
  const between = text.charCodeAt(10);
  if ((between !== T && between !== SPACE) || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON)
    return -1;
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)];
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  const whole = hour * HOUR + minute * MINUTE + second * SECOND;
  if (length === 20) return whole;
  const [tens, last] = [two(text, 20), text.charCodeAt(22) - 0x30];
  if (text.charCodeAt(19) !== POINT || tens < 0 || last < 0 || last > 9) return -1;
  return whole + tens * 10 + last;
}

/** The number that two digits stand for; negative where they are none. */
function two(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 0x30, text.charCodeAt(at + 1) - 0x30];
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}
