import { setTimeout as wait } from 'node:timers/promises';
import { readStatus, type KafkaPort, type MemberStatus } from '@linnet/connectors/kafka';

const FRESH_MS = 3000;

/** Resolves when what the processes of a flow say of themselves is so. */
export async function until(
  port: KafkaPort,
  app: string,
  what: string,
  holds: (members: readonly MemberStatus[]) => boolean,
  limitMs = 150_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  let seen: readonly MemberStatus[] = [];
  while (Date.now() < end) {
    // It ends at once where the flow has not made its topics yet.
    for await (const members of readStatus(port, app)) {
      seen = members.filter(({ at }) => Date.now() - at < FRESH_MS);
      if (holds(seen)) return;
      if (Date.now() >= end) break;
    }
    await wait(200);
  }
  const state = seen.map(({ instance, lanes }) => `${instance}: ${JSON.stringify(lanes)}`).join('\n');
  throw new Error(`${app}: not ${what} within ${limitMs / 1000} s; its processes said\n${state}`);
}

/** Every lane runs, and so many processes have some. */
export function allRun(lanes: number, processes: number): (members: readonly MemberStatus[]) => boolean {
  return (members) => {
    const own = members.flatMap((member) => member.lanes);
    return (
      new Set(own.filter(({ state }) => state === 'running').map(({ lane }) => lane)).size === lanes &&
      own.length === lanes &&
      members.filter((member) => member.lanes.length > 0).length >= processes
    );
  };
}
