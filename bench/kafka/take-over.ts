import { once } from 'node:events';
import { join } from 'node:path';
import { LANES, type FleetTopic } from './fleet-topic.ts';
import { startMember, statuses } from './members.ts';

let runs = 0;

/** Seconds from the kill of one of two processes until the other one works on all lanes. */
export async function takeOverSeconds(topic: FleetTopic): Promise<number> {
  const app = `take-over-${++runs}`;
  const children = ['m0', 'm1'].map((name) => startMember(topic, app, name, join(topic.folder, 'state')));
  const [kept, killed] = children as [(typeof children)[0], (typeof children)[0]];
  let killedAt = 0;
  try {
    for await (const list of statuses(topic, app, () => false)) {
      const lanes = list.map((one) => one.lanes.filter(({ state }) => state !== 'restoring').length);
      if (killedAt === 0 && list.length === 2 && lanes.every((n) => n === LANES / 2)) {
        const gone = once(killed, 'exit');
        killed.kill('SIGKILL');
        await gone;
        killedAt = Date.now();
      }
      const own = list.find(({ instance }) => instance === 'm0');
      if (killedAt > 0 && own !== undefined && own.at > killedAt && lanes[list.indexOf(own)] === LANES)
        return (own.at - killedAt) / 1000;
    }
    throw new Error('nobody took over');
  } finally {
    for (const child of [kept, killed]) child.kill('SIGKILL');
  }
}
