import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { LANES, type FleetTopic } from './fleet-topic.ts';
import { end, startMember, statuses } from './members.ts';

/** One name: the lanes of another one would be idle until its session timeout is over. */
const INSTANCE = 'm0';

/** Has a process write the states of all keys to the changelog. */
export async function writeStates(topic: FleetTopic, app: string): Promise<void> {
  await end(startMember(topic, app, INSTANCE, stateFolder(topic), ['--until-end']));
}

/** Seconds from the start of a process without local state until it has restored every key. */
export async function restoreSeconds(topic: FleetTopic, app: string): Promise<number> {
  const from = Date.now();
  const child = startMember(topic, app, INSTANCE, stateFolder(topic));
  try {
    for await (const list of statuses(topic, app, () => child.exitCode !== null)) {
      // What it said in an earlier life is still there.
      const own = list.find(({ at }) => at > from);
      const restored = own?.lanes.filter(({ state }) => state !== 'restoring').length;
      if (own !== undefined && restored === LANES) return (own.at - from) / 1000;
    }
    throw new Error('the process ended before it had restored');
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}

function stateFolder({ folder }: FleetTopic): string {
  return mkdtempSync(join(folder, 'state-'));
}
