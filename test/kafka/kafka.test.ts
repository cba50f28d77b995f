/** Flows over a real broker give what one process gives, each output once, whoever dies meanwhile. */
import assert from 'node:assert/strict';
import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { MESSAGE_BYTES_MAX, partitionOf } from '@linnet/connectors/kafka';
import { linnet } from '../run-linnet.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';
import type { Reading } from './flow.ts';
import { clientsOpen, noClientLeft } from './no-client-left.ts';

const FLOW = join(import.meta.dirname, 'flow.ts');
const RECORDS = 20_000;
const START = 1_700_000_000_000;

function reading(i: number): Reading {
  return { sensor: `s${(i * 7) % 50}`, region: `r${i % 7}`, at: START + i * 100, value: i };
}

function inputFile(folder: string, name: string, readings: readonly Reading[]): string {
  const path = join(folder, name);
  writeFileSync(path, readings.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return path;
}

await test('over Kafka', { skip }, async (t) => {
  let kafka: TestKafka;
  let expected: string[];
  before(async () => {
    kafka = await startKafka();
    const input = inputFile(
      kafka.folder,
      'in.jsonl',
      Array.from({ length: RECORDS }, (_, i) => reading(i)),
    );
    expected = await singleProcess(input);
    await load(input, 'readings');
  });
  after(() => kafka.stop());

  await t.test('three processes give what one gives over the file', async () => {
    const run = await linnet(runArguments('three', 'readings', ['--instances', '3']));
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(await outputs('three'), expected);
  });

  await t.test('processes that are killed again and again lose nothing and repeat nothing', async () => {
    const killed = await runThroughKills('killed', 3, 4);
    assert.equal(killed, 4);
    assert.deepEqual(await outputs('killed'), expected);
  });

  await t.test('a second flow beside it has topics and places of its own', async () => {
    const run = await linnet(runArguments('another', 'readings'));
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(await outputs('another'), expected);
    assert.deepEqual(await outputs('three'), expected);
  });

  await t.test(
    'a record on which a step fails goes to the dead letters, its changes of state undone',
    async () => {
      const good = Array.from({ length: 2000 }, (_, i) => reading(i));
      const bad = { ...reading(0), value: -1, at: START + 100_050 };
      const input = inputFile(kafka.folder, 'poison.jsonl', [
        ...good.slice(0, 1000),
        bad,
        ...good.slice(1000),
      ]);
      await load(input, 'poisoned');
      const run = await linnet(runArguments('poison', 'poisoned'));
      assert.equal(run.code, 0, run.stderr);
      const letters = await readTopic(kafka.port, 'poison.dead-letter');
      assert.equal(letters.length, 1);
      const [letter] = letters;
      assert.deepEqual(JSON.parse(Buffer.from(letter?.value ?? []).toString()), bad);
      assert.match(
        Buffer.from(letter?.headers['linnet-error'] ?? []).toString(),
        /step "count" failed.*value -1/,
      );
      assert.equal(Buffer.from(letter?.headers['linnet-topic'] ?? []).toString(), 'poisoned');
      assert.match(Buffer.from(letter?.headers['linnet-offset'] ?? []).toString(), /^\d+$/);
      assert.equal(letter?.partition, partitionOf(Buffer.from(bad.sensor), 3));
      assert.deepEqual(
        await outputs('poison'),
        await singleProcess(inputFile(kafka.folder, 'good.jsonl', good)),
      );
    },
  );

  await t.test(
    'a step that fails on a window’s result ends the run, which takes no record for the culprit and loses none',
    async () => {
      const flow = join(import.meta.dirname, 'behind-flow.ts');
      const place = ['--kafka', kafka.bootstrap, '--topic', 'readings', '--instance', 'm0', '--until-end'];
      const args = ['run', flow, ...place, '--state', join(kafka.folder, 'state')];
      const failed = await linnet(args, { env: { FAILS: 'yes' } });
      assert.equal(failed.code, 1);
      assert.match(
        failed.stderr,
        /step "result" failed at what a keyBy, a window or a join gave.*no r3 here/,
      );
      assert.deepEqual(await readTopic(kafka.port, 'behind.dead-letter'), []);
      const mended = await linnet(args);
      assert.equal(mended.code, 0, mended.stderr);
      const counts = (await outputs('behind')).map((text) => (JSON.parse(text) as { count: number }).count);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        RECORDS,
      );
    },
  );

  await t.test('a value that is no JSON goes to the dead letters', async () => {
    const producer = await kafka.port.producer();
    await load(inputFile(kafka.folder, 'few.jsonl', [reading(1)]), 'broken', []);
    producer.send({ topic: 'broken', partition: 0, key: 'k', value: Buffer.from('{"sensor":') });
    await producer.flush();
    await load(inputFile(kafka.folder, 'more.jsonl', [reading(2)]), 'broken');
    await producer.close();
    const run = await linnet(runArguments('nojson', 'broken'));
    assert.equal(run.code, 0, run.stderr);
    const letters = await readTopic(kafka.port, 'nojson.dead-letter');
    assert.deepEqual(
      letters.map(({ value }) => Buffer.from(value ?? []).toString()),
      ['{"sensor":'],
    );
  });

  await t.test('a topic that does not exist is an error that says what to do', async () => {
    const run = await linnet(runArguments('nowhere', 'missing'));
    assert.equal(run.code, 1);
    assert.match(run.stderr, /topic missing of source "in" does not exist: make it with linnet load/);
  });

  await t.test('topics of another shape are refused with the difference, topic by topic', async () => {
    const admin = await kafka.port.admin();
    const week = 7 * 24 * 3_600_000;
    for (const [topic, partitions, settings] of [
      ['shape.changelog', 5, { 'cleanup.policy': 'delete' }],
      ['shape.region.repartition', 3, { 'retention.ms': '60000' }],
      ['shape.windows', 3, { 'cleanup.policy': 'compact' }],
      ['shape.status', 1, { 'cleanup.policy': 'compact' }],
    ] as const)
      await admin.create({ topic, partitions, settings });
    await admin.close();
    const { code, stderr } = await linnet(runArguments('shape', 'readings'));
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^linnet: topics of "shape" are not as the flow needs them: .*run under another --app\n$/,
    );
    for (const difference of [
      'shape.changelog: partitions wanted 3, is 5',
      'shape.changelog: cleanup.policy wanted compact, is delete',
      `shape.region.repartition: retention.ms wanted ${week} or more, is 60000`,
      'shape.windows: cleanup.policy wanted delete, is compact',
    ])
      assert.ok(stderr.includes(difference), stderr);
    assert.doesNotMatch(stderr, /shape\.status/);
  });

  await t.test(
    'the state of a key may be larger than the broker takes by itself, but not without end',
    async () => {
      const admin = await kafka.port.admin();
      const settings = { 'max.message.bytes': String(MESSAGE_BYTES_MAX) };
      await admin.create({ topic: 'large', partitions: 1, settings });
      await admin.close();
      const transactions = await kafka.port.transactions('large-0', 30_000);
      await transactions.begin();
      const value = new Uint8Array(3_000_000).fill(7);
      assert.ok(transactions.send({ topic: 'large', partition: 0, key: 'k', value }));
      assert.throws(
        () => {
          transactions.send({ topic: 'large', partition: 0, key: 'k', value: new Uint8Array(70_000_000) });
        },
        { code: 'io.refused', message: /70,000,000 bytes to large/ },
      );
      await transactions.drain();
      const reader = await kafka.port.read([]);
      await transactions.commit([], reader);
      await reader.close();
      await transactions.close();
      const [message] = await readTopic(kafka.port, 'large');
      assert.equal(Buffer.compare(message?.value ?? new Uint8Array(), value), 0);
    },
  );

  await t.test('a client that cannot begin is closed before its error is handed on', async () => {
    const assignments = {
      assigned: () => Promise.resolve([]),
      revoked: () => Promise.resolve(),
      lost: () => Promise.resolve(),
    };
    const own = clientsOpen();
    // The broker takes no transaction that may be open for longer than a quarter of an hour; no topic has no name.
    await assert.rejects(kafka.port.transactions('too-long', 3_600_000), { code: 'io.failed' });
    await assert.rejects(kafka.port.join({ group: 'none', topics: [], assignments }), { code: 'io.failed' });
    await noClientLeft(10_000, own);
  });

  function runArguments(app: string, topic: string, more: readonly string[] = []): string[] {
    const state = join(kafka.folder, 'state');
    const place = ['--kafka', kafka.bootstrap, '--app', app, '--topic', topic, '--state', state];
    return ['run', FLOW, ...place, '--until-end', ...more];
  }

  async function load(input: string, topic: string, more = ['--end']): Promise<void> {
    const place = ['--kafka', kafka.bootstrap, '--topic', topic, '--key', 'sensor'];
    const loaded = await linnet(['load', input, ...place, ...more]);
    assert.equal(loaded.code, 0, loaded.stderr);
  }

  async function outputs(app: string): Promise<string[]> {
    const messages = await readTopic(kafka.port, `${app}.windows`);
    return messages.map(({ value }) => Buffer.from(value ?? []).toString()).toSorted();
  }

  async function singleProcess(input: string): Promise<string[]> {
    const recovery = `${input}.recovery`;
    const run = await linnet(['run', FLOW, '--recovery', recovery], { env: { INPUT: input } });
    assert.equal(run.code, 0, run.stderr);
    const read = await linnet(['outputs', '--recovery', recovery, '--sink', 'windows']);
    assert.equal(read.code, 0, read.stderr);
    return read.stdout.trimEnd().split('\n').toSorted();
  }

  /** Runs members until all have come to the end by themselves, and kills one of them now and then. */
  async function runThroughKills(app: string, members: number, kills: number): Promise<number> {
    const running = new Map<number, ChildProcess>();
    const live = async (member: number): Promise<void> => {
      for (;;) {
        const during = (child: ChildProcess) => void running.set(member, child);
        const run = await linnet(runArguments(app, 'readings', ['--instance', `m${member}`]), {
          during,
          input: '',
        });
        running.delete(member);
        if (run.signal !== 'SIGKILL') return assert.equal(run.code, 0, run.stderr);
      }
    };
    const over = Promise.all(Array.from({ length: members }, (_, member) => live(member)));
    let killed = 0;
    while (killed < kills) {
      // Members start, restore and work at their own pace: what a kill meets is chance, and meant to be.
      await wait(500 + ((killed * 617) % 900));
      const child = running.get(killed % members);
      if (child === undefined) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      killed++;
    }
    await over;
    return killed;
  }
});
