import type { Case } from '../case.ts';
import { killOften } from '../kill-often.ts';
import type { World } from '../world.ts';

const FLEET = { devices: 24, processes: 2, intervalMs: 100 };

/** Mosquitto dies with all that it has answered and not handed on. */
export const mosquitto: Case = {
  name: 'mosquitto',
  async run(world: World) {
    const broker = await world.mosquitto();
    await world.serve({ broker: broker.url });
    const devices = await world.devices({ ...FLEET, broker: broker.url });
    await devices.start();
    devices.record(Date.now());
    const kills = await killOften(world, broker, world.pick(50, 2));
    return { what: `Mosquitto kill -9 ${kills} times`, ...(await world.judge(devices)) };
  },
};
