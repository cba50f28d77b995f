import type { Case } from '../case.ts';
import { killOften } from '../kill-often.ts';
import type { World } from '../world.ts';

const FLEET = { devices: 24, processes: 2, intervalMs: 100 };

/** The server of an external broker dies; the broker goes on taking messages for it. */
export const server: Case = {
  name: 'server',
  async run(world: World) {
    const broker = await world.mosquitto();
    const own = await world.serve({ broker: broker.url });
    const devices = await world.devices({ ...FLEET, broker: broker.url });
    await devices.start();
    devices.record(Date.now());
    const kills = await killOften(world, own, world.pick(50, 2));
    return { what: `server at Mosquitto kill -9 ${kills} times`, ...(await world.judge(devices)) };
  },
};
