import type { Case } from '../case.ts';
import { killOften } from '../kill-often.ts';
import type { World } from '../world.ts';

const FLEET = { devices: 24, processes: 2, intervalMs: 100 };

/** Embedded broker and server are one process, and die together. */
export const embedded: Case = {
  name: 'embedded',
  async run(world: World) {
    const own = await world.serve();
    const devices = await world.devices({ ...FLEET, broker: `mqtt://127.0.0.1:${own.port}` });
    await devices.start();
    devices.record(Date.now());
    const kills = await killOften(world, own, world.pick(50, 2));
    return { what: `embedded broker and server kill -9 ${kills} times`, ...(await world.judge(devices)) };
  },
};
