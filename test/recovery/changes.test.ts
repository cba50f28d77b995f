import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'linnet-changes-'));
const flow = join(folder, 'flow.ts');
const input = join(folder, 'input.jsonl');
const stored = join(folder, 'stored');

after(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  input,
  Array.from({ length: 300 }, (_, i) => `{"sensor":"s${i % 7}","value":${i % 50}}\n`).join(''),
);
writeFileSync(
  flow,
  `import { flow, halfSpaceTrees, jsonLines, print, statisticImputer } from 'linnet';
const { SOURCE = 'in', COUNT = 'count', MODEL = 'detect', WINDOW = '50', OTHER = '' } = process.env;
const detector = halfSpaceTrees({
  features: ['value'], limits: { value: [0, 100] }, trees: 4, height: 3, window: Number(WINDOW), seed: 11,
});
const keyed = flow('changing')
  .source(SOURCE, jsonLines<{ sensor: string; value: number }>(process.env['INPUT'] ?? ''))
  .keyBy('sensor', ({ sensor }) => sensor)
  .model(MODEL, detector);
const functions = {
  initial: () => ({ n: 0 }),
  step: (state: { n: number }, item: { ready: boolean }) => \`\${++state.n} \${item.ready}\`,
};
const counted = COUNT === '' ? keyed.map('text', String) : keyed.stateful(COUNT, functions);
(OTHER === '' ? counted : counted.stateful(OTHER, { initial: () => 0, step: (_: unknown, item: string) => item }))
  .sink('out', print());
export default keyed.flow;
`,
);

function linnet(env: Record<string, string>, ...args: string[]) {
  const options = { cwd: root, encoding: 'utf8', timeout: 60_000 } as const;
  const all = ['--conditions=source', 'apps/cli/src/main.ts', ...args];
  return spawnSync(process.execPath, all, { ...options, env: { ...process.env, INPUT: input, ...env } });
}

let copies = 0;

/** Goes on with a changed flow from a copy of the store behind the first 200 records. */
function goOn(env: Record<string, string>, ...more: string[]) {
  const copy = join(folder, `copy-${copies++}`);
  cpSync(stored, copy, { recursive: true });
  return { copy, ...linnet(env, 'run', flow, '--recovery', copy, ...more) };
}

const first = linnet({}, 'run', flow, '--recovery', stored, '--limit', '200');
const rest = goOn({}).stdout;

test('the unchanged flow goes on where it stopped', () => {
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.stdout.split('\n').length, 201);
  assert.equal(rest.split('\n').length, 101);
  assert.match(rest, /^29 false\n/);
});

const refused: [string, Record<string, string>, string[], RegExp][] = [
  [
    'a renamed step',
    { COUNT: 'tally' },
    [],
    /the store holds the state of step "count", which the flow does not have; if it was renamed add --rename count=NEW, if it is gone add --drop count$/,
  ],
  ['a step that is gone', { COUNT: '' }, [], /step "count", which the flow does not have/],
  [
    'a renamed source',
    { SOURCE: 'readings' },
    [],
    /holds how far source "in" was read, which the flow does not have; if it was renamed add --rename in=NEW/,
  ],
  [
    'a model with other settings',
    { WINDOW: '60' },
    [],
    /step "detect" was stored with other settings: params\.window was 50, now 60; put them back, or begin that step anew with --drop detect$/,
  ],
  [
    'another kind of step of the same id',
    { COUNT: 'detect', MODEL: 'count' },
    [],
    /it was a (model|stateful) and is a/,
  ],
  [
    'a step that is not stored',
    {},
    ['--rename', 'nothing=count2'],
    /no state of a step "nothing"; stored are detect, count, in/,
  ],
  ['a step to drop that is not stored', {}, ['--drop', 'nothing'], /no state of a step "nothing"/],
  [
    'a new name that the flow does not have',
    { COUNT: 'tally' },
    ['--rename', 'count=other'],
    /cannot be renamed to "other".*detect, tally/,
  ],
  ['two steps into one', {}, ['--rename', 'count=detect'], /cannot take over|it was a/],
];

for (const [what, env, more, message] of refused) {
  test(`${what} is refused in one line, and the store is as it was`, () => {
    const changed = goOn(env, ...more);
    assert.equal(changed.status, 1);
    assert.equal(changed.stdout, '');
    assert.match(changed.stderr.trimEnd(), message);
    assert.equal(changed.stderr.trimEnd().split('\n').length, 1, changed.stderr);
    const again = linnet({}, 'run', flow, '--recovery', changed.copy);
    assert.equal(again.stdout, rest, again.stderr);
  });
}

test('--rename gives states and offsets to steps of other names; the same command works again', () => {
  const env = { COUNT: 'tally', SOURCE: 'readings' };
  const more = ['--rename', 'count=tally', '--rename', 'in=readings'];
  const changed = goOn(env, ...more);
  assert.equal(changed.stdout, rest, changed.stderr);
  const again = linnet(env, 'run', flow, '--recovery', changed.copy, ...more);
  assert.equal(again.status, 0, again.stderr);
  assert.equal(again.stdout, '');
});

test('two steps can change names', () => {
  const before = goOn({ OTHER: 'second' });
  const swap = ['--rename', 'count=second', '--rename', 'second=count'];
  const changed = linnet(
    { COUNT: 'second', OTHER: 'count' },
    'run',
    flow,
    '--recovery',
    before.copy,
    ...swap,
  );
  assert.equal(changed.status, 0, changed.stderr);
});

test('--drop begins a model with other settings anew, and nothing else', () => {
  const changed = goOn({ WINDOW: '14' }, '--drop', 'detect');
  assert.equal(changed.status, 0, changed.stderr);
  const lines = changed.stdout.trimEnd().split('\n');
  assert.equal(lines[0], '29 false');
  // The count goes on; the model is ready when it has learned a window of its own.
  assert.equal(lines.filter((line) => line.endsWith('true')).length, 300 - 200 - 14 * 7);
});

test('--drop gives up the state of a step that is gone', () => {
  const changed = goOn({ COUNT: '' }, '--drop', 'count');
  assert.equal(changed.status, 0, changed.stderr);
  assert.equal(changed.stdout.trimEnd().split('\n').length, 100);
  const state = linnet({ COUNT: '' }, 'state', flow, '--recovery', changed.copy);
  assert.doesNotMatch(state.stdout, /count/);
});

test('linnet state reports stored steps that the flow does not have', () => {
  const state = linnet({ COUNT: 'tally' }, 'state', flow, '--recovery', stored);
  assert.match(state.stdout, /step count \(stateful\): 7 keys.* not in the flow any more/);
});

test('--reset begins anew whatever changed', () => {
  const changed = goOn({ COUNT: 'tally', WINDOW: '60' }, '--reset');
  assert.equal(changed.stdout.trimEnd().split('\n').length, 300, changed.stderr);
});
