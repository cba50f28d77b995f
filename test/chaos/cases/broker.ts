import { setTimeout as wait } from 'node:timers/promises';
import type { Case } from '../case.ts';

/** kill -9 of the broker in the middle of transactions. */
export const broker: Case = {
  name: 'kill -9 of the broker',
  async run(world, short) {
    const wanted = short ? 2 : 20;
    const app = 'broker';
    const feeder = await world.feeder(`${app}-in`);
    const fleet = world.fleet(app, `${app}-in`);
    let over = false;
    const feeding = feeder.keepFeeding(1000, () => over);
    for (const name of ['m0', 'm1']) fleet.start(name);
    // A process that finds no broker when it starts ends with an error, and means to: a wrong address looks the same.
    await world.running(app, 2);
    for (let done = 0; done < wanted; done++) {
      await wait(1500 + world.random() * 5000);
      await world.kafka.kill();
      await wait(world.random() * 2000);
      await world.kafka.restart();
    }
    over = true;
    await feeding;
    await feeder.end();
    await fleet.ended();
    return { what: `${wanted} kills`, ...(await world.judge(app, feeder.fed)) };
  },
};
