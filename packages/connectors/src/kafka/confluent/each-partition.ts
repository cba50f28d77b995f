import { setTimeout as after } from 'node:timers/promises';
import { KafkaFailure } from '../port.ts';
import type { LibraryError } from './library.ts';

const AGAIN_MS = 100;
const LIMIT_MS = 10_000;

/** What the library puts in the place of a partition that has no answer: the error itself, or a position that carries it. */
type Answer<T> = T | Error | (T & { readonly error?: LibraryError | null });

/**
 * Asks about partitions until each has an answer, for a while. The call as a whole goes well where the broker, a moment after its start, knows
 * nothing of one of them; taken for "no offset", that would begin a lane without its state or its input at the beginning.
 * @throws KafkaFailure `retry` when a partition stays without an answer
 */
export async function eachPartition<T>(
  what: string,
  ask: () => Promise<readonly Answer<T>[]>,
  limitMs = LIMIT_MS,
): Promise<T[]> {
  for (const until = performance.now() + limitMs; ;) {
    const found = await ask();
    const wrong = found.map(errorIn).find((error) => error !== undefined);
    if (wrong === undefined) return found as T[];
    if (performance.now() >= until) throw new KafkaFailure('retry', `${what}: ${wrong.message}`);
    await after(AGAIN_MS);
  }
}

function errorIn(answer: Answer<unknown>): Error | LibraryError | undefined {
  if (answer instanceof Error) return answer;
  return (answer as { readonly error?: LibraryError | null }).error ?? undefined;
}
