/** What the documentation shows is run as it is printed there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linnet, root } from './run-linnet.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-docs-'));
after(() => rmSync(folder, { recursive: true }));

/** A flow, and the command line and output that follow it. */
const EXAMPLE = /^```ts\n([^]*?)^```\n\n```text\n\$ linnet (.*)\n([^]*?)^```$/gm;

const guide = readFileSync(join(root, 'docs/flows.md'), 'utf8');
const examples = [...guide.matchAll(EXAMPLE)];

test('the guide has examples, each with its output', () => {
  assert.equal(examples.length, guide.match(/^```ts$/gm)?.length);
  assert.ok(examples.length >= 5);
});

for (const [, code = '', command = '', expected] of examples) {
  test(`docs/flows.md: linnet ${command}`, async () => {
    const args = command.split(' ');
    writeFileSync(join(folder, args[1] ?? ''), code);
    const { code: exit, stdout, stderr } = await linnet(args, { cwd: folder });
    assert.equal(exit === 0 ? stdout : stderr, expected, stderr);
  });
}

test("README's first flow, as printed: run, graph and lint", async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const code = /## A first flow\n\n```ts\n([^]*?)^```/m.exec(readme)?.[1] ?? '';
  writeFileSync(join(folder, 'first.ts'), code);
  const lines = Array.from({ length: 300 }, (_, i) =>
    JSON.stringify({ sensor: `roof ${i % 2}`, pm25: 8 + (i % 7) }),
  );
  // Both sensors need 250 readings before their models are ready.
  const calm = [...lines, ...lines];
  writeFileSync(join(folder, 'readings.jsonl'), [...calm, '{"sensor":"roof 1","pm25":900}', ''].join('\n'));
  const commands = [...readme.matchAll(/^ {4}npm run -s linnet -- (\w+ first\.ts.*)$/gm)].map(
    ([, args = '']) => args.trim().split(/ +/),
  );
  assert.deepEqual(
    commands.map(([name]) => name),
    ['run', 'graph', 'lint'],
  );
  for (const args of commands) {
    const { code: exit, stdout, stderr } = await linnet(args, { cwd: folder });
    assert.equal(exit, 0, stderr);
    const shown = {
      run: /^sensor=roof 1 pm25=900 score=0\.9/m,
      graph: /^flowchart LR/,
      lint: /nothing to mend/,
    };
    assert.match(stdout, shown[args[0] as keyof typeof shown]);
  }
});
