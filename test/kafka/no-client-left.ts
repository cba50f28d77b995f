import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const TASKS = '/proc/self/task';
/** A client that is being closed has ended within this time. */
const LIMIT_MS = 20_000;
const LOOK_MS = 50;

/** Number of clients of the Kafka library in this process: each has a thread of this name. Always 0 where threads have no names. */
export function clientsOpen(): number {
  if (!existsSync(TASKS)) return 0;
  return readdirSync(TASKS).filter((thread) => nameOf(thread) === 'rdk:main').length;
}

/**
 * Resolves when no client is open any more, or no more than so many.
 * @throws Error after a while: a client that somebody forgot keeps the process alive, and has threads that never rest
 */
export async function noClientLeft(limitMs = LIMIT_MS, allowed = 0): Promise<void> {
  for (const end = Date.now() + limitMs; clientsOpen() > allowed; await wait(LOOK_MS))
    if (Date.now() > end) throw new Error(`${clientsOpen()} Kafka clients were opened and never closed`);
}

function nameOf(thread: string): string {
  try {
    return readFileSync(`${TASKS}/${thread}/comm`, 'utf8').trimEnd();
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
