/** @linnet/core/base: errors, ports and checksums alone, for programs that must start fast and stay small. */
export type { Clock } from './clock.ts';
export { crc32 } from './crc32.ts';
export { LinnetError, errorCodes, type ErrorCode } from './error.ts';
export type { Rng } from './rng.ts';
