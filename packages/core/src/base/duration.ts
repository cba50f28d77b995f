import { LinnetError } from './error.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A length of time: milliseconds, or a number with its unit: `500ms`, `10s`, `5m`, `12h`, `7d`. */
export type Duration = number | string;

/**
 * Milliseconds of a duration.
 * @param what names the parameter in an error
 * @throws LinnetError `config.invalid` for what is no duration, or a negative one
 */
export function milliseconds(duration: Duration, what: string): number {
  const value = typeof duration === 'string' ? parse(duration) : Number(duration ?? NaN);
  if (value >= 0) return value;
  throw new LinnetError(
    'config.invalid',
    `${what}: ${typeof duration === 'string' ? JSON.stringify(duration) : String(duration)} is no duration; write 500ms, 10s, 5m, 12h or 7d`,
  );
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.trim());
  return match === null ? NaN : Number(match[1]) * (UNITS[match[2] as string] ?? NaN);
}
