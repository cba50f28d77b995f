/** What `linnet graph` prints is a flow chart to Mermaid's own parser, with every step, label and way. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { flow, print, records, type Flow, type Source } from '@linnet/core';
import { drawings } from '../../apps/cli/src/graph/drawings.ts';
import { loadMermaid, type Chart } from './mermaid.ts';

const root = dirname(dirname(import.meta.dirname));
const mermaid = loadMermaid();

test('the parser that the tests trust refuses what Mermaid cannot draw', async () => {
  for (const wrong of ['flowchart LR\n  end --> x\n', 'flowchart LR\n  a["x"y"]\n', 'flowchart LR\n  a[[[\n'])
    await assert.rejects(mermaid.chart(wrong), /Parse error/);
});

const flows = globSync('examples/**/*flow*.ts', { cwd: root, exclude: ['**/*.test.ts'] }).map((path) =>
  join(root, path),
);
flows.push(join(root, 'packages/connectors/src/runtime/fixtures/every-operator.ts'));

for (const path of flows) {
  test(`linnet graph ${path.slice(root.length + 1)}`, async () => {
    const linnet = (format: string) =>
      execFileSync(
        process.execPath,
        ['--conditions=source', 'apps/cli/src/main.ts', 'graph', path, '--format', format],
        { cwd: root, encoding: 'utf8' },
      );
    const { steps, edges } = JSON.parse(linnet('json')) as {
      steps: { id: string }[];
      edges: { port?: string }[];
    };
    const chart = await mermaid.chart(linnet('mermaid'));
    assert.deepEqual(
      labels(chart).map((label) => label.split('<br/>')[0]),
      steps.map(({ id }) => id),
    );
    assert.deepEqual(
      chart.edges.map(({ text }) => text),
      edges.map(({ port }) => port ?? ''),
    );
  });
}

const HOSTILE = [
  'a"]; click s0 "javascript:alert(1)"',
  '</div><script>alert(1)</script>',
  '%%{init: {"securityLevel": "loose"}}%%',
  '`**markdown**`',
  'end',
  '#quot;#35;&amp;',
  'one\ntwo\r\n%% three\nsubgraph x',
  '|x| --> y',
  '😀 é ñ 中文 \u202e \u0000',
  '$$x^2$$ fa:fa-ban',
  '---\ntitle: x\n---',
  String.raw`back\slash \" {} [] () >`,
];

test('hostile labels come out as they were written', async () => {
  for (const label of HOSTILE) {
    const chart = await mermaid.chart(await drawings.mermaid(labelled(label).graph));
    assert.equal(labels(chart)[0], `in<br/>source: ${label}`);
    assert.equal(chart.vertices.size, 2);
    assert.equal(chart.edges.length, 1);
  }
});

test('any label comes out as it was written', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(text, async (label) => {
      const chart = await mermaid.chart(await drawings.mermaid(labelled(label).graph));
      // Mermaid trims a label.
      assert.equal(labels(chart)[0], `in<br/>source: ${label}`.replace(/ +$/, ''));
    }),
    { numRuns: 200 },
  );
});

test('ids that mean something to Mermaid are steps like others', async () => {
  const ids = ['end', 'subgraph', 'click', 'a.b', 'x--y', 'default', '1', 'o', 'style'];
  const words = flow('words');
  let stream = words.source('graph', records([1]));
  for (const id of ids) stream = stream.map(id, (item) => item);
  stream.sink('flowchart', print());
  const chart = await mermaid.chart(await drawings.mermaid(words.graph));
  assert.deepEqual(
    labels(chart).map((label) => label.split('<br/>')[0]),
    ['graph', ...ids, 'flowchart'],
  );
  assert.equal(chart.edges.length, ids.length + 1);
});

function labelled(label: string): Flow {
  const made = flow('labelled');
  const source: Source<number> = { ...records([1]), name: label };
  made.source('in', source).sink('out', print());
  return made;
}

/** Labels as Mermaid would show them: its marks for #…; undone. */
function labels(chart: Chart): string[] {
  return [...chart.vertices.values()].map(({ text }) =>
    text.replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code))),
  );
}
