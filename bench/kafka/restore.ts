import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { LANES, type FleetTopic } from './fleet-topic.ts';
import { end, startMember, statuses } from './members.ts';

let runs = 0;

/** Has a process write the states of all keys to the changelog. */
export async function writeStates(topic: FleetTopic, app: string): Promise<void> {
  await end(startMember(topic, app, 'writer', stateFolder(topic), ['--until-end']));
}

/** Seconds from the start of a process without local state until it has restored every key. */
export async function restoreSeconds(topic: FleetTopic, app: string): Promise<number> {
  const instance = `reader-${++runs}`;
  const from = Date.now();
  const child = startMember(topic, app, instance, stateFolder(topic));
  try {
    for await (const list of statuses(topic, app, () => child.exitCode !== null)) {
      const own = list.find((one) => one.instance === instance);
      const restored = own?.lanes.filter(({ state }) => state !== 'restoring').length;
      if (own !== undefined && restored === LANES) return (own.at - from) / 1000;
    }
    throw new Error('the process ended before it had restored');
  } finally {
    child.kill('SIGKILL');
  }
}

function stateFolder({ folder }: FleetTopic): string {
  return mkdtempSync(join(folder, 'state-'));
}
