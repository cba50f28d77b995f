import { setTimeout as after } from 'node:timers/promises';
import { KafkaFailure } from './port.ts';

export interface PersistOptions {
  /** Asked before every attempt but the first; true gives up. */
  stopped(): boolean;
  /** In milliseconds of `now`; a broker that was started again answers sooner. */
  readonly limitMs?: number;
  now?(): number;
  pause?(ms: number): Promise<unknown>;
}

const RETRY_MS = 200;
const LIMIT_MS = 60_000;

/**
 * Does a call again and again while its failure says "later", for a while: who holds partitions and does nothing with them holds
 * up everybody.
 * @throws KafkaFailure of the call; `fatal` when its time is up
 */
export async function persist(work: () => Promise<void>, options: PersistOptions): Promise<void> {
  const { stopped, limitMs = LIMIT_MS, now = () => performance.now(), pause = after } = options;
  for (const started = now(); ;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof KafkaFailure) || error.kind !== 'retry') throw error;
      const seconds = Math.round((now() - started) / 1000);
      if (stopped() || now() - started >= limitMs)
        throw new KafkaFailure('fatal', `${error.message} (given up after ${seconds} s)`, error.errorCode);
    }
    await pause(RETRY_MS);
  }
}
