import { LinnetError } from '@linnet/core';

const FULL = 13;
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const READ_ONLY = 8;

/** SQLite's error in words that say what to do. Only a full disk and a busy file may be tried again. */
export function storeError(path: string, cause: unknown): LinnetError {
  if (cause instanceof LinnetError) return cause;
  const { errcode = 0, message } = cause as Error & { errcode?: number };
  const code = errcode & 0xff;
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    return new LinnetError(
      'data.invalid',
      `${path} is damaged (${message}): restore it from a backup, or begin anew with --reset`,
      { cause },
    );
  }
  if (code === READ_ONLY)
    return new LinnetError('io.failed', `${path} cannot be written to: ${message}`, { cause });
  const retryable = code === FULL || code === BUSY;
  const what = code === FULL ? 'the disk is full' : message;
  return new LinnetError('io.failed', `cannot write ${path}: ${what}`, { cause, retryable });
}
