import { LinnetError } from './error.ts';
import { IsoReader } from './iso-reader.ts';

/** How a time stamp is written. `detect` tells numbers apart by their size and takes text as ISO 8601. */
export type StampFormat = 'iso' | 's' | 'ms' | 'us' | 'ns' | 'detect';

const PER_MS = { s: 0.001, ms: 1, us: 1e3, ns: 1e6 } as const;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const DAY = 86_400_000;

/**
 * A function that turns a stamp into epoch milliseconds, NaN for what is none. Precise to the microsecond. A `Date` is read
 * whatever the format.
 *
 * @param zone what text without a zone means: `UTC`, an offset such as `+05:30`, or a name such as `America/New_York`
 * @throws LinnetError `config.invalid` for a format or zone that does not exist
 */
export function stampReader(format: StampFormat, zone = 'UTC'): (stamp: unknown) => number {
  const offset = zoneOffset(zone);
  const iso = new IsoReader((text) => readIso(text, offset));
  if (format === 'iso') return (stamp) => (stamp instanceof Date ? stamp.getTime() : iso.read(stamp));
  if (format === 'detect') {
    return (stamp) => {
      if (stamp instanceof Date) return stamp.getTime();
      const value = toNumber(stamp);
      return Number.isNaN(value) ? iso.read(stamp) : fromUnit(value, unitOf(Math.abs(value)));
    };
  }
  if (!Object.hasOwn(PER_MS, format)) {
    throw new LinnetError(
      'config.invalid',
      `${JSON.stringify(format)} is no format of stamps: iso, s, ms, us, ns or detect`,
    );
  }
  return (stamp) => (stamp instanceof Date ? stamp.getTime() : fromUnit(toNumber(stamp), format));
}

/** Seconds and nanoseconds are no exact doubles: rounded to the microsecond, so that a whole millisecond stays one. */
function fromUnit(value: number, unit: keyof typeof PER_MS): number {
  if (unit === 's') return Math.round(value * 1e6) / 1e3;
  if (unit === 'ns') return Math.round(value / 1e3) / 1e3;
  return value / PER_MS[unit];
}

/** Numbers of today differ by a factor of 1000 between units: the cuts lie where seconds reach the year 5138. */
function unitOf(value: number): 's' | 'ms' | 'us' | 'ns' {
  if (value < 1e11) return 's';
  if (value < 1e14) return 'ms';
  return value < 1e17 ? 'us' : 'ns';
}

function toNumber(stamp: unknown): number {
  if (typeof stamp === 'number') return stamp;
  if (typeof stamp === 'bigint') return Number(stamp);
  return typeof stamp === 'string' && /^-?\d+(?:\.\d+)?$/.test(stamp) ? Number(stamp) : NaN;
}

function readIso(text: string, offset: (local: number) => number): number {
  const match = ISO.exec(text);
  if (match === null) return NaN;
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0)) as [number, number, number];
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysIn(year, month) ||
    hour > 24 ||
    minute > 59 ||
    second > 60 ||
    (hour > 23 && minute + second > 0)
  )
    return NaN;
  const fraction = match[7] === undefined ? 0 : Number(`0.${match[7]}`) * 1000;
  const local = Date.UTC(year, month - 1, day, hour, minute, second) + fraction;
  const zone = match[8];
  return zone === undefined ? local - offset(local) : local - fixedOffset(zone);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Milliseconds of `Z`, `UTC`, `+05:30`, `-0800`, `+01`. */
function fixedOffset(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

/** How far a zone's local time is ahead of UTC, as a function of the local time. */
function zoneOffset(zone: string): (local: number) => number {
  if (/^(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$/i.test(zone)) {
    const fixed = fixedOffset(zone);
    return () => fixed;
  }
  const parts = namedZone(zone);
  const ahead = (instant: number) => {
    const at = Object.fromEntries(
      parts.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = at;
    return Date.UTC(year, month - 1, day, hour % 24, minute, second) - Math.floor(instant / 1000) * 1000;
  };
  // The offset of the local time's day, kept, but for days on which it changes.
  const cache = new Map<number, number>();
  return (local) => {
    const day = Math.floor(local / DAY);
    const kept = cache.get(day);
    if (kept !== undefined) return kept;
    const [before, after] = [ahead((day - 1) * DAY), ahead((day + 2) * DAY)];
    if (before !== after) return offsetOfChange(local, before, after, ahead);
    cache.set(day, before);
    return before;
  };
}

/**
 * Around a change of the clocks, as Python's zoneinfo and Temporal say: a local time that comes twice is the first, one that is
 * left out is told by the clock before the change.
 */
function offsetOfChange(
  local: number,
  before: number,
  after: number,
  ahead: (instant: number) => number,
): number {
  const isAfter = ahead(local - before) !== before && ahead(local - after) === after;
  return isAfter ? after : before;
}

function namedZone(zone: string): Intl.DateTimeFormat {
  try {
    const numeric = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    return new Intl.DateTimeFormat('en-US', {
      ...numeric,
      timeZone: zone,
      hourCycle: 'h23',
      calendar: 'gregory',
    });
  } catch {
    throw new LinnetError(
      'config.invalid',
      `${JSON.stringify(zone)} is no time zone; write UTC, +05:30 or America/New_York`,
    );
  }
}
