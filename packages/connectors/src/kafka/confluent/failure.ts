import { KafkaFailure } from '../port.ts';
import type { LibraryError } from './library.ts';

/** librdkafka's codes for "another has taken our place". */
const FENCED = new Set([-144 /* _FENCED */, 90 /* PRODUCER_FENCED */, 47 /* INVALID_PRODUCER_EPOCH */]);
/** Of the group: our membership is not the one that the broker knows. The transaction is lost, the consumer joins again. */
const STALE = new Set([
  22 /* ILLEGAL_GENERATION */, 25 /* UNKNOWN_MEMBER_ID */, 82 /* FENCED_INSTANCE_ID */,
  113 /* STALE_MEMBER_EPOCH */,
]);

/** The broker lets a name that stays in again when its session timeout is over: who had it gave no sign that it ended. */
const HELD = 111;

export function failureOf(error: LibraryError, what: string): KafkaFailure {
  const message = `${what}: ${error.message}`;
  if (error.code === HELD) return new KafkaFailure('held', message, error.code);
  if (FENCED.has(error.code)) return new KafkaFailure('fenced', message, error.code);
  if (error.isTxnRequiresAbort === true || STALE.has(error.code))
    return new KafkaFailure('abort', message, error.code);
  if (error.isRetriable === true) return new KafkaFailure('retry', message, error.code);
  return new KafkaFailure('fatal', message, error.code);
}

/** Turns a call with a callback into a promise that rejects with what the failure means. */
export function call<T>(
  what: string,
  start: (done: (error: LibraryError | null | undefined, value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(failureOf(error as LibraryError, what));
    try {
      start((error, value) => (error ? fail(error) : resolve(value)));
    } catch (error) {
      fail(error);
    }
  });
}
