import { InvalidArgumentError } from 'commander';

/** Parses an option's value as a whole number of at least 1. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return value;
}

/** Each thread holds the library and its part of the state; more than this fills the memory of most machines at the start. */
const WORKERS_MAX = 64;

/** Parses a number of worker threads. */
export function workers(text: string): number {
  const value = positiveInteger(text);
  if (value > WORKERS_MAX) {
    throw new InvalidArgumentError(
      `It must be at most ${WORKERS_MAX}; more than there are cores gains nothing.`,
    );
  }
  return value;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Parses `2min`, `30s`, `500ms`, `1h`, `1d` as milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text);
  const value = Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(value > 0) || !Number.isInteger(value)) {
    throw new InvalidArgumentError('It must be a time like 500ms, 30s, 2min, 1h or 1d.');
  }
  return value;
}

/** Parses an ISO 8601 time as epoch milliseconds; without a zone it is UTC. */
export function instant(text: string): number {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  const time = /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('It must be a time like 2004-03-01 or 2004-03-10T09:07.');
  }
  return time;
}

/** Adds a repeatable `old=new` to those before. */
export function pair(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const [from = '', to = '', ...rest] = text.split('=');
  if (from === '' || to === '' || rest.length > 0) throw new InvalidArgumentError('Write it as old=new.');
  return { ...all, [from]: to };
}

/** Parses a number above 0 and below 1. */
export function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError('It must be a number above 0 and below 1.');
  }
  return value;
}

/** Parses a number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < Infinity)) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** Parses a seed of 32 bits. */
export function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= 2 ** 32) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  }
  return value;
}

/** Parses a TCP port; 0 leaves the choice to the system. */
export function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  }
  return value;
}

/** Parses a list of whole numbers from 0 on, as 0,4,8. */
export function wholeNumbers(text: string): number[] {
  const numbers = text.split(',').map((item) => (/^\s*\d{1,5}\s*$/.test(item) ? Number(item) : Number.NaN));
  if (numbers.some(Number.isNaN)) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 99999, or a list of them as 0,4.');
  }
  return numbers;
}

const UNITS_BYTES: Readonly<Record<string, number>> = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Parses `512MB`, `2GB`, `1.5GB` as bytes; the units are powers of 1024. */
export function byteSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(KB|MB|GB|TB)$/i.exec(text);
  const value = Number(match?.[1]) * (UNITS_BYTES[match?.[2]?.toUpperCase() ?? ''] ?? Number.NaN);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a size like 512MB or 2GB.');
  return value;
}

/** Parses a whole number from 0 on. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number from 0 on.');
  }
  return value;
}

/** Parses a part of a hundred, from 0 to below 100. */
export function percent(text: string): number {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || value >= 100) {
    throw new InvalidArgumentError('It must be a number from 0 to below 100.');
  }
  return value;
}

/** Parses a list of known names, `none` or `all`. */
export function names<T extends string>(text: string, known: readonly T[]): readonly T[] {
  if (text === 'none') return [];
  if (text === 'all') return known;
  const given = text.split(',').map((name) => known.find((one) => one === name.trim()));
  if (given.includes(undefined)) {
    throw new InvalidArgumentError(`It must be none, all, or a list of ${known.join(', ')}.`);
  }
  return given.filter((name) => name !== undefined);
}
