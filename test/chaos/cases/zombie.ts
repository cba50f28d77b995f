import { setTimeout as wait } from 'node:timers/promises';
import { expect, type Case } from '../case.ts';

/** Longer than the broker's session timeout, which is 6 s here. */
const STOPPED_MS = 10_000;

/** SIGSTOP: a process that does not know that it was declared dead comes back in the middle of its transaction. */
export const zombie: Case = {
  name: 'a zombie, stopped for longer than the session timeout',
  async run(world, short) {
    const times = short ? 1 : 4;
    const app = 'zombie';
    const feeder = await world.feeder(`${app}-in`);
    const fleet = world.fleet(app, `${app}-in`);
    let over = false;
    const feeding = feeder.keepFeeding(1000, () => over);
    for (const name of ['m0', 'm1']) fleet.start(name);
    await world.running(app, 2);
    for (let done = 0; done < times; done++) {
      const name = `m${done % 2}`;
      await wait(world.random() * 1000);
      const before = fleet.said.length;
      fleet.signal(name, 'SIGSTOP');
      await wait(STOPPED_MS);
      fleet.signal(name, 'SIGCONT');
      await world.running(app, 2);
      expect(
        fleet.said.slice(before).some((line) => line.startsWith(`${name}:`)),
        `${name} was stopped for ${STOPPED_MS} ms and did not say that it lost its place`,
      );
    }
    over = true;
    await feeding;
    await feeder.end();
    await fleet.ended();
    return { what: `${times} times ${STOPPED_MS / 1000} s`, ...(await world.judge(app, feeder.fed)) };
  },
};
