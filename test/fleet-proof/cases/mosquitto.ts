import { setTimeout as wait } from 'node:timers/promises';
import type { Case } from '../case.ts';
import { killOften, type Mortal } from '../kill-often.ts';
import type { World } from '../world.ts';

const FLEET = { devices: 24, processes: 2, intervalMs: 100 };
const STILL_MS = 500;

/**
 * Mosquitto dies with all that it has answered and not handed on. Before every other kill the server stands still for a moment, so that there
 * is much of that: an agent that took a PUBACK for "stored" loses it.
 */
export const mosquitto: Case = {
  name: 'mosquitto',
  async run(world: World) {
    const broker = await world.mosquitto();
    const server = await world.serve({ broker: broker.url });
    const devices = await world.devices({ ...FLEET, broker: broker.url });
    await devices.start();
    devices.record(Date.now());
    let turn = 0;
    const behindServer: Mortal = {
      start: () => broker.start(),
      kill: async () => {
        const still = turn++ % 2 === 0;
        if (still) server.signal('SIGSTOP');
        if (still) await wait(world.between(50, STILL_MS));
        await broker.kill();
        if (still) server.signal('SIGCONT');
      },
    };
    const kills = await killOften(world, behindServer, world.pick(50, 2));
    return { what: `Mosquitto kill -9 ${kills} times`, ...(await world.judge(devices)) };
  },
};
