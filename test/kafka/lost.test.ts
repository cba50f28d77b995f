/** States without their positions, and positions without their states: the run notices, says what to do, and touches nothing. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { linnet } from '../run-linnet.ts';
import { readTopic, skip, startKafka, type TestKafka } from './here.ts';
import { nativeAdmin } from './native-admin.ts';
import { FLOW, Member, alone, feed, readings, runsEverywhere, windowsOf } from './rules/member.ts';

await test('what belongs together and is lost in part', { skip, concurrency: 2 }, async (t) => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  const deleteTopic = (topic: string) =>
    nativeAdmin(kafka, 'delete topic', (admin, done) => admin.deleteTopic(topic, 10_000, done));

  const between = t.test('a changelog that was deleted between two runs ends the next with 1', async () => {
    await feed(kafka, 'lost-in', readings(2000));
    const member = new Member(kafka, 'lost', 'lost-in');
    await member.caughtUp(2000);
    await member.stop();
    await deleteTopic('lost.changelog');
    const given = await windowsOf(kafka, 'lost');
    const args = ['--kafka', kafka.bootstrap, '--app', 'lost', '--topic', 'lost-in', '--instance', 'm0'];
    const run = await linnet(['run', FLOW, ...args, '--state', join(kafka.folder, 'state')]);
    assert.equal(run.code, 1, run.stderr);
    assert.match(
      run.stderr,
      /\nlinnet: topic lost\.changelog was deleted or made anew .*its states are gone.*another --app.*\n$/,
    );
    assert.deepEqual(await windowsOf(kafka, 'lost'), given);
    assert.ok(existsSync(join(kafka.folder, 'state', 'lost', 'm0', 'lane-0.sqlite')));
  });

  const under = t.test('a changelog that is deleted under a running process ends it', async () => {
    await feed(kafka, 'under-in', readings(2000));
    const member = new Member(kafka, 'under', 'under-in');
    await member.caughtUp(2000);
    await deleteTopic('under.changelog');
    await feed(kafka, 'under-in', readings(2000, 2000));
    await assert.rejects(member.over, /topic under\.changelog was deleted or made anew/);
  });

  const forgotten = t.test(
    'a group whose positions are gone does not read its input into the states again',
    async () => {
      await feed(kafka, 'forgot-in', readings(2000));
      const member = new Member(kafka, 'forgot', 'forgot-in', { instance: 'm0' });
      await member.until('running', runsEverywhere);
      await member.caughtUp(2000);
      await member.stop();
      // The broker keeps the place of a static member that ended until its session is over.
      const end = Date.now() + 60_000;
      for (let error: unknown = 'not asked'; error !== undefined; await wait(200)) {
        assert.ok(Date.now() < end, `${(error as Error).message ?? error}`);
        const [report] = await nativeAdmin<readonly { error?: Error }[]>(
          kafka,
          'delete group',
          (admin, done) => admin.deleteGroups(['forgot'], { timeout: 10_000 }, done),
        );
        error = report?.error;
      }
      const again = new Member(kafka, 'forgot', 'forgot-in');
      await assert.rejects(
        again.over,
        /group has no positions .*forgot\.changelog has states.*another --app/,
      );
    },
  );

  const cold = t.test(
    'keys that do not fit into --state-memory or --hot-keys go to a file, and change nothing',
    async () => {
      const list = readings(6000);
      await feed(kafka, 'cold-in', list.slice(0, 3000));
      const { Spill } = await import('@linnet/connectors/runtime');
      let opened = 0;
      const open = () => {
        opened++;
        return new Spill(kafka.folder);
      };
      const first = new Member(kafka, 'cold', 'cold-in', { hot: { stateBytes: 2 ** 30, keysMax: 9, open } });
      await first.caughtUp(3000);
      await first.stop();
      assert.equal(opened, 3, 'a file each lane');
      await feed(kafka, 'cold-in', list.slice(3000), true);
      const second = new Member(kafka, 'cold', 'cold-in', {
        hot: { stateBytes: 5000, open },
        untilEnd: true,
      });
      await second.over;
      assert.ok(opened > 3);
      assert.deepEqual(await windowsOf(kafka, 'cold'), await alone(kafka, 'cold', list));
      const keys = new Set((await readTopic(kafka.port, 'cold.changelog')).map(({ key }) => String(key)));
      assert.ok(keys.size > 50);
    },
  );
  await Promise.all([between, under, forgotten, cold]);
});
