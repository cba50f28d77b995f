import { LinnetError } from '@linnet/core';

/** A number of bytes, or one with its unit: `500MB`, `10GB`, `1.5TiB`. */
export type ByteSize = number | string;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * @param what names the option, for the error
 * @throws LinnetError `config.invalid`
 */
export function bytesOf(size: ByteSize, what: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(String(size)) ?? [];
  const bytes = Math.floor(Number(digits || Number.NaN) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (bytes > 0) return bytes;
  throw new LinnetError(
    'config.invalid',
    `${what}: ${JSON.stringify(size)} is no size such as 500MB or 10GB`,
  );
}
