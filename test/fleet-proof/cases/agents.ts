import { setTimeout as wait } from 'node:timers/promises';
import type { Site } from '../../../apps/cli/src/simulate/fleet/site.ts';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

const LOSS_PERCENT = 30;
const FLEET = { devices: 12, processes: 3, intervalMs: 50 };
/** Of ten kills, how many may come while the process starts and reads its logs. */
const EARLY = 0.2;
const START_MS = 600;
const LIFE_MS = 500;

/** Processes of agents die at any moment, behind a proxy that resets connections. */
export const agents: Case = {
  name: 'agents',
  async run(world: World) {
    const server = await world.serve();
    const broker = `mqtt://127.0.0.1:${server.port}`;
    const devices = await world.devices({ ...FLEET, broker, lossPercent: LOSS_PERCENT });
    const each = Math.ceil(world.pick(1000, 9) / FLEET.processes);
    const from = Date.now();
    const kills = await Promise.all(devices.sites.map((site) => killAgents(world, site, each, from)));
    const count = kills.reduce((sum, own) => sum + own, 0);
    const { resets } = devices;
    const outcome = await world.judge(devices);
    expect(outcome.recorded > count, `only ${outcome.recorded} readings were recorded over ${count} kills`);
    expect(resets > 0, 'the proxy reset no connection');
    const what = `agent kill -9 ${count} times through a proxy that resets ${LOSS_PERCENT} % of connections (${resets} reset)`;
    return { what, ...outcome };
  },
};

/** @returns how many kills hit the process; it runs in the end */
async function killAgents(world: World, site: Site, times: number, from: number): Promise<number> {
  let kills = 0;
  // It goes on recording after each start.
  site.record(from);
  while (kills < times) {
    const started = site.start();
    if (world.random() < EARLY) await Promise.race([started, wait(world.between(0, START_MS))]);
    else {
      await started;
      await wait(world.between(0, LIFE_MS));
    }
    if (await site.kill()) kills++;
    await started;
  }
  await site.start();
  return kills;
}
