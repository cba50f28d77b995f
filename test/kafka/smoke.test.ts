/** The smoke example end to end: load, three processes, and what comes out is what one process gives. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { linnet } from '../run-linnet.ts';
import { partitionOf } from '@linnet/connectors/kafka';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';

const FLOW = 'examples/smoke/flow.ts';
const TOPIC_FLOW = join(import.meta.dirname, 'topic-flow.ts');

await test('the smoke example over Kafka', { skip }, async (t) => {
  let kafka: TestKafka;
  let input: string;
  let expected: string[];
  before(async () => {
    kafka = await startKafka();
    input = join(kafka.folder, 'air.csv');
    await succeed(['simulate', 'air', '--sensors', '12', '--days', '30', '--seed', '1', '--out', input]);
    const place = ['--kafka', kafka.bootstrap, '--topic', 'sensor_data', '--partitions', '3'];
    const loaded = await succeed(['load', input, ...place, '--key', 'sensor', '--end']);
    assert.match(loaded.stderr, /records into sensor_data \(3 partitions\)/);
  });
  after(() => kafka.stop());

  await t.test('three processes give the verdicts of one, and print each alert once', async () => {
    const recovery = join(kafka.folder, 'recovery');
    const alone = await succeed(['run', FLOW, '--recovery', recovery], { INPUT: input });
    const kept = await succeed(['outputs', '--recovery', recovery, '--sink', 'verdicts']);
    const state = join(kafka.folder, 'state');
    const place = ['--kafka', kafka.bootstrap, '--app', 'smoke', '--topic', 'sensor_data', '--state', state];
    const shared = await succeed(['run', FLOW, ...place, '--instances', '3', '--until-end']);
    const read = await succeed([
      'outputs',
      '--kafka',
      kafka.bootstrap,
      '--app',
      'smoke',
      '--sink',
      'verdicts',
    ]);
    expected = sorted(kept.stdout);
    assert.ok(expected.length > 5, kept.stdout);
    assert.deepEqual(sorted(read.stdout), expected);
    assert.deepEqual(sorted(shared.stdout), sorted(alone.stdout));
  });

  await t.test(
    'a flow whose source is a topic runs with `linnet run FLOW` alone, its sink a topic',
    async () => {
      const place = ['--state', join(kafka.folder, 'state'), '--instances', '2', '--until-end'];
      await succeed(['run', TOPIC_FLOW, ...place], { BROKERS: kafka.bootstrap });
      const app = ['--kafka', kafka.bootstrap, '--app', 'smoke-topic', '--sink', 'verdicts'];
      assert.deepEqual(sorted((await succeed(['outputs', ...app])).stdout), expected);
      const messages = await readTopic(kafka.port, 'verdicts');
      const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();
      assert.deepEqual(messages.map(({ value }) => text(value)).toSorted(), expected);
      for (const { key, value, timestamp, headers, partition } of messages) {
        const { region, min_event: start } = JSON.parse(text(value)) as Record<string, string>;
        assert.equal(text(key), region);
        assert.equal(partition, partitionOf(Buffer.from(region as string), 3));
        assert.equal(timestamp, Date.parse(start as string));
        assert.deepEqual([text(headers['region']), text(headers['source'])], [region, 'smoke']);
      }
    },
  );

  await t.test('the same flow without brokers says how to name them', async () => {
    const { code, stderr } = await linnet(['run', TOPIC_FLOW]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /reads the topic sensor_data: say where Kafka is with --kafka HOST:PORT, or with brokers/,
    );
  });

  await t.test('outputs of a sink that is not there is an error that names it', async () => {
    const { code, stderr } = await linnet([
      'outputs',
      '--kafka',
      kafka.bootstrap,
      '--app',
      'smoke',
      '--sink',
      'no',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /topic smoke\.no does not exist: .*has no sink "no"/);
  });

  await t.test('outputs without a place, or without a sink, is a matter of usage', async () => {
    for (const args of [['outputs'], ['outputs', '--kafka', kafka.bootstrap, '--app', 'smoke']])
      assert.equal((await linnet(args)).code, 2);
  });
});

async function succeed(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const run = await linnet(args, { env });
  assert.equal(run.code, 0, run.stderr);
  return run;
}

function sorted(text: string): string[] {
  return text.trimEnd().split('\n').toSorted();
}
