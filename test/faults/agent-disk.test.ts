/** The agent's log on real disks: one that is full, one that fails. The policy is applied, the counts are exact, and no hand is needed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { agent, type AgentStats, type OnFull } from '@linnet/agent';
import { readFleet, serve } from '@linnet/server';
import { freePort } from '../../packages/agent/test/brokers.ts';
import { compile, needsRoot, smallDisk } from './tools.ts';

const MAIN = join(import.meta.dirname, '../../packages/agent/src/command/main.ts');
const NOBODY = 'mqtt://127.0.0.1:1';
const folder = mkdtempSync(join(tmpdir(), 'linnet-agent-disk-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const readings = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    n,
    text: 'as long as what a sensor says of the weather, more or less',
  }));
/** Lets the group that is being written go on. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
const lost = ({ dropped }: AgentStats) => Object.values(dropped).reduce((sum, count) => sum + count, 0);

for (const onFull of ['drop-oldest', 'drop-newest', 'block'] as const satisfies readonly OnFull[]) {
  test(
    `a file system of 1 MB, full: ${onFull}, counted exactly, and all goes on once the server is there`,
    needsRoot,
    async () => {
      const disk = smallDisk('tmpfs', join(folder, onFull), 1);
      const port = await freePort();
      const buffer = join(disk.path, 'buffer');
      const data = join(folder, `data-${onFull}`);
      try {
        const a = await agent({ id: 'k-1', broker: `mqtt://127.0.0.1:${port}`, buffer, onFull });
        const answers = readings(20_000).map((reading) => a.record(reading));
        if (onFull === 'block') while (a.stats().pending === 0 || a.stats().diskErrors === 0) await turn();
        else await Promise.all(answers);
        const full = a.stats();
        if (onFull === 'drop-oldest') {
          assert.deepEqual([full.recorded, full.dropped.evicted + full.pending], [20_000, 20_000]);
        }
        if (onFull === 'drop-newest') assert.equal(full.recorded + full.dropped.noSpace, 20_000);
        if (onFull !== 'block') assert.ok(lost(full) > 5000, JSON.stringify(full));
        const server = await serve({ data, mqtt: { port } });
        const taken = (await Promise.all(answers)).filter(Boolean).length;
        assert.ok(await a.record({ n: 20_000 }), 'there is room again');
        assert.ok(await a.drained(60_000), JSON.stringify(a.stats()));
        const end = a.stats();
        assert.equal(taken, onFull === 'drop-newest' ? full.recorded : 20_000);
        assert.equal(end.acked, end.recorded - end.dropped.evicted);
        if (onFull === 'block') assert.equal(lost(end), 0);
        await a.close();
        await server.close();
        const [device] = readFleet(data);
        assert.equal(device?.stored, end.acked);
      } finally {
        disk.unmount();
      }
    },
  );
}

test('a disk that fails: a sync once, writes for a while, and for good', async () => {
  const shim = compile('shim', folder, '-shared', '-fPIC');
  const count = 4000;
  const lines = readings(count).map((reading) => `${JSON.stringify(reading)}\n`);
  const run = async (fault: string, onFull: OnFull): Promise<AgentStats> => {
    const buffer = join(folder, `buffer-${fault.replaceAll(':', '-')}`);
    const args = [
      '--id',
      'k-1',
      '--broker',
      NOBODY,
      '--buffer',
      buffer,
      '--on-full',
      onFull,
      '--wait',
      '1ms',
      '--stats',
    ];
    const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
      env: { ...process.env, LD_PRELOAD: shim, FAULT_PATH: buffer, FAULT: fault },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    for (const line of lines) if (!child.stdin.write(line)) await once(child.stdin, 'drain');
    child.stdin.end();
    await once(child, 'close');
    const stats = JSON.parse(printed.trim().split('\n').at(-1) as string) as AgentStats;
    const again = await agent({ id: 'k-1', broker: NOBODY, buffer });
    assert.equal(again.stats().recovered, stats.pending, `${fault}: a restart finds what is pending`);
    await again.close();
    return stats;
  };
  const sync = await run('sync:5:4:1', 'drop-oldest');
  assert.deepEqual(
    [sync.recorded, lost(sync)],
    [count, 0],
    'what failed to sync is written once more, elsewhere',
  );
  const some = await run('write:5:2:4', 'drop-newest');
  assert.equal(some.recorded + some.dropped.io, count);
  assert.ok(some.dropped.io > 0 && some.recorded > 0, JSON.stringify(some));
  const waits = await run('write:5:2:4', 'block');
  assert.deepEqual([waits.recorded, lost(waits)], [count, 0], 'block waits until the disk works again');
  const never = await run('write:28:1:0', 'drop-newest');
  assert.deepEqual([never.recorded, never.dropped.noSpace, never.pending], [0, count, 0]);
});

test('block with standard input: a full buffer makes the writer wait, and nothing is lost', async () => {
  const port = await freePort();
  const data = join(folder, 'data-stdin');
  const args = [
    '--id',
    'k-1',
    '--broker',
    `mqtt://127.0.0.1:${port}`,
    '--buffer',
    join(folder, 'buffer-stdin'),
  ];
  const full = ['--max-bytes', '64KB', '--on-full', 'block', '--wait', '60s'];
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args, ...full], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const lines = readings(20_000).map((reading) => `${JSON.stringify(reading)}\n`);
  const written = new Promise<void>((resolve) => child.stdin.end(lines.join(''), () => resolve()));
  const early = await Promise.race([written.then(() => true), once(child.stderr, 'data').then(() => false)]);
  assert.equal(early, false, 'two megabytes do not fit into a buffer of 64 kB');
  const server = await serve({ data, mqtt: { port } });
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0, said);
  assert.match(said, /recorded 20000, sent \d+, acked 20000, pending 0, dropped 0/);
  await server.close();
  assert.equal(readFleet(data)[0]?.stored, 20_000);
});
