import { LinnetError } from '../base/error.ts';

/** An instant: epoch milliseconds, or ISO 8601 with its time zone. */
export type Alignment = number | string;

const WITH_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/;

/** @throws LinnetError `config.invalid` for what is no instant */
export function alignment(align: Alignment, what: string): number {
  const value = typeof align === 'number' ? align : WITH_ZONE.test(align) ? Date.parse(align) : NaN;
  if (Number.isFinite(value)) return value;
  throw new LinnetError(
    'config.invalid',
    `${what}: ${JSON.stringify(align)} is no instant; write 2022-07-18T00:00Z`,
  );
}
