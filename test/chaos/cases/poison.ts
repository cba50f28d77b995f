import { readTopic } from '../../kafka/here.ts';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { reading, readings } from '../readings.ts';

const EVERY = 1000;

/** Readings on which a step throws after it changed its state. */
export const poison: Case = {
  name: 'poison records',
  async run(world, short) {
    const app = 'poison';
    const feeder = await world.feeder(`${app}-in`);
    const good = readings(short ? 5000 : 30_000);
    const fleet = world.fleet(app, `${app}-in`);
    for (const name of ['m0', 'm1']) fleet.start(name);
    let bad = 0;
    for (let at = 0; at < good.length; at += EVERY) {
      await feeder.feed(good.slice(at, at + EVERY));
      await feeder.feed([{ ...reading(at + EVERY - 1), value: -1 }]);
      bad++;
    }
    await feeder.end();
    await fleet.ended();
    const letters = await readTopic(world.kafka.port, `${app}.dead-letter`);
    expect(letters.length === bad, `${letters.length} dead letters of ${bad} poison records`);
    return { what: `${bad} in the dead letters`, ...(await world.judge(app, good)) };
  },
};
