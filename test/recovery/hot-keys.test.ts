import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-hot-keys-'));
const input = join(folder, 'input.jsonl');
const flow = join(folder, 'flow.ts');

after(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  input,
  Array.from(
    { length: 60_000 },
    (_, i) =>
      `{"sensor":"s${(i * i) % 2003}","time":${1_700_000_000_000 + i * 1000},"value":${(i * i) % 101}}\n`,
  ).join(''),
);
writeFileSync(
  flow,
  `import { flow, halfSpaceTrees, jsonLines, print } from 'linnet';
const limits = { value: [0, 100] as [number, number] };
const detector = halfSpaceTrees({ features: ['value'], limits, trees: 4, height: 3, window: 5, seed: 11 });
export default flow('hot')
  .source('in', jsonLines<{ sensor: string; time: number; value: number }>(process.env['INPUT'] ?? ''))
  .eventTime('time', { at: ({ time }) => time })
  .keyBy('sensor', ({ sensor }) => sensor)
  .model('detect', detector, { ttl: '20m' })
  .stateful('count', {
    initial: () => ({ n: 0 }),
    step: (state, { value, score }) => \`\${value.sensor} \${++state.n} \${score}\`,
  })
  .sink('out', print());
`,
);

interface Outcome {
  readonly stdout: string;
  readonly steps: Record<string, Record<string, number>>;
}

function run(...more: string[]): Outcome {
  const args = ['--conditions=source', 'apps/cli/src/main.ts', 'run', flow, '--output', 'json', ...more];
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 120_000 } as const;
  const done = spawnSync(process.execPath, args, { ...options, env: { ...process.env, INPUT: input } });
  assert.equal(done.status, 0, done.stderr);
  const { steps } = JSON.parse(done.stderr.trim().split('\n').at(-1) ?? '') as Pick<Outcome, 'steps'>;
  return { stdout: done.stdout, steps };
}

test('a run that keeps few keys in memory prints to the byte what one prints that keeps them all', () => {
  const roomy = run();
  assert.equal(roomy.steps['sensor']?.['evicted'], undefined);
  assert.ok((roomy.steps['detect']?.['expired'] as number) > 0);
  const recovery = join(folder, 'recovery');
  for (const more of [
    ['--hot-keys', '100'],
    ['--state-memory', '64KB', '--workers', '2'],
    ['--hot-keys', '300', '--workers', '2', '--recovery', recovery, '--commit-interval', '50ms'],
  ]) {
    const tight = run(...more);
    assert.equal(tight.stdout, roomy.stdout, more.join(' '));
    const { keys, evicted, restored } = tight.steps['sensor'] as Record<string, number>;
    assert.ok((keys as number) < 500 && (evicted as number) > 1000 && (restored as number) > 1000);
  }
  assert.deepEqual(
    readdirSync(recovery).filter((name) => name.includes('spill')),
    [],
    'nothing is left of the keys that were moved out',
  );
});

test('an interrupted run with few keys in memory goes on as if it had not been', () => {
  const roomy = run();
  const recovery = join(folder, 'halves');
  const common = ['--recovery', recovery, '--commit-interval', '20ms', '--hot-keys', '200'];
  const first = run(...common, '--limit', '25000', '--workers', '2');
  const second = run(...common);
  assert.equal(first.stdout + second.stdout, roomy.stdout);
});
