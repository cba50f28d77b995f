/** Processes that come and go while a flow runs: more of them, fewer, one after the other anew; two versions side by side. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { skip, startKafka, type TestKafka } from './here.ts';
import { LANES, Member, alone, feed, readings, runsEverywhere, windowsOf } from './rules/member.ts';
import { watched } from './rules/watched.ts';

await test('processes that come and go', { skip }, async (t) => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  const shared = (members: readonly Member[]) =>
    Promise.all(
      members.map((member) =>
        member.until(
          'with a share that runs',
          ({ lanes }) => lanes.length > 0 && lanes.every(({ state }) => state === 'running'),
        ),
      ),
    );

  await t.test('processes are added and removed while the flow runs; the result is that of one', async () => {
    const list = readings(6000);
    await feed(kafka, 'moving-in', list.slice(0, 2000));
    const first = new Member(kafka, 'moving', 'moving-in', { instance: 'a' });
    await first.until('alone', runsEverywhere);
    const more = ['b', 'c'].map((instance) => new Member(kafka, 'moving', 'moving-in', { instance }));
    await shared([first, ...more]);
    await feed(kafka, 'moving-in', list.slice(2000, 4000));
    await more[0]?.stop();
    await first.stop();
    await more[1]?.until('left alone', runsEverywhere);
    await feed(kafka, 'moving-in', list.slice(4000), true);
    await more[1]?.until(
      'ended',
      ({ lanes }) => lanes.length === LANES && lanes.every(({ state }) => state === 'ended'),
    );
    await more[1]?.stop();
    assert.deepEqual(await windowsOf(kafka, 'moving'), await alone(kafka, 'moving', list));
  });

  await t.test(
    'a rolling restart under the same names keeps local state: no changelog is read from its beginning',
    async () => {
      const list = readings(4000);
      await feed(kafka, 'rolling-in', list.slice(0, 2000));
      const port = watched(kafka.port, (group) => group === 'rolling');
      const start = (instance: string) => new Member(kafka, 'rolling', 'rolling-in', { port, instance });
      const members = new Map(['a', 'b'].map((name) => [name, start(name)]));
      await shared([...members.values()]);
      const lanes = (name: string) =>
        members
          .get(name)
          ?.status?.lanes.map(({ lane }) => lane)
          .toSorted();
      for (const name of ['a', 'b']) {
        const own = lanes(name);
        await members.get(name)?.stop();
        port.restoredFrom.length = 0;
        members.set(name, start(name));
        await shared([members.get(name) as Member]);
        assert.ok((own?.length ?? 0) > 0);
      }
      const fromZero = port.restoredFrom.filter(({ offset }) => offset === 0);
      await feed(kafka, 'rolling-in', list.slice(2000), true);
      await Promise.all(
        [...members.values()].map((member) =>
          member.until('ended', ({ lanes: all }) => all.every(({ state }) => state === 'ended')),
        ),
      );
      await Promise.all([...members.values()].map((member) => member.stop()));
      assert.deepEqual(fromZero, []);
      assert.deepEqual(await windowsOf(kafka, 'rolling'), await alone(kafka, 'rolling', list));
    },
  );

  await t.test(
    'two versions of a flow read the same topic side by side, each with its own state and outputs',
    async () => {
      const list = readings(2000);
      await feed(kafka, 'both-in', list, true);
      const versions = ['both-v1', 'both-v2'].map(
        (app) => new Member(kafka, app, 'both-in', { untilEnd: true }),
      );
      await Promise.all(versions.map(({ over }) => over));
      const expected = await alone(kafka, 'both', list);
      for (const app of ['both-v1', 'both-v2']) assert.deepEqual(await windowsOf(kafka, app), expected);
    },
  );

  await t.test('a rebalance during a restore: lanes that go elsewhere are restored there', async () => {
    const list = readings(4000);
    await feed(kafka, 'midway-in', list.slice(0, 2000));
    const first = new Member(kafka, 'midway', 'midway-in', { instance: 'a' });
    await first.caughtUp(2000);
    await first.stop();
    rmSync(join(kafka.folder, 'state', 'midway'), { recursive: true });
    // A transaction that nobody ends holds every restore up for as long as the test wants.
    const open = await kafka.port.transactions('midway-open', 60_000);
    await open.begin();
    for (let partition = 0; partition < LANES; partition++)
      open.send({ topic: 'midway.changelog', partition, key: 'count\0ss0', value: Buffer.from('never') });
    await open.drain();
    const members = ['a', 'b'].map((instance) => new Member(kafka, 'midway', 'midway-in', { instance }));
    await Promise.all(
      members.map((member) =>
        member.until(
          'restoring a part',
          ({ lanes }) =>
            lanes.length > 0 && lanes.length < LANES && lanes.every(({ state }) => state === 'restoring'),
        ),
      ),
    );
    await open.abort();
    await open.close();
    await shared(members);
    await feed(kafka, 'midway-in', list.slice(2000), true);
    await Promise.all(
      members.map((member) =>
        member.until('ended', ({ lanes }) => lanes.every(({ state }) => state === 'ended')),
      ),
    );
    await Promise.all(members.map((member) => member.stop()));
    assert.deepEqual(await windowsOf(kafka, 'midway'), await alone(kafka, 'midway', list));
  });
});
