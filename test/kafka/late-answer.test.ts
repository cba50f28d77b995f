import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaFailure, type KafkaPort } from '@linnet/connectors/kafka';
import { skip, startKafka } from './here.ts';
import { LANES, Member, alone, feed, readings, windowsOf } from './rules/member.ts';
import { END_TRANSACTION, slowLink } from './slow-link.ts';

/** A call to commit waits as long as this; the broker ends no transaction by itself meanwhile. */
const TRANSACTION_MS = 2000;

test('a commit that is not answered in time is waited for, and done once', { skip }, async (t) => {
  const link = await slowLink();
  const kafka = await startKafka(() => (own) => {
    link.brokerPort = Number(/PLAINTEXT:\/\/127\.0\.0\.1:(\d+)/.exec(own['listeners'] ?? '')?.[1]);
    return {
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${link.port}`,
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '600000',
    };
  });
  t.after(() => kafka.stop());
  t.after(() => link.close());
  const list = readings(2000);
  await feed(kafka, 'late-in', list.slice(0, 1000));
  const late: string[] = [];
  const port: KafkaPort = {
    ...kafka.port,
    async transactions(id) {
      const own = await kafka.port.transactions(id, TRANSACTION_MS);
      const commit = own.commit.bind(own);
      own.commit = (positions, consumer) =>
        commit(positions, consumer).catch((error: unknown) => {
          if (error instanceof KafkaFailure) late.push(`${error.kind} ${error.message}`);
          link.release();
          throw error;
        });
      return own;
    },
  };
  const member = new Member(kafka, 'late', 'late-in', { port });
  await member.caughtUp(1000);
  link.hold(END_TRANSACTION);
  await feed(kafka, 'late-in', list.slice(1000), true);
  await member.until(
    'ended',
    ({ lanes }) => lanes.length === LANES && lanes.every(({ state }) => state === 'ended'),
  );
  await member.stop();
  assert.match(late[0] ?? '', /^retry commitTransaction: /);
  assert.equal(late.length, 1, late.slice(0, 3).join(' | '));
  assert.deepEqual(member.said, []);
  assert.deepEqual(await windowsOf(kafka, 'late'), await alone(kafka, 'late', list));
});
