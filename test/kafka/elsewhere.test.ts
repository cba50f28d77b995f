/** A topic of another cluster as a sink: two real brokers, one of them away for a while. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { partitionOf, type KafkaMessage } from '@linnet/connectors/kafka';
import { linnet } from '../run-linnet.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';
import { LANES, feed, readings } from './rules/member.ts';

const FLOW = join(import.meta.dirname, 'elsewhere-flow.ts');

await test('a sink on another cluster', { skip }, async (t) => {
  let [near, far]: TestKafka[] = [];
  before(async () => {
    [near, far] = await Promise.all([startKafka(), startKafka()]);
    await feed(here(near), 'in', readings(3000), true);
  });
  after(() => Promise.all([near?.stop(), far?.stop()]));

  await t.test('a cluster that is away keeps nothing else from going on; what waits is told', async () => {
    await here(far).kill();
    const { code, stderr } = await run();
    assert.equal(code, 1);
    assert.match(
      stderr,
      /sink "far": topic thirds at \S+ is not in the transactions of this run: .*after their commit, each at least once/,
    );
    assert.doesNotMatch(stderr, /sink "near"/);
    assert.match(stderr, /sink "far": Kafka at \S+: no broker answers.*trying again every second/);
    assert.equal((await readTopic(here(near).port, 'thirds')).length, 1000);
  });

  await t.test(
    'it gets every record when it is back, with the key, the stamp and the partition of its own',
    async () => {
      await here(far).restart();
      const { code, stderr } = await run();
      assert.equal(code, 0, stderr);
      const [own, other] = [
        await readTopic(here(near).port, 'thirds'),
        await readTopic(here(far).port, 'thirds'),
      ];
      const once = new Map(other.map((message) => [text(message.headers['linnet-id']), message]));
      assert.deepEqual(plain([...once.values()]), plain(own));
      for (const { key, partition } of once.values())
        assert.equal(partition, partitionOf(key ?? new Uint8Array(), LANES));
      for (const id of once.keys()) assert.match(id, /^elsewhere\.far\/[0-2]\/\d+$/);
    },
  );

  await t.test('linnet outputs follows a sink to its topic, and says where it cannot', async () => {
    const args = ['outputs', '--kafka', here(near).bootstrap, '--app', 'elsewhere', '--sink'];
    const own = await linnet([...args, 'near']);
    assert.equal(own.code, 0, own.stderr);
    const values = (await readTopic(here(near).port, 'thirds')).map(({ value }) => text(value));
    assert.deepEqual(own.stdout.trimEnd().split('\n').toSorted(), values.toSorted());
    // What was committed for the other cluster is kept here, too.
    const outbox = await linnet([...args, 'far']);
    assert.deepEqual(outbox.stdout.trimEnd().split('\n').toSorted(), values.toSorted());
  });

  function run() {
    const place = [
      '--kafka',
      here(near).bootstrap,
      '--topic',
      'in',
      '--state',
      join(here(near).folder, 'state'),
    ];
    return linnet(['run', FLOW, ...place, '--instance', 'm0', '--until-end'], {
      env: { ELSEWHERE: here(far).bootstrap },
    });
  }
});

function here(kafka: TestKafka | undefined): TestKafka {
  assert.ok(kafka);
  return kafka;
}

function plain(messages: readonly KafkaMessage[]): string[] {
  return messages.map(({ key, value, timestamp }) => `${text(key)} ${text(value)} ${timestamp}`).toSorted();
}

function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
