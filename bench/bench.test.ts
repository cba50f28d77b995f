import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { asData } from './report.ts';
import { figureOf, type Scenario } from './scenario.ts';

const bench = (env: Record<string, string>, ...args: string[]) =>
  spawnSync(process.execPath, ['--conditions=source', join(import.meta.dirname, 'main.ts'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

const scenario = (unit: string, target: Scenario['target']): Scenario => ({
  id: 'any',
  unit,
  ...(target !== undefined && { target }),
  prepare: () => () => 0,
});

test('a figure is the median of its rounds, between the least and the greatest', () => {
  assert.deepEqual(figureOf([3, 1, 2]), { median: 2, min: 1, max: 3, rounds: 3 });
  assert.deepEqual(figureOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4, rounds: 4 });
  assert.throws(() => figureOf([1, NaN]));
});

test('a ratio above 1 is better than the target and the peer, for times as for rates', () => {
  const peer = { name: 'peer', figure: figureOf([4]), recorded: false };
  const seconds = { scenario: scenario('s', 1), own: figureOf([2]), peer };
  assert.deepEqual(pickRatios(asData(seconds)), { toTarget: 0.5, met: false, toPeer: 2 });
  const rate = { scenario: scenario('events/s', { timesPeer: 0.4 }), own: figureOf([2]), peer };
  assert.deepEqual(pickRatios(asData(rate)), { toTarget: 1.25, met: true, toPeer: 0.5 });
});

test('a scenario measured from the command line is one line of JSON with the recorded peer', () => {
  const { stdout, status } = bench({}, '--json', '--rounds', '2', 'hst-4-3-50-one-key');
  assert.equal(status, 0);
  const line = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([line['id'], line['rounds'], line['unit']], ['hst-4-3-50-one-key', 2, 'events/s']);
  assert.deepEqual((line['peer'] as Record<string, unknown>)['recorded'], true);
});

test('a pattern that no id holds, and an unknown option, are usage errors', () => {
  for (const args of [['no-such-scenario'], ['--no-such-option'], ['--rounds', '0']]) {
    const { stdout, stderr, status } = bench({}, ...args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^bench: .+\nusage: npm run bench/);
  }
});

test('without Python --peers says what it needs', () => {
  const { stderr, status } = bench(
    { PATH: '', XDG_CACHE_HOME: join(import.meta.dirname, 'no-such-folder') },
    '--peers',
    '--rounds',
    '1',
    'hst-4-3-50-one-key',
  );
  assert.equal(status, 1);
  assert.match(stderr, /needs Python 3 on the PATH/);
});

function pickRatios(data: object): object {
  const { toTarget, met, toPeer } = data as Record<string, unknown>;
  return { toTarget, met, toPeer };
}
