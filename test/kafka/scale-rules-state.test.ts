/** Rules of the runtime over Kafka that are about its state: changelog, local store, restore, what is undone. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { KafkaFailure, type KafkaConsumer, type KafkaPort, type Position } from '@linnet/connectors/kafka';
import { LocalStore } from '../../packages/connectors/src/kafka/local-store.ts';
import { restore } from '../../packages/connectors/src/kafka/restore.ts';
import { startOf } from '../../packages/connectors/src/kafka/start-of.ts';
import { deleteRecords } from '../chaos/delete-records.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';
import { LANES, Member, alone, feed, readings, runsEverywhere, windowsOf } from './rules/member.ts';
import { watched } from './rules/watched.ts';

await test('rules about the state of the runtime over Kafka', { skip }, async (t) => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  await t.test('only the keys dirtied since the last commit go to the changelog', async () => {
    const list = readings(500);
    await feed(kafka, 'dirty-in', list);
    const member = new Member(kafka, 'dirty', 'dirty-in');
    await member.caughtUp(list.length);
    // Handled is not committed yet: the changelog must have come to rest before the one reading.
    let first = await readTopic(kafka.port, 'dirty.changelog');
    for (let [rests, until] = [0, Date.now() + 60_000]; rests < 5 || first.length <= 50; rests++) {
      assert.ok(Date.now() < until, `${first.length} records of the changelog`);
      await wait(200);
      const { length } = first;
      first = await readTopic(kafka.port, 'dirty.changelog');
      if (first.length !== length) rests = -1;
    }
    const known = first.length;
    const [one] = readings(1, 500);
    await feed(kafka, 'dirty-in', [one as (typeof list)[number]]);
    const end = Date.now() + 60_000;
    while ((await readTopic(kafka.port, 'dirty.changelog')).length === known && Date.now() < end)
      await wait(200);
    await member.stop();
    const fresh = (await readTopic(kafka.port, 'dirty.changelog')).length - known;
    const keys = new Set((await readTopic(kafka.port, 'dirty.changelog')).map(keyOf));
    assert.ok(keys.size > 50, 'fifty sensors and their regions have states');
    const counts = (await readTopic(kafka.port, 'dirty.changelog')).filter(
      (m) => keyOf(m) === `count\0s${one?.sensor}`,
    );
    assert.ok(
      counts.length >= 2,
      `${counts.length} of ${one?.sensor}, ${fresh} fresh; it said ${member.said.join(' | ')}`,
    );
    // The sensor, its region's windows, and watermarks of three lanes; never the other 49 sensors.
    assert.ok(fresh < 20, `${fresh} records for one reading`);
  });

  await t.test('the changelog’s offset is saved atomically with the local store', () => {
    const folder = join(kafka.folder, 'atomic');
    const store = LocalStore.open(folder, 0, 'topic') as LocalStore;
    const bytes = Buffer.from('old');
    store.save([{ id: 'a', bytes }], 5);
    const broken = (function* () {
      yield { id: 'a', bytes: Buffer.from('new') };
      yield { id: 'b', bytes };
      throw new Error('the disk is full');
    })();
    assert.throws(() => store.save(broken, 9), /the disk is full/);
    const held = () => [
      store.offset,
      [...store.states()].map(({ id, bytes: own }) => `${id} ${Buffer.from(own)}`),
    ];
    assert.deepEqual(held(), [5, ['a old']]);
    store.close();
  });

  await t.test('a store without a clean checkpoint is wiped: damaged, or of another changelog', async () => {
    const list = readings(2000);
    await feed(kafka, 'wipe-in', list);
    const first = new Member(kafka, 'wipe', 'wipe-in');
    await first.caughtUp(list.length);
    await first.stop();
    const folder = join(kafka.folder, 'state', 'wipe', 'm0');
    const path = (lane: number) => join(folder, `lane-${lane}.sqlite`);
    const whole = LocalStore.open(folder, 2, await identity('wipe.changelog')) as LocalStore;
    const kept = whole.offset;
    whole.close();
    assert.ok(kept > 0, 'a member that ends leaves a checkpoint');
    writeFileSync(path(0), readFileSync(path(0)).fill(7, 0, 4096));
    const other = LocalStore.open(folder, 1, 'another changelog of that name') as LocalStore;
    assert.deepEqual([other.offset, [...other.states()].length], [0, 0]);
    other.close();
    const port = watched(kafka.port, (group) => group === 'wipe');
    const second = new Member(kafka, 'wipe', 'wipe-in', { port });
    await feed(kafka, 'wipe-in', [], true);
    await second.until(
      'ended',
      ({ lanes }) => lanes.length === LANES && lanes.every(({ state }) => state === 'ended'),
    );
    await second.stop();
    const from = new Map(port.restoredFrom.map(({ partition, offset }) => [partition, offset]));
    assert.deepEqual([from.get(0), from.get(1)], [0, 0]);
    assert.notEqual(from.get(2), 0, 'the whole one is gone on from');
    assert.deepEqual(await windowsOf(kafka, 'wipe'), await alone(kafka, 'wipe', list));
  });

  await t.test(
    'what another wrote to the changelog meanwhile is not saved as if it were in the store',
    async () => {
      const list = readings(500);
      await feed(kafka, 'stale-in', list);
      const at: Position = { topic: 'stale.changelog', partition: 0, offset: 0 };
      let stopping = false;
      let other = -1;
      const port: KafkaPort = {
        ...kafka.port,
        async admin() {
          const own = await kafka.port.admin();
          const ends = own.ends.bind(own);
          own.ends = async (partitions, isolation) => {
            if (!stopping || other >= 0 || partitions[0]?.topic !== at.topic)
              return ends(partitions, isolation);
            other = (await ends([at], 'all'))[0]?.offset ?? 0;
            // Whoever has its name now took its lanes over while it was stopped, between its commit and this question.
            const taker = await kafka.port.transactions('stale-m0', 15_000);
            await taker.begin();
            taker.send({ ...at, key: 'count\0ss0', value: Buffer.from('another') });
            await taker.commit([], await closedReader(kafka.port));
            await taker.close();
            return ends(partitions, isolation);
          };
          return own;
        },
      };
      const member = new Member(kafka, 'stale', 'stale-in', { port });
      await member.caughtUp(list.length);
      const own = await identity(at.topic);
      stopping = true;
      await member.stop();
      const store = LocalStore.open(join(kafka.folder, 'state', 'stale', 'm0'), 0, own) as LocalStore;
      const { offset } = store;
      store.close();
      assert.ok(other > 0);
      assert.ok(
        offset <= other,
        `the store says it has what was written up to ${offset}, another wrote at ${other}`,
      );
    },
  );

  await t.test(
    'fencing throws uncommitted state away, restores, and goes on from what was committed',
    async () => {
      const list = readings(3000);
      await feed(kafka, 'fence-in', list.slice(0, 1500));
      const member = new Member(kafka, 'fence', 'fence-in', { commitMs: 3000 });
      await member.until('at work', ({ records }) => records > 0);
      const intruder = await kafka.port.transactions('fence-m0', 15_000);
      await intruder.close();
      await feed(kafka, 'fence-in', list.slice(1500), true);
      await member.until(
        'ended',
        ({ lanes }) => lanes.length === LANES && lanes.every(({ state }) => state === 'ended'),
      );
      await member.stop();
      assert.ok(
        member.said.some((line) => /fenced|Fatal error/.test(line)),
        member.said.join(' | '),
      );
      assert.deepEqual(await windowsOf(kafka, 'fence'), await alone(kafka, 'fence', list));
    },
  );

  await t.test('an aborted commit is undone and done again, nothing doubled', async () => {
    const list = readings(2000);
    await feed(kafka, 'abort-in', list, true);
    let refused = 0;
    const port: KafkaPort = {
      ...kafka.port,
      async transactions(id, timeoutMs) {
        const own = await kafka.port.transactions(id, timeoutMs);
        const commit = own.commit.bind(own);
        // A consumer that is not in the group any more: the broker refuses its positions, the transaction must be aborted.
        own.commit = async (positions, consumer) => {
          if (refused++ > 0) return commit(positions, consumer);
          throw new KafkaFailure('abort', 'stale member');
        };
        return own;
      },
    };
    const member = new Member(kafka, 'abort', 'abort-in', { port, untilEnd: true });
    await member.over;
    assert.match(member.said.join(), /stale member; undone, done again/);
    assert.deepEqual(await windowsOf(kafka, 'abort'), await alone(kafka, 'abort', list));
  });

  await t.test(
    'the commit is awaited in the revoke callback: who takes over does nothing twice',
    async () => {
      const list = readings(3000);
      await feed(kafka, 'revoke-in', list);
      const first = new Member(kafka, 'revoke', 'revoke-in', { commitMs: 600_000 });
      await first.until('at the end', (status) => runsEverywhere(status) && status.records >= list.length);
      const port = watched(kafka.port, (group) => group === 'revoke');
      const second = new Member(kafka, 'revoke', 'revoke-in', { port, instance: 'm1', commitMs: 600_000 });
      await second.until('at work', ({ lanes }) => lanes.some(({ state }) => state === 'running'));
      const admin = await kafka.port.admin();
      const lanes = second.status?.lanes.map(({ lane }) => lane) ?? [];
      const at = lanes.map((partition) => ({ topic: 'revoke-in', partition }));
      const ends = await admin.ends(at, 'committed');
      assert.deepEqual(sorted((await port.group?.consumer.committed(at)) ?? []), sorted(ends));
      await admin.close();
      await Promise.all([first.stop(), second.stop()]);
    },
  );

  await t.test('on loss everything is discarded: nothing of it is committed', async () => {
    const list = readings(1000);
    await feed(kafka, 'loss-in', list);
    const port = watched(kafka.port, (group) => group === 'loss');
    const member = new Member(kafka, 'loss', 'loss-in', { port, commitMs: 600_000 });
    await member.until('at the end', (status) => runsEverywhere(status) && status.records >= list.length);
    const topics = ['loss-in', 'loss.sensor.repartition', 'loss.region.repartition'];
    const all = topics.flatMap((topic) =>
      Array.from({ length: LANES }, (_, partition) => ({ topic, partition })),
    );
    await port.group?.assignments.lost(all);
    assert.deepEqual(await port.group?.consumer.committed(all), []);
    await member.stop();
    assert.deepEqual(await readTopic(kafka.port, 'loss.changelog'), []);
  });

  await t.test(
    'restore reads up to the partition’s end, with control records and aborted ones as its last',
    async () => {
      const changelog = { topic: 'tail.changelog', partition: 0 };
      const admin = await kafka.port.admin();
      await admin.create({ topic: changelog.topic, partitions: 1, settings: {} });
      const transactions = await kafka.port.transactions('tail', 15_000);
      const put = async (key: string) => {
        await transactions.begin();
        transactions.send({ ...changelog, key, value: Buffer.from(key) });
        await transactions.drain();
      };
      await put('committed');
      const reader = await kafka.port.read([{ ...changelog, offset: 0 }]);
      await transactions.commit([], reader);
      await reader.close();
      await put('aborted');
      await transactions.abort();
      await transactions.close();
      const got: string[] = [];
      const remaining: number[] = [];
      const end = await restore({
        port: kafka.port,
        admin,
        changelog: { ...changelog, offset: 0 },
        cancelled: () => false,
        heldUp: () => Promise.resolve(),
        onRecord: (id) => got.push(id),
        onRemaining: (records) => remaining.push(records),
      });
      const [last] = await admin.ends([changelog], 'all');
      await admin.close();
      assert.deepEqual(got, ['committed']);
      assert.equal(end, last?.offset);
      // What is left behind the one record are control records and aborted ones.
      assert.deepEqual(remaining, [(end ?? 0) - 1]);
      assert.ok((end ?? 0) >= 4, 'two records and two control records');
    },
  );

  await t.test('a committed offset below retention fails loudly', async () => {
    await feed(kafka, 'gone-in', readings(300));
    const admin = await kafka.port.admin();
    const at = { topic: 'gone-in', partition: 1 };
    const consumer = { committed: () => Promise.resolve([{ ...at, offset: 1 }]) };
    assert.deepEqual(
      (await startOf(admin, consumer, [at])).map(({ offset }) => offset),
      [1],
    );
    await deleteRecords(kafka, at.topic, at.partition);
    await assert.rejects(
      startOf(admin, consumer, [at]),
      /partition 1: .* come to offset 1, but the topic begins at \d+: retention deleted \d+ records/,
    );
    await admin.close();
  });

  async function identity(topic: string): Promise<string> {
    const admin = await kafka.port.admin();
    const found = await admin.identity(topic);
    await admin.close();
    return found;
  }
});

function keyOf({ key }: { readonly key: Uint8Array | null }): string {
  return Buffer.from(key ?? []).toString();
}

function sorted(list: readonly Position[]): string[] {
  return list.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`).toSorted();
}

/** A consumer that a commit without positions takes. */
async function closedReader(port: KafkaPort): Promise<KafkaConsumer> {
  const consumer = await port.read([]);
  await consumer.close();
  return consumer;
}
