import { encodeMoved } from '../../../packages/connectors/src/kafka/repartition.ts';
import type { Case } from '../case.ts';
import { reading, readings } from '../readings.ts';
import { LANES } from '../world.ts';

/** Records of transactions that were aborted, and of one that its producer died in, lie between those that count. */
export const aborted: Case = {
  name: 'aborted transactions in input and repartition topics',
  async run(world, short) {
    const count = short ? 6000 : 60_000;
    const app = 'aborted';
    const feeder = await world.feeder(`${app}-in`);
    const fleet = world.fleet(app, `${app}-in`);
    const all = readings(count);
    const half = count / 2;
    fleet.start('m0');
    await world.running(app, 1);
    const wrong = await world.transactions('chaos-wrong', 60_000);
    for (let at = 0; at < half; at += half / 4) {
      await feeder.feed(all.slice(at, at + half / 4));
      await wrong.begin();
      for (let i = 0; i < 200; i++) for (const message of bogus(app, at + i)) wrong.send(message);
      await wrong.drain();
      await wrong.abort();
    }
    fleet.start('m1');
    // Its records are in the logs, and it is never told how it ends: the broker's time for it is up after 2 s.
    const dead = await world.transactions('chaos-dead', 2000);
    await dead.begin();
    for (let i = 0; i < 100; i++) for (const message of bogus(app, half + i)) dead.send(message);
    await dead.drain();
    await feeder.feed(all.slice(half));
    await feeder.end();
    await fleet.ended();
    return { what: '4 aborted, 1 never ended', ...(await world.judge(app, feeder.fed)) };
  },
};

/** A reading that would be counted, and one on its way between lanes. */
function bogus(app: string, i: number) {
  const one = reading(i);
  const partition = i % LANES;
  const item = { ...one, n: 1, sum: 1 };
  const moved = encodeMoved({ from: 0, key: one.region, item, time: one.at, mark: one.at });
  return [
    { topic: `${app}-in`, partition, key: one.sensor, value: Buffer.from(JSON.stringify(one)) },
    { topic: `${app}.region.repartition`, partition, key: one.region, value: moved },
  ];
}
