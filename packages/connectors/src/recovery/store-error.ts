import { LinnetError } from '@linnet/core';
import { DamagedRow } from './row-checks.ts';

const BUSY = 5;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
const FSYNC = new Set([1034, 1290]);
/** The index of the log could not grow: there is no other common reason than a full disk. */
const LOG_INDEX_FULL = 4874;

/** SQLite's error in words that say what to do. Only a full disk and a busy file may be tried again. */
export function storeError(path: string, cause: unknown): LinnetError {
  if (cause instanceof LinnetError) return cause;
  const { errcode = 0, message } = cause as Error & { errcode?: number };
  if (cause instanceof DamagedRow) return damaged(path, message, cause);
  const failed = (text: string, retryable = false) =>
    new LinnetError('io.failed', text, { cause, retryable });
  switch (errcode & 0xff) {
    case CORRUPT:
    case NOT_A_DATABASE:
      return damaged(path, message, cause);
    case READ_ONLY:
    case CANNOT_OPEN:
      return failed(
        `${path} cannot be opened for writing (${message}): make file and folder writable, or give another folder`,
      );
    case FULL:
      return failed(`cannot write ${path}: the disk is full`, true);
    case BUSY:
      return failed(`cannot write ${path}: another process holds it (${message})`, true);
    case IO_ERROR: {
      if (errcode === LOG_INDEX_FULL) return failed(`cannot write ${path}: the disk is full`, true);
      const what = FSYNC.has(errcode) ? 'could not be made durable' : 'could not be read or written';
      return failed(
        `${path} ${what} (${message}, SQLite ${errcode}): look after the disk, then run again; it goes on from the last commit`,
      );
    }
    default:
      return failed(`cannot use ${path}: ${message}`);
  }
}

function damaged(path: string, why: string, cause: unknown): LinnetError {
  return new LinnetError(
    'data.invalid',
    `${path} is damaged (${why}): restore it from a backup, or begin anew with --reset`,
    { cause },
  );
}
