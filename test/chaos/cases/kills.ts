import { setTimeout as wait } from 'node:timers/promises';
import type { Case } from '../case.ts';

const MEMBERS = ['m0', 'm1', 'm2'];

/** kill -9 of processes; every third stays away until the others have taken its lanes over. */
export const kills: Case = {
  name: 'kill -9 of processes',
  async run(world, short) {
    const wanted = short ? 8 : 100;
    const app = 'kills';
    const feeder = await world.feeder(`${app}-in`);
    const fleet = world.fleet(app, `${app}-in`);
    let over = false;
    const feeding = feeder.keepFeeding(short ? 1500 : 800, () => over);
    for (const name of MEMBERS) fleet.start(name);
    let done = 0;
    while (done < wanted) {
      // Processes start, restore and work at their own pace: what a kill meets is chance, and meant to be.
      await wait(500 + world.random() * 4500);
      const name = MEMBERS[Math.floor(world.random() * MEMBERS.length)] as string;
      if (await fleet.kill(name, done % 3 === 2 ? wait(8000) : undefined)) done++;
    }
    over = true;
    await feeding;
    await feeder.end();
    await fleet.ended();
    return { what: `${done} kills`, ...(await world.judge(app, feeder.fed)) };
  },
};
