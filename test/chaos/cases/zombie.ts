import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { readTopic } from '../../kafka/here.ts';
import { LANES, type World } from '../world.ts';

/** Longer than the broker's session timeout, which is 6 s here. */
const STOPPED_MS = 10_000;
/** Many times the interval between two commits: what is open for so long belongs to the process that is stopped. */
const STUCK_MS = 1000;
const TRIES_MAX = 30;
const SINK = 'tenths';

/** Records of an output partition in a transaction that is open; only the process that has the lane writes there. */
interface InFlight {
  readonly partition: number;
  readonly first: number;
  readonly end: number;
}

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
    const inFlight: InFlight[] = [];
    for (let done = 0; done < times; done++) {
      const name = `m${done % 2}`;
      const before = fleet.said.length;
      inFlight.push(...(await stopInTransaction(world, app, (signal) => fleet.signal(name, signal))));
      await wait(STOPPED_MS);
      // It was declared dead: the other has all lanes.
      await world.running(app, 1);
      const resumed = Date.now();
      fleet.signal(name, 'SIGCONT');
      // It finds out when it commits, or asks the group: the broker knows neither its epoch nor its membership.
      await fleet.heard(
        new RegExp(`^${name}: .*(fenced|epoch|unknown member|Fatal error)`, 'i'),
        before,
        60_000,
      );
      await world.running(app, 2);
      await world.committing(app, name, resumed);
    }
    over = true;
    await feeding;
    await feeder.end();
    await fleet.ended();
    const got = await readTopic(world.kafka.port, `${app}.${SINK}`);
    const leaked = got.filter(({ partition, offset }) =>
      inFlight.some((one) => one.partition === partition && offset >= one.first && offset < one.end),
    );
    const records = inFlight.reduce((sum, { first, end }) => sum + end - first, 0);
    expect(
      leaked.length === 0,
      `${leaked.length} of ${records} records that the zombie wrote are in the output`,
    );
    const what = `${times} times ${STOPPED_MS / 1000} s, fenced and back each time, 0 of its ${records} open writes came out`;
    return { what, ...(await world.judge(app, feeder.fed)) };
  },
};

/** Stops a process, and lets it go on as long as it was stopped with nothing open. */
async function stopInTransaction(
  world: World,
  app: string,
  send: (signal: NodeJS.Signals) => void,
): Promise<InFlight[]> {
  const admin = await world.kafka.port.admin();
  const partitions = Array.from({ length: LANES }, (_, partition) => ({
    topic: `${app}.${SINK}`,
    partition,
  }));
  const open = async (): Promise<InFlight[]> => {
    const committed = await admin.ends(partitions, 'committed');
    return (await admin.ends(partitions, 'all')).flatMap(({ partition, offset: end }) => {
      const first = committed.find((one) => one.partition === partition)?.offset ?? end;
      return first < end ? [{ partition, first, end }] : [];
    });
  };
  try {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      await wait(world.random() * 300);
      send('SIGSTOP');
      const before = await open();
      if (before.length > 0) {
        await wait(STUCK_MS);
        const after = await open();
        const stuck = before.filter((one) =>
          after.some(({ partition, first }) => partition === one.partition && first === one.first),
        );
        if (stuck.length > 0) return stuck;
      }
      send('SIGCONT');
    }
  } finally {
    await admin.close();
  }
  throw new Error(`a process was stopped ${TRIES_MAX} times and never in a transaction`);
}
