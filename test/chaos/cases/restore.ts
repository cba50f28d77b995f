import { setTimeout as wait } from 'node:timers/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../case.ts';
import { readings } from '../readings.ts';
import { LANES } from '../world.ts';

/**
 * Processes that come and go while others read the changelog back. Their local stores are gone, and a transaction that nobody
 * ended holds the restores up until the rebalances are over.
 */
export const restore: Case = {
  name: 'rebalances during a restore',
  async run(world, short) {
    const [count, sensors] = short ? [20_000, 5000] : [200_000, 100_000];
    const app = 'restore';
    const feeder = await world.feeder(`${app}-in`);
    const all = readings(count, sensors);
    await feeder.feed(all.slice(0, count / 2));
    await feeder.flush();
    const state = join(world.kafka.folder, 'restore-state');
    const fleet = world.fleet(app, `${app}-in`, { state });
    fleet.start('m0');
    await world.caughtUp(app);
    await fleet.kill('m0', wait(8000));
    rmSync(state, { recursive: true, force: true });
    const open = await world.transactions('chaos-open', 60_000);
    await open.begin();
    for (let partition = 0; partition < LANES; partition++)
      open.send({ topic: `${app}.changelog`, partition, key: 'count\0ss0', value: Buffer.from('never') });
    await open.drain();
    fleet.start('m1');
    await world.restoring(app, 1);
    fleet.start('m2');
    await world.restoring(app, 2);
    fleet.start('m3');
    await world.restoring(app, 3);
    await fleet.kill('m2', wait(8000));
    await world.restoring(app, 2);
    await open.abort();
    await feeder.feed(all.slice(count / 2));
    await feeder.end();
    await fleet.ended();
    return { what: `4 rebalances, ${sensors} keys`, ...(await world.judge(app, feeder.fed)) };
  },
};
