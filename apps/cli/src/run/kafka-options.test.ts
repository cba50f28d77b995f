/** Every option of `linnet run` is honoured with --kafka and without, or refused: none is passed over in silence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../commands/run.ts';
import { linnet } from '../../../../test/run-linnet.ts';

const FLOW = 'examples/smoke/flow.ts';
const ONE_PROCESS: Readonly<Record<string, readonly string[]>> = {
  '--workers': ['2'],
  '--limit': ['5'],
  '--recovery': ['/nowhere'],
  '--reset': [],
  '--rename': ['old=new'],
};
const OF_KAFKA: Readonly<Record<string, readonly string[]>> = {
  '--kafka-config': ['/nowhere.json'],
  '--app': ['x'],
  '--topic': ['x'],
  '--instances': ['2'],
  '--instance': ['x'],
  '--state': ['/nowhere'],
  '--health': ['0'],
  '--until-end': [],
};
/** What means the same in both; each has a test of its own. */
const BOTH = ['--output', '--commit-interval', '--state-memory', '--hot-keys', '--drop', '--kafka'];

test('an option is of one process, of Kafka, or of both', () => {
  const all = [...Object.keys(ONE_PROCESS), ...Object.keys(OF_KAFKA), ...BOTH];
  assert.deepEqual(
    runCommand()
      .options.map(({ long }) => long)
      .toSorted(),
    all.toSorted(),
  );
});

test('what is of one process is refused with --kafka, with what takes its place', async () => {
  const given = Object.entries(ONE_PROCESS).flatMap(([name, values]) => [name, ...values]);
  const { code, stderr } = await linnet(['run', FLOW, '--kafka', '127.0.0.1:1', ...given]);
  assert.equal(code, 2);
  for (const name of Object.keys(ONE_PROCESS)) assert.match(stderr, new RegExp(`no ${name} \\(`));
  assert.match(stderr, /^linnet: over Kafka there is no [^\n]*\n$/);
});

test('what is of Kafka is refused without --kafka', async () => {
  const given = Object.entries(OF_KAFKA).flatMap(([name, values]) => [name, ...values]);
  const { code, stderr } = await linnet(['run', FLOW, ...given]);
  assert.equal(code, 2);
  for (const name of Object.keys(OF_KAFKA)) assert.match(stderr, new RegExp(`no ${name}\\b`));
});
