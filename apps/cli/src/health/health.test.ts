import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { LaneStatus, MemberStatus } from '@linnet/connectors/kafka';
import { linnet } from '../../../../test/run-linnet.ts';
import { readAddress } from './address.ts';
import { startFlowHealth } from './flow-health.ts';
import { readinessOf } from './readiness.ts';

const NOW = 1_700_000_000_000;

function status(lanes: readonly Partial<LaneStatus>[], more: Partial<MemberStatus> = {}): MemberStatus {
  return {
    instance: 'm0',
    at: NOW,
    lanes: lanes.map((one, lane) => ({
      lane,
      state: 'running',
      lag: 0,
      watermarkLagMs: null,
      restoreRemaining: 0,
      ...one,
    })),
    recordsPerSecond: 10,
    records: 100,
    deadLetters: 0,
    commits: 5,
    commitMs: 12.5,
    commitMsMax: 40,
    steps: { count: 10 },
    rssBytes: 1,
    ...more,
  };
}

test('a process is ready when it has its place and nothing is left to restore', () => {
  const ready = (one: MemberStatus | undefined, now = NOW) => readinessOf(one, now);
  assert.deepEqual(ready(undefined), { ready: false, why: 'starting: not in the group yet' });
  assert.deepEqual(ready(status([{ state: 'restoring', restoreRemaining: 70 }, {}])), {
    ready: false,
    why: 'restoring 1 lanes, 70 records left',
  });
  assert.equal(ready(status([{}, { state: 'ended' }])).ready, true);
  // More processes than lanes: those that wait are as good as the others.
  assert.deepEqual(ready(status([])), { ready: true, why: 'ready, no lanes to do' });
  assert.deepEqual(ready(status([{}]), NOW + 12_000), {
    ready: false,
    why: 'no sign of the broker for 12 s',
  });
});

test('an address is a port of this machine unless it names a host', () => {
  assert.deepEqual(readAddress('9464'), { host: '127.0.0.1', port: 9464 });
  assert.deepEqual(readAddress('0.0.0.0:1'), { host: '0.0.0.0', port: 1 });
  assert.deepEqual(readAddress('[::1]:80'), { host: '::1', port: 80 });
  for (const bad of ['', 'x', ':80', 'a:b', '70000', 'http://a:1', '::1:80'])
    assert.throws(() => readAddress(bad), { code: 'usage' }, bad);
});

test('it lives at once, is ready when it says so, and hides nothing else', async (t) => {
  const { health, get } = await open(t);
  assert.deepEqual(await get('/live'), [200, 'live\n']);
  assert.deepEqual(await get('/ready'), [503, 'starting: not in the group yet\n']);
  health.take(status([{}], { at: Date.now() }));
  assert.deepEqual(await get('/ready?x=1'), [200, 'ready, 1 lanes\n']);
  assert.equal((await get('/'))[0], 404);
  assert.equal((await get('/live', 'POST'))[0], 405);
});

test('the metrics follow the status, and a process that joined again counts on', async (t) => {
  const { health, get } = await open(t);
  health.take(
    status([
      { lag: 7, watermarkLagMs: 1500 },
      { state: 'restoring', restoreRemaining: 9 },
    ]),
  );
  health.take(status([{ lag: 3, watermarkLagMs: 2500 }], { records: 40, commits: 2, deadLetters: 1 }));
  const lines = (await get('/metrics'))[1].split('\n');
  for (const line of [
    'linnet_lag_records{lane="0"} 3',
    'linnet_watermark_lag_seconds{lane="0"} 2.5',
    'linnet_restore_remaining_records{lane="0"} 0',
    'linnet_lanes{state="running"} 1',
    'linnet_lanes{state="restoring"} 0',
    'linnet_commit_seconds{figure="mean"} 0.0125',
    'linnet_commit_seconds{figure="max"} 0.04',
    'linnet_step_records_per_second{step="count"} 10',
    'linnet_records_total 140',
    'linnet_commits_total 7',
    'linnet_dead_letters_total 1',
  ])
    assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
  // A lane that went elsewhere is not shown for ever.
  assert.ok(!lines.some((line) => line.includes('lane="1"')));
});

test('an address that is taken is an error that names it', async (t) => {
  const { health } = await open(t);
  await assert.rejects(startFlowHealth(health.address), {
    code: 'io.refused',
    message: new RegExp(`--health 127.0.0.1:${health.address.port}: .*EADDRINUSE`),
  });
});

test('linnet health ends with 0 or 1, and says why', async (t) => {
  const { health } = await open(t);
  const address = String(health.address.port);
  const starting = await linnet(['health', address]);
  assert.deepEqual([starting.code, starting.stderr], [1, 'linnet: starting: not in the group yet\n']);
  const alive = await linnet(['health', '--live', address]);
  assert.deepEqual([alive.code, alive.stdout], [0, 'live\n']);
  health.take(status([{}, {}], { at: Date.now() }));
  const ready = await linnet(['health', address]);
  assert.deepEqual([ready.code, ready.stdout], [0, 'ready, 2 lanes\n']);
  health.close();
  const gone = await linnet(['health', address]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /does not answer: .*does it run with --health/);
  assert.equal((await linnet(['health', 'nowhere:x'])).code, 2);
});

async function open(t: TestContext) {
  const health = await startFlowHealth({ host: '127.0.0.1', port: 0 });
  t.after(() => health.close());
  const get = async (path: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${health.address.port}${path}`, { method });
    return [response.status, await response.text()];
  };
  return { health, get };
}
