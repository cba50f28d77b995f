import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readIntelLab } from './intel-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'linnet-intel-'));
after(() => rmSync(folder, { recursive: true }));

const LINES = [
  '2004-02-29 23:59:59.9 3 1 19.9884 37.0933 45.08 2.69964',
  '2004-03-01 00:00:00 3 1 -1.5e1 37.0933 45.08 2.69964\r',
  '2004-03-01 00:00:01.5 3 1 19.9',
  '',
  '2004-02-30 00:00:01.5 3 1 19.9 1 1 1',
  '2004-03-01 24:00:00 3 1 19.9 1 1 1',
  '2004-03-01 00:00:01 3 1 warm 1 1 1',
  '2004-03-01 00:00:01 3 1.5 19 1 1 1',
  '2004-03-01 00:00:01 3 1 19 1 1 1 1',
  '2004-03-01   00:00:02.25 3 2 122.153000000000001 1 1 1',
].join('\n');

test('good lines are read, short and malformed ones counted with the first place', async () => {
  const readings: number[][] = [];
  const path = join(folder, 'lines.txt');
  writeFileSync(path, LINES);
  const counts = await readIntelLab([path], 'temperature', (...reading) => readings.push(reading));
  assert.deepEqual(counts, { lines: 9, short: 1, malformed: 5, firstBad: `${path}:3` });
  assert.deepEqual(readings, [
    [1, Date.parse('2004-02-29T23:59:59.900Z'), 19.9884],
    [1, Date.parse('2004-03-01T00:00:00Z'), -15],
    [2, Date.parse('2004-03-01T00:00:02.250Z'), 122.153],
  ]);
});

test('what is no finite number is malformed, and a line without an end is one line', async () => {
  const path = join(folder, 'endless.txt');
  const endless = '2004-03-01 00:00:00 3 1 '.padEnd(3_000_000, '9 ');
  writeFileSync(path, `2004-03-01 00:00:00 3 1 1e400 1 1 1\n${endless}\n2004-03-01 00:00:00 3 7 20.5 1 1 1`);
  const readings: number[][] = [];
  const counts = await readIntelLab([path], 'temperature', (...reading) => readings.push(reading));
  assert.deepEqual([counts.lines, counts.short, counts.malformed], [3, 0, 2]);
  assert.deepEqual(readings, [[7, Date.parse('2004-03-01T00:00:00Z'), 20.5]]);
});

test('gzip is taken off, chunks may end anywhere, another value may be asked for', async () => {
  const path = join(folder, 'many.gz');
  writeFileSync(path, gzipSync(`${LINES}\n`.repeat(9000)));
  let sum = 0;
  const counts = await readIntelLab([path], 'voltage', (_mote, _time, volts) => (sum += volts));
  assert.equal(counts.lines, 81_000);
  assert.ok(Math.abs(sum - 9000 * (2.69964 * 2 + 1 + 1)) < 1e-6, String(sum));
});

test('a missing file and damaged gzip are refused by name', async () => {
  const read = (path: string) => readIntelLab([path], 'light', () => {});
  await assert.rejects(read(join(folder, 'none')), { code: 'io.not-found', message: /none/ });
  const bad = join(folder, 'bad.gz');
  writeFileSync(bad, gzipSync(LINES).subarray(0, 60));
  await assert.rejects(read(bad), { code: 'io.failed', message: /bad\.gz/ });
});
