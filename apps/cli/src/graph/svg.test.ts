import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, print, records } from '@linnet/core';
import { edgesOf } from './describe.ts';
import { graphSvg } from './svg.ts';

test('a picture has every step, every way and the names of ports, within its frame', async () => {
  const made = flow('made');
  const { matched, rest } = made.source('in', records([1, 2])).branch('split', (value) => value > 1);
  matched
    .map('left', (value) => value)
    .merge('join', rest)
    .sink('out', print());
  const svg = await graphSvg(made.graph);
  for (const id of made.graph.steps.keys()) assert.ok(svg.includes(`>${id}</text>`), id);
  assert.equal(svg.match(/<path d="M[^"]*" fill="none"/g)?.length, edgesOf(made.graph).length);
  for (const port of ['matched', 'rest']) assert.ok(svg.includes(`>${port}</text>`), port);
  assert.doesNotMatch(svg, /NaN|undefined/);
  const [width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.slice(1).map(Number) ?? [];
  for (const [, x, y] of svg.matchAll(/ x="([\d.-]+)" y="([\d.-]+)"/g)) {
    assert.ok(Number(x) >= 0 && Number(x) <= width && Number(y) >= 0 && Number(y) <= height, `${x},${y}`);
  }
});

test('two ways between the same steps are two lines', async () => {
  const made = flow('twice');
  const { matched, rest } = made.source('in', records([1, 2])).branch('split', (value) => value > 1);
  matched.merge('join', rest).sink('out', print());
  assert.equal((await graphSvg(made.graph)).match(/<path d="M[^"]*" fill="none"/g)?.length, 4);
});

test('text of the flow is text in the picture', async () => {
  const made = flow('hostile');
  const source = { ...records([1]), name: '</text><script>alert(1)</script>&"\'\u0000' };
  made.source('in', source).sink('out', print());
  const svg = await graphSvg(made.graph);
  assert.doesNotMatch(svg, /<script/);
  assert.ok(svg.includes('&#60;/text&#62;&#60;script&#62;alert(1)'));
});
