/** The rules that the runtime over Kafka is built by, each named; more of them are in scale-rules-state.test.ts and test/chaos. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { partitionOf, type GroupOptions } from '@linnet/connectors/kafka';
import { decodeMoved } from '../../packages/connectors/src/kafka/repartition.ts';
import { VERSION } from '../../scripts/kafka-tool/broker.ts';
import { cacheFolder } from '../../scripts/kafka-tool/cache.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';
import { LANES, Member, alone, feed, reading, readings, runsEverywhere, windowsOf } from './rules/member.ts';
import { watched } from './rules/watched.ts';

await test('rules of the runtime over Kafka', { skip }, async (t) => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  await t.test(
    'the partitioner is murmur2_random everywhere: the client, the runtime and Java agree',
    async () => {
      const keys = Array.from({ length: 200 }, (_, i) => `sensor-${i * 7919}-ü${'x'.repeat(i % 9)}`);
      const program = join(import.meta.dirname, 'rules', 'Partitions.java');
      const classes = join(cacheFolder(), `broker-${VERSION}`, '*');
      const java = execFileSync('java', ['-cp', classes, program, '7', ...keys], { encoding: 'utf8' });
      const expected = java.trimEnd().split('\n').map(Number);
      assert.deepEqual(
        keys.map((key) => partitionOf(Buffer.from(key), 7)),
        expected,
      );
      const admin = await kafka.port.admin();
      await admin.create({ topic: 'keys', partitions: 7, settings: {} });
      await admin.close();
      const producer = await kafka.port.producer();
      for (const key of keys) producer.send({ topic: 'keys', partition: -1, key, value: Buffer.from(key) });
      await producer.flush();
      await producer.close();
      const chosen = new Map(
        (await readTopic(kafka.port, 'keys')).map(({ key, partition }) => [
          Buffer.from(key ?? []).toString(),
          partition,
        ]),
      );
      assert.deepEqual(
        keys.map((key) => chosen.get(key)),
        expected,
      );
    },
  );

  await t.test(
    'transactional.id is stable per instance, initTransactions comes before subscribe, the time limit is 10 to 30 s',
    async () => {
      await feed(kafka, 'order-in', readings(100));
      const port = watched(kafka.port, (group) => group === 'order');
      for (let life = 0; life < 2; life++) {
        const member = new Member(kafka, 'order', 'order-in', { port });
        await member.until('running', runsEverywhere);
        await member.stop();
      }
      const life = ['transactions order-m0', 'join order as m0'];
      assert.deepEqual(port.calls, [...life, ...life]);
      for (const ms of port.transactionTimeouts) assert.ok(ms >= 10_000 && ms <= 30_000, String(ms));
    },
  );

  await t.test(
    'back pressure: every consume is bounded, and partitions are paused until their lane is restored',
    async () => {
      await feed(kafka, 'pressure-in', readings(12_000));
      const port = watched(kafka.port, (group) => group === 'pressure');
      const early: string[] = [];
      const looking = {
        ...port,
        async join(options: GroupOptions) {
          const consumer = await port.join(options);
          const [poll, resume] = [consumer.poll.bind(consumer), consumer.resume.bind(consumer)];
          const restored = new Set<number>();
          consumer.resume = (partitions) => {
            for (const { partition } of partitions) restored.add(partition);
            resume(partitions);
          };
          consumer.poll = async (max, waitMs) => {
            const polled = await poll(max, waitMs);
            assert.ok(polled.messages.length <= max);
            for (const { partition, topic, offset } of polled.messages)
              if (options.group === 'pressure' && !restored.has(partition))
                early.push(`${topic} ${partition} ${offset}`);
            return polled;
          };
          return consumer;
        },
      };
      const member = new Member(kafka, 'pressure', 'pressure-in', { port: looking });
      await member.caughtUp(12_000);
      await member.stop();
      assert.deepEqual(early, []);
      assert.ok(
        port.pollsMax.length > 0 && port.pollsMax.every((max) => max <= 10_000),
        String(port.pollsMax),
      );
    },
  );

  await t.test('watermark control records go to every repartition partition', async () => {
    const own = reading(0);
    const lane = partitionOf(Buffer.from(own.sensor), LANES);
    await feed(kafka, 'marks-in', [own, { ...own, at: own.at + 60_000 }]);
    const member = new Member(kafka, 'marks', 'marks-in');
    await member.caughtUp(2);
    await member.stop();
    const reached = new Map<number, number>();
    for (const { partition, value } of await readTopic(kafka.port, 'marks.sensor.repartition')) {
      const moved = decodeMoved(value ?? new Uint8Array());
      if ('control' in moved && moved.control.from === lane) reached.set(partition, moved.control.mark);
    }
    const others = [0, 1, 2].filter((partition) => partition !== lane);
    assert.deepEqual([...reached.keys()].toSorted(), others);
    for (const mark of reached.values()) assert.equal(mark, own.at + 60_000 - 10_000);
  });

  await t.test(
    'downstream takes the minimum over the source partitions: one that has said nothing holds windows open',
    async () => {
      const list = readings(3000);
      const laneOf = ({ sensor }: { sensor: string }) => partitionOf(Buffer.from(sensor), LANES);
      const late = list.filter((one) => laneOf(one) === 2);
      await feed(
        kafka,
        'minimum-in',
        list.filter((one) => laneOf(one) !== 2),
      );
      const member = new Member(kafka, 'minimum', 'minimum-in');
      await member.caughtUp(list.length - late.length);
      assert.deepEqual(await windowsOf(kafka, 'minimum'), []);
      await feed(kafka, 'minimum-in', late, true);
      await member.until('ended', ({ lanes }) => lanes.every(({ state }) => state === 'ended'));
      await member.stop();
      assert.deepEqual(await windowsOf(kafka, 'minimum'), await alone(kafka, 'minimum', list));
    },
  );

  await t.test('metrics say what is: lag, watermark lag, commit latency, records, dead letters', async () => {
    const list = readings(3000);
    await feed(kafka, 'figures-in', [...list, { ...reading(3000), value: -1 }]);
    const port = watched(kafka.port, (group) => group === 'figures');
    const member = new Member(kafka, 'figures', 'figures-in', { port });
    const status = await member.caughtUp(list.length);
    const last = Math.max(...list.map(({ at }) => at));
    assert.ok(status.commits > 0 && status.commitMsMax >= status.commitMs && status.commitMs >= 0);
    assert.equal(status.deadLetters, 1);
    for (const { watermarkLagMs, restoreRemaining } of status.lanes) {
      assert.equal(restoreRemaining, 0);
      if (watermarkLagMs === null) continue;
      const behind = status.at - (last - 10_000);
      assert.ok(Math.abs(watermarkLagMs - behind) < 5000, `${watermarkLagMs} of ${behind}`);
    }
    port.held = true;
    await feed(kafka, 'figures-in', readings(777, 3000));
    const stalled = await member.until(
      'behind',
      ({ lanes }) => lanes.reduce((sum, { lag }) => sum + lag, 0) >= 777,
    );
    assert.equal(
      stalled.lanes.reduce((sum, { lag }) => sum + lag, 0),
      777,
    );
    port.held = false;
    await member.caughtUp(list.length + 777);
    await member.stop();
  });
});
