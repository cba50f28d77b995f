/** Joins and states that expire over a real broker: what several processes give is what one gives over the files. */
import assert from 'node:assert/strict';
import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { linnet, type RunOptions } from '../run-linnet.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';
import type { Calibration, Reading } from './joins-flow.ts';

const FLOW = join(import.meta.dirname, 'joins-flow.ts');
const SINKS = ['inner', 'left', 'tumbling', 'sliding', 'session', 'as-of'].map((kind) => `${kind}-pairs`);
const START = 1_700_000_000_000;
const SENSORS = 40;

/** Each sensor is silent for 40 s now and then; stamps go up and down by less than the lateness. */
function readings(): Reading[] {
  return Array.from({ length: 4000 }, (_, i) => ({
    sensor: `s${((i * 7) % SENSORS) * 13}`,
    at: START + i * 150 + ((i * 7919) % 9000),
    value: i,
  })).filter(({ sensor, at }) => (at / 1000 + Number(sensor.slice(1))) % 200 > 40);
}

function calibrations(): Calibration[] {
  return Array.from({ length: 900 }, (_, i) => {
    const sensor = `s${((i * 11) % SENSORS) * 13}`;
    return { id: `c${i}`, sensor, at: START + i * 650 + ((i * 31) % 5000), factor: 1 + (i % 5) };
  });
}

await test('joins and expiry over Kafka', { skip }, async (t) => {
  let kafka: TestKafka;
  let files: { READINGS: string; CALIBRATIONS: string };
  const expected = new Map<string, string[]>();
  before(async () => {
    kafka = await startKafka();
    files = { READINGS: file('readings.jsonl', readings()), CALIBRATIONS: file('cal.jsonl', calibrations()) };
    const recovery = join(kafka.folder, 'recovery');
    await succeed(['run', FLOW, '--recovery', recovery], { env: files });
    for (const sink of [...SINKS, 'halls', 'counts']) {
      const { stdout } = await succeed(['outputs', '--recovery', recovery, '--sink', sink]);
      expected.set(sink, stdout.trimEnd().split('\n').toSorted());
    }
    await load(files.READINGS, 'readings', 'sensor');
    await load(files.CALIBRATIONS, 'calibrations', 'id');
  });
  after(() => kafka.stop());

  await t.test(
    'each kind of join gives several processes what it gives one, though one is killed',
    async () => {
      let killed = false;
      const live = async (
        instance: string,
        during?: (child: ChildProcess) => Promise<void>,
      ): Promise<void> => {
        const args = arguments_('joined', ['--instance', instance]);
        const run = await linnet(args, during === undefined ? {} : { during, input: '' });
        if (run.signal === 'SIGKILL') return live(instance);
        assert.equal(run.code, 0, run.stderr);
      };
      const kill = async (child: ChildProcess) => {
        const gone = once(child, 'exit');
        // Behind a commit there is something to restore.
        while (child.exitCode === null && (await endOf('joined.changelog')) === 0) await wait(20);
        killed = child.kill('SIGKILL');
        await gone;
      };
      await Promise.all([live('a', kill), live('b')]);
      assert.ok(killed);
      for (const sink of SINKS) {
        assert.ok((expected.get(sink)?.length ?? 0) > 100, `${sink} has pairs`);
        assert.deepEqual(await given('joined', sink), expected.get(sink), sink);
      }
      assert.deepEqual(await given('joined', 'halls'), expected.get('halls'));
    },
  );

  await t.test('a state with a ttl expires as it does in one process', async () => {
    const counts = expected.get('counts') ?? [];
    const last = Math.max(...counts.map((line) => (JSON.parse(line) as { n: number }).n));
    assert.ok(last < 60, `no sensor is counted through its silence: ${last}`);
    assert.deepEqual(await given('joined', 'counts'), counts);
  });

  async function endOf(topic: string): Promise<number> {
    const admin = await kafka.port.admin();
    const partitions = (await admin.partitions([topic])).get(topic) ?? 0;
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const ends = await admin.ends(all, 'committed');
    await admin.close();
    return ends.reduce((sum, { offset }) => sum + offset, 0);
  }

  function file(name: string, list: readonly object[]): string {
    const path = join(kafka.folder, name);
    writeFileSync(path, list.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return path;
  }

  function arguments_(app: string, more: readonly string[] = []): string[] {
    const state = join(kafka.folder, 'state');
    return ['run', FLOW, '--kafka', kafka.bootstrap, '--app', app, '--state', state, '--until-end', ...more];
  }

  async function load(path: string, topic: string, key: string): Promise<void> {
    await succeed(['load', path, '--kafka', kafka.bootstrap, '--topic', topic, '--key', key, '--end']);
  }

  async function given(app: string, sink: string): Promise<string[]> {
    const messages = await readTopic(kafka.port, `${app}.${sink}`);
    return messages.map(({ value }) => Buffer.from(value ?? []).toString()).toSorted();
  }
});

async function succeed(args: readonly string[], options: RunOptions = {}) {
  const run = await linnet(args, options);
  assert.equal(run.code, 0, run.stderr);
  return run;
}
