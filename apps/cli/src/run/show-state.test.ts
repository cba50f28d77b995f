import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readState } from '@linnet/connectors/recovery';
import { linnet, root } from '../../../../test/run-linnet.ts';
import { readings } from '../../../../test/recovery/readings.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-state-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const flow = 'test/recovery/flow.ts';

/** A run over standard input that is ended after so many readings: its windows stay open. */
async function interrupted(directory: string, count: number): Promise<void> {
  const args = ['--conditions=source', 'apps/cli/src/main.ts', 'run', flow, '--recovery', directory];
  const child = spawn(process.execPath, [...args, '--commit-interval', '1ms'], {
    cwd: root,
    env: { ...process.env, INPUT: '-' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
  });
  // What it has not read when it is killed.
  child.stdin.on('error', () => undefined);
  const lines = readings(count).map((reading) => `${JSON.stringify(reading)}\n`);
  for (const line of lines) child.stdin.write(line);
  const linesIn = () => {
    try {
      return (readState(directory).checkpoint?.offsets['in'] as { lines?: number } | undefined)?.lines ?? 0;
    } catch {
      return 0;
    }
  };
  while (child.exitCode === null && linesIn() < count / 2)
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGKILL');
  await ended;
}

test('linnet state lists epoch, steps, keys, bytes, offsets and the oldest window that is open', async () => {
  const directory = join(folder, 'open');
  await interrupted(directory, 20_000);
  const env = { INPUT: '-' };
  const { code, stdout, stderr } = await linnet(
    ['state', flow, '--recovery', directory, '--output', 'json'],
    { env },
  );
  assert.equal(code, 0, stderr);
  const state = JSON.parse(stdout) as {
    epoch: number;
    offsets: { in: { lines: number } };
    steps: { id: string; kind: string; keys: number; bytes: number; inFlow: boolean }[];
    windows: { step: string; open: number }[];
    oldestWindow: { step: string; key: string; start: string; end: string };
    watermarks: { watermark: string }[];
  };
  assert.ok(state.epoch > 0);
  assert.ok(state.offsets.in.lines >= 10_000);
  assert.deepEqual(
    state.steps.map(({ id, kind, inFlow }) => [id, kind, inFlow]),
    [
      ['detect', 'model', true],
      ['count', 'stateful', true],
      ['sums', 'window', true],
    ],
  );
  assert.equal(state.steps[0]?.keys, 211);
  assert.ok((state.steps[0]?.bytes ?? 0) > 211 * 100);
  // Of windows of 10 minutes the oldest that is open holds the watermark.
  const watermark = Date.parse(state.watermarks[0]?.watermark ?? '');
  const start = Math.floor(watermark / 600_000) * 600_000;
  assert.equal(state.windows[0]?.step, 'sums');
  assert.match(state.oldestWindow.key, /^region \d$/);
  assert.equal(Date.parse(state.oldestWindow.start), start);
  assert.equal(Date.parse(state.oldestWindow.end), start + 600_000);
  const text = (await linnet(['state', flow, '--recovery', directory], { env })).stdout;
  assert.match(text, /^epoch \d+\nstep detect \(model\): 211 keys, [\d,]+ bytes\n/);
  assert.match(text, /\nsource in: read up to \{"bytes":/);
  assert.match(text, /\noldest open window: 2023-11-14T\S+ to \S+ of step sums, key "region \d"\n/);
});
